// The numbers behind the table and the projection, each written once. The table's sentences are built from them, so
// that what is said and what is done cannot part. A change here moves connections that nobody touched: raise
// `policyVersion` with it, and every row is projected anew.

export const policyVersion = 1;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** From the making of the connect token to EXPIRED. */
export const widgetLifetime = 4 * HOUR;

/** How long a finish that began in time keeps expiry off: longer than any provider takes to answer one. */
export const holdExtension = 30 * MINUTE;

/** Both must hold: a bank that fails often within a day is passing trouble, and silence alone is no failure. */
export const continuedFailures = { count: 3, span: 14 * DAY } as const;

/** The lesser of the two: 90 days of consent warn two weeks ahead, and a week of it is not expiring from birth. */
export const consentLead = { most: 14 * DAY, share: 1 / 3 } as const;

/** How far a product's data may lag before ACTIVE is no longer earned: the greater of the two. */
export const staleness = { cadences: 3, atLeast: 48 * HOUR } as const;

/** Retries of a troubled connection grow apart no further than this. */
export const backoffCap = 24 * HOUR;

const units = [
  [WEEK, "week"],
  [DAY, "day"],
  [HOUR, "hour"],
  [MINUTE, "minute"],
] as const;

/** A duration as a person says it, in the largest unit that divides it: 14 days are "2 weeks", 36 hours stay hours. */
export function words(duration: number): string {
  for (const [length, name] of units) {
    const count = duration / length;
    if (count >= 1 && Number.isInteger(count)) return `${count} ${name}${count === 1 ? "" : "s"}`;
  }
  throw new RangeError(`A duration in policy.ts must be whole minutes, at least one; round ${duration} ms.`);
}
