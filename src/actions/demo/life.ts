/**
 * The lives of a made-up customer base, each decided by its number alone: when it was linked, what it met in a year,
 * and in which row of the table it stands today. Only what banks and customers do is decided here; the rows follow.
 */
import { createHash } from "node:crypto";
import type { Instant, Millis } from "../../core/door.ts";
import { DAY, HOUR, MINUTE } from "../../core/status/policy.ts";
import { type State, STATES } from "../../core/status/table.ts";
import type { BankRow } from "../../providers/sandbox/farm/troubles.ts";

export type Deed =
  /** The gateway reads, as it does by itself. */
  | { at: Instant; does: "read" }
  /** The application asks for a refresh. */
  | { at: Instant; does: "refresh" }
  /** The bank begins to misbehave, and the gateway reads. */
  | { at: Instant; does: "trouble"; state: BankRow | "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE" }
  /** The bank behaves again, and the gateway reads. */
  | { at: Instant; does: "heal" }
  /** The customer comes back through the widget. */
  | { at: Instant; does: "repair" }
  | { at: Instant; does: "delete" };

export interface Life {
  customer: string;
  /** The farm's own name of the bank. */
  bank: string;
  startedAt: Instant;
  /** The customer leaves the widget without finishing it. */
  abandoned: boolean;
  deeds: Deed[];
}

/** How many of a thousand stand in each row today; each row has one at least. */
const SHARES: Record<State, number> = {
  IN_PROGRESS: 7,
  EXPIRED: 30,
  ACTIVE: 762,
  "ACTIVE/ACCESS_EXPIRING_SOON": 16,
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": 9,
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": 13,
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE": 7,
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": 12,
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": 6,
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": 4,
  "DEGRADED/INTERACTIVE_REFRESH": 6,
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": 44,
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": 3,
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": 15,
  "RECONNECT_REQUIRED/OTHER": 5,
  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": 6,
  "UNRECOVERABLE/INSTITUTION_DISABLED": 3,
  "UNRECOVERABLE/OTHER": 2,
  "UNDETERMINED/AGGREGATION_TIMEOUT": 4,
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": 3,
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": 2,
  "UNDETERMINED/INTERNAL_ERROR": 1,
  DELETED: 40,
};

/** What passes, how often among ten, for how long at most, and who ends it. */
const PASSING: readonly { row: BankRow; often: number; lasts: Millis; ends: "heal" | "repair" }[] = [
  { row: "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE", often: 4, lasts: DAY, ends: "heal" },
  { row: "RECONNECT_REQUIRED/LOGIN_REQUIRED", often: 3, lasts: 12 * DAY, ends: "repair" },
  { row: "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", often: 1, lasts: 3 * DAY, ends: "heal" },
  { row: "UNDETERMINED/AGGREGATION_TIMEOUT", often: 1, lasts: 8 * HOUR, ends: "heal" },
  { row: "RECONNECT_REQUIRED/TOKEN_EXPIRED", often: 1, lasts: 8 * DAY, ends: "repair" },
];

/** The popular ones first, each with how often among ten. */
const HOUSES: readonly (readonly [string, number])[] = [
  ["bank-copper-mesa", 4],
  ["bank-tallgrass", 2],
  ["bank-lantern-harbor", 1],
  ["bank-thistle-moor", 1],
  ["bank-wrenfield", 1],
  ["bank-mfa", 1],
];

const YEAR = 365 * DAY;
/** The most popular bank was out for some hours yesterday, and some of its customers were read just then. */
const OUTAGE = { bank: "bank-copper-mesa", began: 21 * HOUR, ended: 17 * HOUR, share: 0.12 };

/** In [0, 1), the same for the same words. */
const drawn = (...words: readonly unknown[]): number =>
  createHash("sha256").update(JSON.stringify(words)).digest().readUInt32BE(0) / 2 ** 32;

function picked<T>(list: readonly T[], weight: (one: T) => number, at: number): T {
  let left = at * list.reduce((sum, one) => sum + weight(one), 0);
  return list.find((one) => (left -= weight(one)) < 0) ?? (list[0] as T);
}

/** The first lives stand one in each row; from there on chance decides. */
const endOf = (n: number): State => STATES[n] ?? picked(STATES, (state) => SHARES[state], drawn(n, "end"));

export const nameOf = (n: number): string => `demo-${String(n + 1).padStart(5, "0")}`;

export function lifeOf(n: number, now: Instant): Life {
  const chance = (what: string): number => drawn(n, what);
  const end = endOf(n);
  const bank = picked(HOUSES, ([, often]) => often, chance("bank"))[0];
  const life = { customer: nameOf(n), bank, abandoned: false };
  if (end === "IN_PROGRESS")
    return { ...life, startedAt: now - chance("age") * 3 * HOUR - MINUTE, abandoned: true, deeds: [] };
  // A base that grows: the younger the more.
  const youngest = end === "ACTIVE" || end === "EXPIRED" ? 6 * HOUR : 40 * DAY;
  const age = youngest + (YEAR - youngest) * (1 - Math.sqrt(chance("age")));
  const startedAt = now - Math.round(age);
  if (end === "EXPIRED") return { ...life, startedAt, abandoned: true, deeds: [] };
  const last = lastDeeds(n, end, bank, now, now - age + HOUR);
  const until = last[0]?.at ?? now;
  return { ...life, startedAt, deeds: [...passedDeeds(n, startedAt, until), ...last] };
}

/** What came and went in the months before. */
function passedDeeds(n: number, from: Instant, to: Instant): Deed[] {
  const first = from + MINUTE;
  const deeds: Deed[] = [{ at: first, does: "read" }];
  const months = (to - from) / (30 * DAY);
  const count = Math.min(4, Math.floor(drawn(n, "count") ** 2 * (1 + months / 2)));
  // Each in a span of its own, so that none begins before the one before has ended.
  const span = (to - first - HOUR) / Math.max(1, count);
  for (let i = 0; i < count; i++) {
    const { row, lasts, ends } = picked(PASSING, ({ often }) => often, drawn(n, "passing", i));
    const at = Math.round(first + HOUR + span * (i + 0.4 * drawn(n, "when", i)));
    const length = Math.round(Math.min(lasts, span * 0.5) * (0.1 + 0.9 * drawn(n, "length", i)));
    deeds.push({ at: at - HOUR / 2, does: "read" }, { at, does: "trouble", state: row });
    if (drawn(n, "asked", i) < 0.3) deeds.push({ at: at + length / 2, does: "refresh" });
    deeds.push({ at: at + length, does: ends });
  }
  return deeds;
}

/** Trouble of this week that is over. */
function mendedDeeds(n: number, now: Instant): Deed[] {
  const { row, lasts, ends } = picked(PASSING, ({ often }) => often, drawn(n, "mended how"));
  const ago = Math.round((0.5 + 6 * drawn(n, "mended when")) * DAY);
  const length = Math.round(Math.min(lasts, ago - 8 * HOUR) * drawn(n, "mended after"));
  return [
    { at: now - ago - HOUR, does: "read" },
    { at: now - ago, does: "trouble", state: row },
    { at: now - ago + length, does: ends },
  ];
}

/** How it came to where it stands today. */
function lastDeeds(n: number, end: State, bank: string, now: Instant, first: Instant): Deed[] {
  const read = (ago: Millis): Deed => ({ at: Math.round(Math.max(first, now - ago)), does: "read" });
  const lately = drawn(n, "lately");
  if (end === "ACTIVE") {
    const isHit = bank === OUTAGE.bank && now - 2 * DAY > first && drawn(n, "outage") < OUTAGE.share;
    const row = "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE";
    const hit: Deed[] = [
      { at: Math.round(now - OUTAGE.began + lately * HOUR), does: "trouble", state: row },
      { at: Math.round(now - OUTAGE.ended + lately * HOUR), does: "heal" },
    ];
    if (isHit) return [read(OUTAGE.began + 3 * HOUR), ...hit, read(lately * 5 * HOUR)];
    const isMended = now - 8 * DAY > first && drawn(n, "mended") < 0.06;
    return [...(isMended ? mendedDeeds(n, now) : []), read(lately * 5 * HOUR)];
  }
  if (end === "DELETED") return [read(lately * 30 * DAY + DAY), { at: now - lately * 30 * DAY, does: "delete" }];
  if (end === "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES") {
    const since = now - 17 * DAY - lately * 8 * DAY;
    const tries = [1, 4, 9, 14.5].map((days): Deed => ({ at: since + days * DAY, does: "read" }));
    return [{ at: since - HOUR, does: "read" }, { at: since, does: "trouble", state: end }, ...tries];
  }
  // Most of what is broken today broke lately; what is passing has broken the latest.
  const most = /^(DEGRADED|UNDETERMINED|ACTIVE)/.test(end) ? 2 * DAY : 30 * DAY;
  const since = Math.round(now - MINUTE - most * lately ** 3);
  const state = end as BankRow | "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE";
  return [
    { at: since - 5 * HOUR, does: "read" },
    { at: since, does: "trouble", state },
  ];
}
