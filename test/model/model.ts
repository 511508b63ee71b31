/**
 * What a connection's row must be after what was done with it, written from the design alone. Where the design leaves
 * an interval open (when exactly a run with a spread comes), more than one row is allowed, and the comment says why.
 */
import { ANSWERED, type Answered, mayReconnect, RANKS, type Rank, rankOf, type Row, type Told } from "./rows.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The widget's life. */
const OPEN = 4 * HOUR;
/** Two weeks without a success. */
const TOO_LONG = 14 * DAY;
/** Before its end, consent is told to end: for so long at most, and for a third of it at most. */
const MOST_LEAD = 14 * DAY;
/** The longest that the last success before a trouble can lie back: the sandbox's cadence and its spread. */
const CADENCE = 7 * HOUR;
/** The longest that a failing run can be put off, its spread, and the step in which the test's clock moves. */
const LAST_RETRY = 27 * HOUR;
/** Within this, passing trouble is read three times more, however the waits are spread. */
const SOME_RETRIES = 5 * HOUR;

/** A login at a bank: health is its own, and the connections that claim it share it. */
export interface Login {
  user: string;
  customer: string;
  /** What the bank does now. */
  trouble: Answered | Told | null;
  /** Whether it may go on to another trouble; what the bank would say of two at once is not always known. */
  mayChange: boolean;
  /** What runs have met since the last that went well, the latest of each rank. */
  standing: Map<Rank, Row>;
  /** The bank serves nobody any more: said, and unsaid by whatever else it says. */
  isDisabled: boolean;
  /** The runs since the last that went well, all of which failed: at least so many, the last not before `last`. */
  failing: { since: number; count: number; last: number } | null;
  /** A statement of the bank's own that stands whatever else does. */
  soft: Row | null;
  /** When the customer was last through the widget. */
  attended: number;
  /** When the bank's consent ends; null: never. */
  consentEnds: number | null;
  partial: boolean;
  /** By claim, the greatest last. */
  claims: string[];
}

export interface Connection {
  id: string;
  began: number;
  isDeleted: boolean;
  /** Null: the customer is in the widget, or was. */
  login: Login | null;
}

export interface Model {
  now: number;
  connections: Connection[];
}

export const emptyModel = (now: number): Model => ({ now, connections: [] });

/** The rows of which the connection must be in one. */
export function rowsOf({ now }: Pick<Model, "now">, { isDeleted, login, began, id }: Connection): readonly Row[] {
  if (isDeleted) return ["DELETED"];
  if (login === null) return [now - began >= OPEN ? "EXPIRED" : "IN_PROGRESS"];
  if (login.claims.at(-1) !== id) return ["PARTIALLY_ACTIVE/INACTIVE_DUPLICATE"];
  return rowsOfLogin(now, login);
}

function rowsOfLogin(now: number, login: Login): readonly Row[] {
  const [unrecoverable, reconnect, degraded, undetermined] = RANKS.map((rank) => login.standing.get(rank));
  if (login.isDisabled) return ["UNRECOVERABLE/INSTITUTION_DISABLED"];
  if (unrecoverable) return [unrecoverable];
  if (reconnect) return [reconnect];
  const lesser = degraded ?? undetermined;
  if (lesser) {
    const continued: Row = "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES";
    const { since, count, last } = login.failing ?? { since: now, count: 0, last: now };
    // The count runs from the last success, which lies up to a cadence before the first failure.
    if (now < since - CADENCE + TOO_LONG) return [lesser];
    return count >= 3 && last - since >= TOO_LONG ? [continued] : [lesser, continued];
  }
  if (login.partial) return ["PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS"];
  if (login.soft !== "ACTIVE/ACCESS_EXPIRING_SOON") return [login.soft ?? "ACTIVE"];
  const ends = login.consentEnds ?? Infinity;
  if (now >= ends) return ["RECONNECT_REQUIRED/TOKEN_EXPIRED"];
  return [now >= ends - Math.min(MOST_LEAD, (ends - login.attended) / 3) ? login.soft : "ACTIVE"];
}

/** Where the sandbox is told that access is to expire soon: an end in the lead, or else one in three days. */
export function consentOf(now: number, { attended }: Login): number {
  const left = 0.9 * Math.min(MOST_LEAD, (now - attended) / 2);
  return now + (left >= HOUR ? left : 3 * DAY);
}

/** A run tells what the bank does now. */
export function read(now: number, login: Login): void {
  const { trouble } = login;
  const meets = (row: Row): void => {
    login.isDisabled = row === "UNRECOVERABLE/INSTITUTION_DISABLED";
    if (!login.isDisabled) login.standing.set(rankOf(row) as Rank, row);
    // Our own bad request is no failure of anybody's.
    if (row !== "UNDETERMINED/INTERNAL_ERROR")
      login.failing = { since: login.failing?.since ?? now, count: (login.failing?.count ?? 0) + 1, last: now };
  };
  const wentWell = (): void => {
    forgotten(login);
    login.soft = null;
  };
  if (trouble === null) return wentWell();
  if (trouble === "DEGRADED/INTERACTIVE_REFRESH") {
    // Nothing is read without the customer: no success, and no failure.
    login.soft = trouble;
    return;
  }
  if (trouble === "ACTIVE/ACCESS_EXPIRING_SOON" || trouble === "ACTIVE/NEW_ACCOUNTS_AVAILABLE") {
    wentWell();
    login.soft = trouble;
    return;
  }
  if (trouble === "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS") {
    wentWell();
    login.partial = true;
    return;
  }
  meets(trouble);
}

/** What stood is older than what is known now. */
function forgotten(login: Login): void {
  login.standing.clear();
  Object.assign(login, { isDisabled: false, failing: null, partial: false });
}

/** Time passes: passing trouble is read again and again, at last once a day. */
export function passed(now: number, ms: number, login: Login): void {
  const { failing, standing, isDisabled } = login;
  const isTried = !isDisabled && !standing.has("UNRECOVERABLE") && !standing.has("RECONNECT_REQUIRED");
  if (failing === null || !isTried || ms < SOME_RETRIES) return;
  login.failing = { ...failing, count: failing.count + 3, last: Math.max(failing.last, now - LAST_RETRY) };
}

/** The customer has come through the widget to its end: what stood is older than this. */
export function reconnected(now: number, login: Login): void {
  login.attended = now;
  const healed: readonly (Row | null)[] = [
    "ACTIVE/ACCESS_EXPIRING_SOON",
    "ACTIVE/NEW_ACCOUNTS_AVAILABLE",
    ...Object.entries(ANSWERED).flatMap(([row, by]) => (by === "login" ? [row as Row] : [])),
  ];
  if (healed.includes(login.trouble)) login.trouble = null;
  forgotten(login);
  if (login.soft !== "DEGRADED/INTERACTIVE_REFRESH") login.soft = null;
}

/** The greatest claim is kept. */
export function claim(login: Login, id: string): void {
  login.claims = [...login.claims.filter((one) => one !== id), id];
}

export function remove(connection: Connection): void {
  connection.isDeleted = true;
  if (connection.login) connection.login.claims = connection.login.claims.filter((one) => one !== connection.id);
}

/** Whether a login's customer may come back now, whichever of its rows it is in. */
export const mayComeBack = (model: Model, connection: Connection): boolean =>
  rowsOf(model, connection).every(mayReconnect);
