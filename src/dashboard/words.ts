/** How the pages speak: a short name for each row of the table, times as people say them, and events by their names. */
import type { Actor } from "../core/status/next-step.ts";
import { DAY, HOUR, MINUTE } from "../core/status/policy.ts";
import type { State, Status } from "../core/status/table.ts";

export const NAMES: Record<State, string> = {
  IN_PROGRESS: "In the widget",
  EXPIRED: "Abandoned",
  ACTIVE: "Active",
  "ACTIVE/ACCESS_EXPIRING_SOON": "Access ends soon",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": "New accounts",
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": "Partly missing",
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE": "Duplicate",
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": "Bank is down",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": "Bank asks for something",
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": "Provider is down",
  "DEGRADED/INTERACTIVE_REFRESH": "Customer at every read",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": "New login needed",
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": "Bank under repair",
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": "Access ran out",
  "RECONNECT_REQUIRED/OTHER": "Reconnect, other",
  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": "Failing for weeks",
  "UNRECOVERABLE/INSTITUTION_DISABLED": "Bank not supported",
  "UNRECOVERABLE/OTHER": "Lost, other",
  "UNDETERMINED/AGGREGATION_TIMEOUT": "No answer in time",
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": "Needs a ticket",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": "Unknown code",
  "UNDETERMINED/INTERNAL_ERROR": "Our own fault",
  DELETED: "Deleted",
};

/** The class that colours a status; the name beside it says the same in words. */
export const TONES: Record<Status, string> = {
  IN_PROGRESS: "quiet",
  EXPIRED: "quiet",
  ACTIVE: "good",
  PARTIALLY_ACTIVE: "part",
  DEGRADED: "slow",
  RECONNECT_REQUIRED: "bad",
  UNRECOVERABLE: "lost",
  UNDETERMINED: "unknown",
  DELETED: "quiet",
};

export const toneOf = (state: string): string => TONES[state.split("/")[0] as Status] ?? "quiet";

export const ACTOR_NAMES: Record<Actor, string> = {
  customer: "Customer",
  institution: "Bank",
  provider: "Provider",
  operator: "You",
  nobody: "Nobody",
};

/** `BANK_LINKING_ACCOUNTS_UPDATED` → "Accounts updated". */
export function sentenceOf(code: string): string {
  const words = code
    .replace(/^BANK_LINKING_/, "")
    .toLowerCase()
    .replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const number = new Intl.NumberFormat("en-US");
export const counted = (count: number): string => number.format(count);

/** The gateway's clock, which a sandbox may have moved ahead of the browser's. */
let ahead = 0;
export function setNow(now: string): void {
  ahead = Date.parse(now) - Date.now();
}
export const now = (): number => Date.now() + ahead;

const SPANS: readonly [number, string][] = [
  [365 * DAY, "y"],
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
];

/** "3 h", "12 d". */
export function spanOf(ms: number): string {
  const [length, unit] = SPANS.find(([one]) => ms >= one) ?? [1000, "s"];
  return `${Math.max(0, Math.floor(ms / length))} ${unit}`;
}

export function agoOf(at: string): string {
  const ms = now() - Date.parse(at);
  if (Math.abs(ms) < 10_000) return "now";
  return ms > 0 ? `${spanOf(ms)} ago` : `in ${spanOf(-ms)}`;
}

/** In UTC, as the API, the log and a provider's support say it. */
export const stampOf = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
export const dayOf = (at: string): string =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(at),
  );
