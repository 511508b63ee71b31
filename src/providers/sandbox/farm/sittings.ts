/**
 * The customer's way in: open a sitting, log in, answer a second factor, choose accounts, and carry a slip away. The
 * application trades the slip, once and soon, for a grant. A sitting is a sealed paper in the customer's hand: nothing
 * of it is remembered, and a wrong password changes nothing.
 */
import { HOUR, MINUTE } from "../../../core/status/policy.ts";
import { accountAt } from "./accounts.ts";
import type { Owner } from "./accounts.ts";
import { ANSWER, bankOf, PASSWORD, WANTS } from "./banks.ts";
import type { Bank, Want } from "./banks.ts";
import { lineRef, loggedIn, newLine, ownerOf, placesAt, troubleFor } from "./line.ts";
import type { Line } from "./line.ts";
import { asFields, onLine, refuse, say, textOf, textsOf } from "./office.ts";
import type { Json } from "./memory.ts";
import type { Fields, Office, Reply } from "./office.ts";
import { ringFor, subscribed, write } from "./post.ts";
import { statusOf } from "./status.ts";

/** The houses' own page. */
export const DOOR = "/door";
const QUESTION = `Which four digits did we send you? (${ANSWER})`;
const SITTING_LASTS = 4 * HOUR;
const SLIP_LASTS = 30 * MINUTE;
/** A house that brings its lines to the edge of their consent gives this much of it. */
const SHORT_CONSENT = 72 * HOUR;

type Step = "login" | "way" | "answer" | "accounts";

export interface Sitting {
  mark: string;
  at: number;
  house: string;
  wants: readonly Want[];
  step: Step;
  user: string;
  /** In a repair: the line that is to be mended. */
  line: string;
  /** Where the house's own page sends the customer when they are done; "": nowhere. */
  back: string;
  /** Where the application wants to be told of the line; empty: nowhere. */
  tell: string;
}

interface Slip {
  mark: string;
  line: string;
  slip: number;
  until: number;
  wants: readonly Want[];
  places: readonly number[];
  offered: number;
  repair: boolean;
  tell: string;
}

type Repaired = { ref: string; house: string; user: string };

/** By the application. `line` is set where it asks for a repair, and has been seen to be its own. */
export function openSitting(office: Office, asked: Fields, line: Repaired | null): Reply {
  const house = line?.house ?? textOf(asked["house"]);
  if (house !== "" && bankOf(house) === undefined) return refuse("BANK-2009");
  const wants = textsOf(asked["wants"]).filter((want): want is Want => (WANTS as readonly string[]).includes(want));
  // A repair goes on with what the line was opened for.
  if (wants.length === 0 && line === null)
    return refuse("BANK-1101", { words: `wants: name at least one of ${WANTS.join(", ")}.` });
  const at = office.now;
  const mark = `${textOf(asked["mark"])}@${at}`;
  const habits = bankOf(house)?.habits;
  const anew = line !== null && habits?.relinks === true ? { anew: true } : {};
  const asks = textOf(asked["back"]);
  const back = /^https?:\/\//.test(asks) && URL.canParse(asks) ? asks : "";
  const door = habits?.page === true && back !== "" ? { door: DOOR } : {};
  const tell = textOf(asked["tell"]);
  const { user = "", ref = "" } = line ?? {};
  return seal(office, { mark, at, house, wants, step: "login", user, line: ref, back, tell }, { ...door, ...anew });
}

/** The sitting that was handed out here, while it lasts; else the code that refuses it. */
export function sittingOf(office: Office, paper: Json | undefined): Sitting | string {
  const sitting = asFields(office.seal.open("sit", paper)) as Sitting | null;
  if (sitting === null) return "BANK-2008";
  return office.now > sitting.at + SITTING_LASTS ? "BANK-2003" : sitting;
}

/** Every link of the same login is the same line, but in a house that renews; a repair stays with its line. */
const refOf = (office: Office, sitting: Sitting): string =>
  sitting.line !== ""
    ? sitting.line
    : lineRef(office.seed, office.key, sitting.house, sitting.user, labelOf(sitting).label);

const labelOf = ({ house, mark }: Pick<Sitting, "house" | "mark">): { label?: string } =>
  bankOf(house)?.habits.renews === true ? { label: mark } : {};

const seal = (office: Office, sitting: Sitting, more: Fields = {}): Reply =>
  say({ step: sitting.step, ...more, sitting: office.seal.close("sit", { ...sitting }) });

export function sit(office: Office, step: string, asked: Fields): Promise<Reply> | Reply {
  const sitting = sittingOf(office, asked["sitting"]);
  if (typeof sitting === "string") return refuse(sitting);
  // The way is chosen where the answer is given.
  if (sitting.step !== step && !(sitting.step === "way" && step === "answer")) return refuse("BANK-2007");
  if (step === "login") return login(office, sitting, asked);
  const bank = bankOf(sitting.house);
  if (bank === undefined) return refuse("BANK-2009");
  if (step === "accounts") return leave(office, sitting, textsOf(asked["accounts"]));
  if (sitting.step === "way") {
    if (bank.habits.ways?.includes(textOf(asked["answer"])) !== true) return refuse("BANK-2010");
    return seal(office, { ...sitting, step: "answer" }, { ask: QUESTION });
  }
  if (textOf(asked["answer"]) !== ANSWER) return refuse("BANK-2002");
  return choose(office, bank, sitting);
}

function login(office: Office, sitting: Sitting, asked: Fields): Promise<Reply> | Reply {
  // A sitting that was opened for one house stays in it; one that was opened for none asks for the house here.
  const house = sitting.house === "" ? textOf(asked["house"]) : sitting.house;
  const bank = bankOf(house);
  if (bank === undefined) return refuse("BANK-2009");
  // In a repair the bank knows whose login it is; another one may be typed, and is refused below.
  const user = textOf(asked["user"]).trim() || sitting.user;
  if (user === "" || user.length > 64 || textOf(asked["password"]) !== PASSWORD) return refuse("BANK-2001");
  if (sitting.line !== "" && sitting.user !== user) return refuse("BANK-2006");
  const known = { ...sitting, house, user };
  if (bank.habits.mfa !== true) return choose(office, bank, known);
  const { ways } = bank.habits;
  if (ways === undefined) return seal(office, { ...known, step: "answer" }, { ask: QUESTION });
  return seal(office, { ...known, step: "way" }, { step: "answer", ask: "How shall we send you a code?", among: ways });
}

function choose(office: Office, bank: Bank, sitting: Sitting): Promise<Reply> | Reply {
  if (bank.habits.choose !== true) return leave(office, sitting, null);
  return withAccounts(office, sitting, (_, accounts) => ({
    line: null,
    reply: seal(
      office,
      { ...sitting, step: "accounts" },
      { accounts: accounts.map(({ ref, title }) => ({ no: ref, title })) },
    ),
  }));
}

/** The slip is numbered on the line, so that each can be traded once. `chosen` null: all accounts. */
function leave(office: Office, sitting: Sitting, chosen: readonly string[] | null): Promise<Reply> {
  return withAccounts(office, sitting, (line, accounts) => {
    const shared = accounts.filter(({ ref }) => chosen === null || chosen.includes(ref));
    if (shared.length === 0 || (chosen !== null && shared.length !== new Set(chosen).size)) {
      return { line: null, reply: refuse("BANK-1101", { words: "accounts: choose at least one of those listed." }) };
    }
    const slip: Slip = {
      mark: sitting.mark,
      line: refOf(office, sitting),
      slip: line.slips + 1,
      until: office.now + SLIP_LASTS,
      wants: sitting.wants,
      places: shared.map(({ place }) => place),
      offered: accounts.length,
      repair: sitting.line !== "",
      tell: sitting.tell,
    };
    const reply = say({ step: "done", slip: office.seal.close("slip", { ...slip }) });
    return { line: { ...line, slips: slip.slip }, reply };
  });
}

type Listed = { ref: string; title: string; place: number };

function withAccounts(
  office: Office,
  sitting: Sitting,
  turn: (line: Line, accounts: readonly Listed[]) => { line: Line | null; reply: Reply },
): Promise<Reply> {
  const { house, user } = sitting;
  return onLine(office, refOf(office, sitting), (known) => {
    const line = known ?? { ...newLine(house, user, office.now), ...labelOf(sitting) };
    const owner = ownerOf(office.seed, line);
    if (owner === null) return { line: known, reply: refuse("BANK-2009") };
    const turned = turn(
      line,
      placesAt(owner, line, office.now).map((place) => accountAt(owner, place)),
    );
    return { line: turned.line ?? known, reply: turned.reply };
  });
}

/** By the application: what a slip would open, before it is traded. A house that renews has no reference for it yet. */
export function look(office: Office, asked: Fields): Promise<Reply> | Reply {
  const slip = asFields(office.seal.open("slip", asked["slip"])) as Slip | null;
  if (slip === null) return refuse("BANK-2008");
  return onLine(office, slip.line, (line) => {
    const owner = line === null ? null : ownerOf(office.seed, line);
    if (owner === null) return { line, reply: refuse("BANK-4040") };
    const accounts = slip.places.map((place) => {
      const { kind, title, number } = accountAt(owner, place);
      return { kind, title, tail: number.slice(-4) };
    });
    const renews = owner.bank.habits.renews === true;
    return { line, reply: say({ house: owner.bank.id, line: renews ? null : slip.line, accounts }) };
  });
}

/** By the application: a slip for a grant, or for the mended line. */
export async function trade(office: Office, asked: Fields): Promise<Reply> {
  const slip = asFields(office.seal.open("slip", asked["slip"])) as Slip | null;
  const sitting = asFields(office.seal.open("sit", asked["sitting"])) as Sitting | null;
  if (slip === null || sitting === null || sitting.mark !== slip.mark) return refuse("BANK-2008");
  if (office.now > slip.until) return refuse("BANK-2005");
  let anew: Granted | null = null;
  const reply = await onLine(office, slip.line, (line) => {
    anew = null;
    const owner = line === null ? null : ownerOf(office.seed, line);
    if (line === null || owner === null) return { line, reply: refuse("BANK-4040") };
    if (line.traded.some(({ slip: number }) => number === slip.slip)) return { line, reply: refuse("BANK-2004") };
    if (slip.repair && line.grants === line.ended) return { line, reply: refuse("BANK-4040") };
    const traded = line.traded.filter(({ until }) => until >= office.now);
    const spent = { ...line, traded: [...traded, { slip: slip.slip, until: slip.until }] };
    if (slip.repair && owner.bank.habits.relinks === true) {
      anew = renewed(office, line, slip);
      return { line: spent, reply: anew.reply };
    }
    const mended = subscribed(loggedIn(spent, slip.places, slip.offered, office.now), slip.tell, office.now);
    if (slip.repair) {
      // The customer has logged in for what was asked this time, too.
      const wider = { ...mended, wants: [...new Set([...mended.wants, ...slip.wants])] };
      const written = write(owner, slip.line, wider, "mended", office.now);
      return { line: written, reply: say({ state: statusOf(owner, mended, office.now) }) };
    }
    const linked = write(owner, slip.line, opened(office, owner.bank, mended, slip), "entries", office.now);
    return granted(office, owner, slip.line, linked);
  });
  const { ref, line, reply: told } = (anew as Granted | null) ?? { ref: slip.line, line: null, reply };
  if (line !== null) await onLine(office, ref, () => ({ line, reply: told }));
  await ringFor(office, ref);
  return told;
}

type Granted = { ref: string; line: Line; reply: Reply };

function granted(office: Office, owner: Owner, ref: string, line: Line): Granted {
  const { id, name } = owner.bank;
  const grant = office.seal.close("grant", { line: ref, grant: line.grants, house: id });
  const reply = say({ line: ref, grant, house: { id, name }, state: statusOf(owner, line, office.now) });
  return { ref, line, reply };
}

/** A line beside the one that was to be mended, which stays as it is. All references on it are new. */
function renewed(office: Office, { house, user, wants }: Line, slip: Slip): Granted {
  const ref = lineRef(office.seed, office.key, house, user, slip.mark);
  const line: Line = { ...newLine(house, user, office.now), label: slip.mark };
  const owner = ownerOf(office.seed, line);
  if (owner === null) throw new Error(`The house ${house} is gone.`);
  const places = placesAt(owner, line, office.now);
  const known = { ...slip, wants: slip.wants.length > 0 ? slip.wants : wants };
  const entered = subscribed(loggedIn(line, places, places.length, office.now), slip.tell, office.now);
  return granted(
    office,
    owner,
    ref,
    write(owner, ref, opened(office, owner.bank, entered, known), "entries", office.now),
  );
}

function opened(office: Office, bank: Bank, line: Line, slip: Slip): Line {
  const fresh = line.grants === line.ended;
  const { row } = bank.habits;
  const ends = row === "ACTIVE/ACCESS_EXPIRING_SOON" ? office.now + SHORT_CONSENT : undefined;
  const trouble = row === undefined ? null : troubleFor(row, undefined, ends);
  return {
    ...line,
    since: fresh ? office.now : line.since,
    asOf: fresh ? {} : line.asOf,
    wants: fresh ? slip.wants : [...new Set([...line.wants, ...slip.wants])],
    grants: line.grants + 1,
    ...(trouble === null ? {} : { trouble }),
  };
}
