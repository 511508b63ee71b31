/**
 * One endpoint's lane: makes its deliveries of what the feed has brought, and sends what is due, a few at a time. No
 * lane knows of another; an endpoint that fails keeps one place for one try and waits between two. One that has failed
 * for days is left alone but for a daily look, and comes back by itself when it answers.
 */
import type { Instant } from "../core/door.ts";
import { nextDue, oldestPending } from "../store/deliveries.ts";
import { headOf } from "../store/feed.ts";
import { endTask, reschedule, type Task } from "../store/tasks.ts";
import { getProfile, type WebhookProfile } from "../store/webhook-profiles.ts";
import { HALF_OPEN_EVERY } from "../webhooks/schedule.ts";
import type { Gateway } from "./gateway.ts";
import { openJournal } from "./journal.ts";
import { laneOf, sendDue, takeIn, tryOnce } from "./lane.ts";

export async function deliver(gateway: Gateway, task: Task): Promise<void> {
  const { db, door } = gateway;
  const profile = await getProfile(db, task.subject);
  if (!profile) return void (await endTask(db, task.home, task.subject, task.kind));
  // A new event makes the lane due at once; an endpoint that fails is left its pause all the same.
  const isPaused = profile.pausedUntil !== null && profile.pausedUntil > door.now();
  if (profile.disabledBecause === "FAILING") await lookAgain(gateway, profile);
  else if (profile.status === "ACTIVE" && !isPaused) await sendDue(gateway, task);
  const after = await getProfile(db, task.subject);
  await reschedule(db, task, after ? await nextTurn(gateway, after, door.now()) : Infinity, 0);
}

async function nextTurn(gateway: Gateway, profile: WebhookProfile, now: Instant): Promise<Instant> {
  if (profile.disabledBecause === "FAILING") return now + HALF_OPEN_EVERY;
  if (profile.status === "DISABLED") return Infinity;
  const isBehind = BigInt(profile.cursor) < BigInt(await headOf(gateway.db));
  return Math.max(isBehind ? now : await nextDue(gateway.db, profile.id), profile.pausedUntil ?? now);
}

/** Half open: one try of the oldest that waits; where it is received, the lane is open again. */
async function lookAgain(gateway: Gateway, profile: WebhookProfile): Promise<void> {
  await takeIn(gateway, profile.id);
  const due = await oldestPending(gateway.db, profile.id);
  if (!due) return;
  const journal = openJournal(gateway, profile.id);
  await tryOnce(gateway, laneOf(gateway, profile), due, journal);
  await journal.written();
}
