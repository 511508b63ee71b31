/** Forgets, once a day, what is older than it is worth; of a deleted connection the tombstone, at last. */
import type { Millis } from "../core/door.ts";
import { DAY } from "../core/status/policy.ts";
import {
  type Forget,
  forgetActivities,
  forgetCallCounts,
  forgetClosedLogins,
  forgetDeletedCustomers,
  forgetEvents,
  forgetIdempotencyKeys,
  forgetInbound,
  forgetProcessorTokens,
  forgetRefreshes,
  forgetSessions,
  forgetTimeline,
  forgetTombstones,
} from "../store/retention.ts";
import { makeDue, reschedule, type Task } from "../store/tasks.ts";
import type { Gateway } from "./gateway.ts";
import { ENDPOINTS } from "./place-news.ts";

/** In this order: what stands for others goes after them. */
export const RETENTION = {
  idempotencyKeys: { kept: 7 * DAY, forget: forgetIdempotencyKeys },
  processorTokens: { kept: 7 * DAY, forget: forgetProcessorTokens },
  // A month's bill can be held against them.
  callCounts: { kept: 62 * DAY, forget: forgetCallCounts },
  sessions: { kept: 30 * DAY, forget: forgetSessions },
  inbound: { kept: 14 * DAY, forget: forgetInbound },
  activity: { kept: 30 * DAY, forget: forgetActivities },
  events: { kept: 30 * DAY, forget: forgetEvents },
  timeline: { kept: 365 * DAY, forget: forgetTimeline },
  refreshes: { kept: 365 * DAY, forget: forgetRefreshes },
  tombstones: { kept: 365 * DAY, forget: forgetTombstones },
  closedLogins: { kept: 365 * DAY, forget: forgetClosedLogins },
  deletedCustomers: { kept: 365 * DAY, forget: forgetDeletedCustomers },
} as const satisfies Record<string, { kept: Millis; forget: Forget }>;

const BATCH = 2_000;
const SUBJECT = "retention";

/** At a start: the task is there, and looks at once. */
export const keepSweeping = ({ db, door }: Gateway): Promise<void> =>
  makeDue(db, ENDPOINTS, SUBJECT, "sweep", door.now(), door.now());

export async function sweep(gateway: Gateway, task: Task): Promise<void> {
  const { db, door } = gateway;
  for (const { kept, forget } of Object.values(RETENTION)) {
    // A batch is one transaction: what it locks, it holds until all of it is gone.
    while ((await db.tx("forget", (sql) => forget(sql, door.now() - kept, BATCH))) >= BATCH);
  }
  await reschedule(db, task, door.now() + DAY, 0);
}
