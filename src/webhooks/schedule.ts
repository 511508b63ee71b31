/** When a delivery is tried again, and when an endpoint has failed for so long that it is left alone. Pure. */
import type { Instant, Millis } from "../core/door.ts";
import { DAY, HOUR, MINUTE } from "../core/status/policy.ts";

const SECOND = 1000;

/** One wait between each two tries: twelve tries in all, over more than 75 hours however the jitter falls. */
export const WAITS: readonly Millis[] = [
  5 * SECOND,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  16 * HOUR,
  DAY,
  DAY,
  DAY,
];

/** Waits are spread by this share either way, so that what failed together does not come back together. */
const SPREAD = 0.2;
/** A receiver may ask for patience, and not for oblivion. */
export const MOST_PATIENCE = DAY;

/** `tries`: how many there were, the one that just failed included. `chance` is in [0, 1). Null: never again. */
export function nextTry(tries: number, now: Instant, chance: number, retryAfter: Millis | null): Instant | null {
  const wait = WAITS[tries - 1];
  if (wait === undefined) return null;
  const spread = Math.round(wait * (1 - SPREAD + 2 * SPREAD * chance));
  return now + Math.max(spread, Math.min(retryAfter ?? 0, MOST_PATIENCE));
}

/** Seconds, or a date of HTTP; null: neither. Held against real time, as the receiver's clock is. */
export function retryAfterOf(header: string | string[] | undefined, wall: Instant): Millis | null {
  const [text = ""] = [header].flat();
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * SECOND;
  const at = text.includes("GMT") ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - wall);
}

/** From so many failures in a row on, an endpoint is asked one at a time, with a pause between. */
const BREAKS_AT = 3;
const FIRST_PAUSE = 10 * SECOND;
export const MOST_PAUSE = 5 * MINUTE;
/** How many are under way at once to an endpoint that answers. */
export const SLOTS = 8;

export const slotsOf = (failures: number): number => (failures < BREAKS_AT ? SLOTS : 1);

/**
 * How long an endpoint is left alone between two tries, whatever waits for it: the longer the more it failed, and as
 * long as it asked for itself (`patience`).
 */
export const pauseOf = (failures: number, patience: Millis | null = null): Millis =>
  Math.max(
    failures < BREAKS_AT ? 0 : Math.min(FIRST_PAUSE * 2 ** Math.min(failures - BREAKS_AT, 20), MOST_PAUSE),
    Math.min(patience ?? 0, MOST_PATIENCE),
  );

/** Both must hold: a burst of failures is no long failure, and silence alone is no failure. */
export const LONG_FAILURE = { count: 10, span: 5 * DAY } as const;

export const isLongFailure = (failures: number, failingSince: Instant, now: Instant): boolean =>
  failures >= LONG_FAILURE.count && now - failingSince >= LONG_FAILURE.span;

/** How often an endpoint that was left alone is asked whether it is back. */
export const HALF_OPEN_EVERY = DAY;
