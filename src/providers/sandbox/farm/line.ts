/**
 * A line: the farm's standing connection between one application and one customer's login at one house. Its reference
 * is the same at every link of that login, so that a second link shows as a duplicate. All that changes is here.
 */
import type { Instant } from "../../../core/door.ts";
import { MINUTE } from "../../../core/status/policy.ts";
import { accountAt, firstPlaces } from "./accounts.ts";
import type { Owner } from "./accounts.ts";
import { bankOf } from "./banks.ts";
import type { Bank, Want } from "./banks.ts";
import type { Day } from "./days.ts";
import { mark } from "./draw.ts";
import type { Post } from "./letter.ts";
import type { Json } from "./memory.ts";
import { isBankRow, troubleRow } from "./troubles.ts";
import type { Trouble } from "./troubles.ts";

export interface Standing {
  answers: Trouble;
  heals: "login" | "bank";
  /** The accounts concerned; absent: the whole line. */
  accounts?: readonly string[];
  /** Of a consent: its end. */
  ends?: Instant;
}

export interface Line {
  house: string;
  user: string;
  since: Instant;
  /** The customer's latest finished login. */
  attended: Instant;
  wants: readonly Want[];
  /** The places of the accounts that are shared. */
  picked: readonly number[];
  /** How many the bank had at that login: what is there beyond them is new. */
  offered: number;
  /** Accounts that troubles have opened so far. */
  extra: number;
  slips: number;
  traded: readonly { slip: number; until: Instant }[];
  grants: number;
  /** Grants up to this one have ended. */
  ended: number;
  calls: number;
  asOf: Partial<Record<Want, Instant>>;
  /** Reads of the day, while the customer was away. */
  used: { day: Day; reads: Partial<Record<Want, number>> };
  shiftedOn?: Day;
  trouble?: Standing;
  /** Which line of the same login it is, where it is not the first. */
  label?: string;
  /** Where the farm posts what happens here; absent: nobody asked for it. */
  post?: Post;
}

/** How long the bank takes a customer for present after a login. */
export const PRESENCE = 10 * MINUTE;

export const lineRef = (seed: string, key: string, house: string, user: string, label?: string): string =>
  `ln_${mark(seed, key, house, user, "line", ...(label === undefined ? [] : [label]))}`;

export const lineKey = (ref: string): string => `line/${ref}`;

export const newLine = (house: string, user: string, now: Instant): Line => ({
  house,
  user,
  since: now,
  attended: now,
  wants: [],
  picked: [],
  offered: 0,
  extra: 0,
  slips: 0,
  traded: [],
  grants: 0,
  ended: 0,
  calls: 0,
  asOf: {},
  used: { day: 0, reads: {} },
});

export const asLine = (document: Json): Line | null => document as unknown as Line | null;
export const asJson = (line: Line): Json => line as unknown as Json;

export function ownerOf(seed: string, { house, user, label }: Pick<Line, "house" | "user" | "label">): Owner | null {
  const bank = bankOf(house);
  return bank === undefined ? null : { seed, bank, user, ...(label === undefined ? {} : { label }) };
}

/** The places of all accounts that the bank has for this login now, shared or not. */
export function placesAt(owner: Owner, line: Line, now: Instant): number[] {
  const { opens } = owner.bank.habits;
  const later = opens !== undefined && now >= line.since + opens ? 1 : 0;
  const troubled = line.trouble?.answers.kind === "more" ? 1 : 0;
  const first = firstPlaces(owner);
  const next = Math.max(...first) + 1;
  const more = Array.from({ length: later + line.extra + troubled }, (_, at) => next + at);
  return [...first, ...more];
}

/** When the consent ends: what a trouble states, or the house's habit; null: it does not end. */
export function consentEnd(bank: Bank, line: Line): Instant | null {
  if (line.trouble?.ends !== undefined) return line.trouble.ends;
  return bank.habits.consent === undefined ? null : line.attended + bank.habits.consent;
}

export const mustBePresent = (bank: Bank, line: Line): boolean =>
  bank.habits.present === true || line.trouble?.answers.kind === "present";

export const isPresent = (line: Line, now: Instant): boolean => now < line.attended + PRESENCE;

/** Account's reference → the code that it answers. */
export function accountFaults(owner: Owner, line: Line): ReadonlyMap<string, string> {
  const { trouble } = line;
  if (trouble?.answers.kind !== "accounts") return new Map();
  const { code } = trouble.answers;
  const last = line.picked.at(-1) ?? 0;
  return new Map((trouble.accounts ?? [accountAt(owner, last).ref]).map((ref) => [ref, code]));
}

/** A trouble as the desk, or the house's own habit, brings it onto the line; null: that row is not an account's. */
export function troubleFor(row: string, accounts?: readonly string[], ends?: Instant): Standing | null {
  if (!isBankRow(row)) return null;
  const { answers, heals, forAccounts } = troubleRow(row);
  const whole: Standing = ends === undefined ? { answers, heals } : { answers, heals, ends };
  if (accounts === undefined || accounts.length === 0) return whole;
  return forAccounts === undefined ? null : { heals, accounts, answers: { kind: "accounts", code: forAccounts } };
}

/** The customer has logged in, once more or for the first time: what a login heals is healed. */
export function loggedIn(line: Line, picked: readonly number[], offered: number, now: Instant): Line {
  const { trouble, ...rest } = line;
  const opened = trouble?.answers.kind === "more" ? 1 : 0;
  const healed = trouble?.heals === "login";
  return {
    ...rest,
    ...(trouble === undefined || healed ? {} : { trouble }),
    attended: now,
    picked,
    offered,
    extra: line.extra + opened,
  };
}
