/** Bounds on what the gateway keeps: how much of anything, and for how long. */
import { MOST as NOTED, MOST_WEIGHT } from "../../src/actions/activity.ts";
import { MOST as EXCHANGED } from "../../src/actions/exchange.ts";
import { RETENTION } from "../../src/actions/sweep.ts";
import { DEPTH, FIELDS, TEXT } from "../../src/core/masks.ts";
import { MOST as REQUEST_NOTED } from "../../src/http/request-log.ts";
import { LOG_LIMIT } from "../../src/postgres/server.ts";
import { MOST_WAITING } from "../../src/store/copy.ts";
import type { Bound } from "./bound.ts";

const KEPT = {
  idempotencyKeys: "idempotency keys",
  processorTokens: "processor tokens of which nothing is left",
  callCounts: "counts of calls",
  sessions: "sessions that ended",
  inbound: "bodies of providers' webhooks",
  activity: "the activity log",
  events: "events, and so replay",
  timeline: "timelines",
  refreshes: "refreshes that were asked for",
  tombstones: "tombstones of deleted connections",
  closedLogins: "closed logins",
  deletedCustomers: "ids of deleted customers",
} as const satisfies Record<keyof typeof RETENTION, string>;

export const KEPT_BOUNDS: readonly Bound[] = [
  {
    what: "Lines of the activity log that wait to be written",
    value: NOTED,
    unit: "at most",
    in: "src/actions/activity.ts",
    seen: "the next is dropped and counted in `/metrics`",
    by: "test/http/activity.test.ts",
  },
  {
    what: "Their bodies together",
    value: MOST_WEIGHT,
    unit: "characters",
    in: "src/actions/activity.ts",
    seen: "the next is dropped and counted in `/metrics`",
    by: "test/http/activity.test.ts",
  },
  {
    what: "A body in the activity log: a request's",
    value: REQUEST_NOTED,
    unit: "bytes",
    in: "src/http/request-log.ts",
    seen: "its size stands in its place",
  },
  {
    what: "A body in the activity log: a provider's",
    value: EXCHANGED,
    unit: "bytes",
    in: "src/actions/exchange.ts",
    seen: "its size stands in its place",
  },
  { what: "A text in it", value: TEXT, unit: "characters", in: "src/core/masks.ts", seen: "it is cut" },
  { what: "Fields of an object in it", value: FIELDS, unit: "at most", in: "src/core/masks.ts", seen: "it is cut" },
  { what: "Depth of a body in it", value: DEPTH, unit: "levels", in: "src/core/masks.ts", seen: "it is cut" },
  {
    what: "The built-in database's log",
    value: LOG_LIMIT,
    unit: "bytes",
    in: "src/postgres/server.ts",
    seen: "it begins anew",
  },
  {
    what: "Of a backup, waiting for a slow disk or reader",
    value: MOST_WAITING,
    unit: "bytes",
    in: "src/store/copy.ts",
    seen: "the database waits",
  },
  ...Object.entries(KEPT).map(
    ([name, what]): Bound => ({
      what: `Kept: ${what}`,
      value: RETENTION[name as keyof typeof RETENTION].kept,
      unit: "time",
      in: "src/actions/sweep.ts",
      seen: "then forgotten, once a day",
      by: "test/actions/sweep.test.ts",
    }),
  ),
];
