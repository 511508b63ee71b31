/** What a try says of its endpoint: that it is well, fails, asks for patience, or is there no more. */
import type { Instant } from "../core/door.ts";
import { raise, settle } from "../store/incidents.ts";
import { type DisabledBecause, lockProfile, saveProfile, type WebhookProfile } from "../store/webhook-profiles.ts";
import { isLongFailure, pauseOf } from "../webhooks/schedule.ts";
import type { Gateway } from "./gateway.ts";
import type { Outcome } from "./send-webhook.ts";

/** `lane` learns of it first, so that nothing more is begun while it is written. */
export async function judgeEndpoint(
  gateway: Gateway,
  lane: { profile: WebhookProfile },
  outcome: Outcome,
  now: Instant,
): Promise<void> {
  const { id } = lane.profile;
  const isReceived = outcome.reason === null;
  lane.profile = { ...lane.profile, ...healthAfter(lane.profile, outcome, now) };
  const because = await gateway.db.tx("endpoint", async (sql) => {
    const fresh = await lockProfile(sql, id);
    if (!fresh) return null;
    const health = healthAfter(fresh, outcome, now);
    const end = fresh.status === "ACTIVE" ? endOf(outcome, health, now) : null;
    const disabled = end === null ? {} : ({ status: "DISABLED", disabledBecause: end, disabledAt: now } as const);
    const isBack = isReceived && fresh.disabledBecause === "FAILING";
    const back = isBack ? ({ status: "ACTIVE", disabledBecause: null, disabledAt: null } as const) : {};
    await saveProfile(sql, { ...fresh, ...health, ...disabled, ...back });
    return isBack ? "back" : end;
  });
  if (because === "back") await settle(gateway.db, "webhook-disabled", id, now);
  else if (because !== null) await notice(gateway, lane.profile, because, outcome, now);
}

type Health = Pick<WebhookProfile, "failures" | "failingSince" | "pausedUntil">;

function healthAfter(before: Health, { reason, patience }: Outcome, now: Instant): Health {
  if (reason === null) return { failures: 0, failingSince: null, pausedUntil: null };
  const failures = before.failures + 1;
  const pause = pauseOf(failures, patience);
  // A worker that was stalled tells of its try late: what it says of an earlier time shortens no pause.
  const until = Math.max(before.pausedUntil ?? 0, pause > 0 ? now + pause : 0);
  return { failures, failingSince: before.failingSince ?? now, pausedUntil: until > 0 ? until : null };
}

function endOf(outcome: Outcome, { failures, failingSince }: Health, now: Instant): DisabledBecause | null {
  if (outcome.isGone) return "GONE";
  return failingSince !== null && isLongFailure(failures, failingSince, now) ? "FAILING" : null;
}

/** The address itself is not told: its query may hold what is nobody's business. */
async function notice(
  { db, door, log }: Gateway,
  { id, name }: WebhookProfile,
  because: DisabledBecause,
  { reason }: Outcome,
  now: Instant,
): Promise<void> {
  log.warn({ profile: id, because, reason }, "A webhook endpoint is disabled");
  await raise(db, door, "webhook-disabled", null, id, { profileId: id, name, because, reason }, now);
}
