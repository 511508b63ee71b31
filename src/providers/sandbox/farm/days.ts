// The farm's own calendar: a day is a number since 1970, and on the wire a number like 20261122.
import type { Instant } from "../../../core/door.ts";
import { DAY } from "../../../core/status/policy.ts";

export type Day = number;

export const dayOf = (at: Instant): Day => Math.floor(at / DAY);
export const startOf = (day: Day): Instant => day * DAY;

/** Whole seconds: the farm's only form of a time. */
export const seconds = (at: Instant): number => Math.floor(at / 1000);

export function wireDay(day: Day): number {
  const date = new Date(startOf(day));
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

export const dayOfMonth = (day: Day): number => new Date(startOf(day)).getUTCDate();
