/** One turn of an endpoint's lane: what is due is sent, so many at once, until nothing is left or the turn is over. */
import type { Door, Instant } from "../core/door.ts";
import { type Due, dueDeliveries, fanOut } from "../store/deliveries.ts";
import { holds, isDueAgain, LEASE, type Task } from "../store/tasks.ts";
import { getProfile, lockProfile, saveProfile, type WebhookProfile } from "../store/webhook-profiles.ts";
import { envelopeOf } from "../webhooks/payload.ts";
import { HALF_OPEN_EVERY, nextTry, slotsOf } from "../webhooks/schedule.ts";
import type { Endpoint } from "../webhooks/sign.ts";
import type { Gateway } from "./gateway.ts";
import { type Journal, openJournal } from "./journal.ts";
import { judgeEndpoint } from "./judge-endpoint.ts";
import { LeaseLost } from "./run.ts";
import { endpointOf, sendWebhook } from "./send-webhook.ts";

const BATCH = 200;
/** How much of the feed is looked at in one transaction, whether the endpoint wants it or not. */
const INTAKE = 1000;
/** A lane gives its place to another after so long, however much is left. */
const TURN = 10_000;
const LOOK = 250;

/** The endpoint as it was when it was last looked at; what it answers is noted here at once. */
export interface Lane {
  profile: WebhookProfile;
  endpoint: Endpoint;
  seenAt: Instant;
  /** Raised by each failure that counts: whatever began before it tells nothing new. */
  wave: number;
}

export const laneOf = (gateway: Gateway, profile: WebhookProfile): Lane => ({
  profile,
  endpoint: endpointOf(gateway, profile),
  seenAt: gateway.door.wall(),
  wave: 0,
});

export async function sendDue(gateway: Gateway, task: Task): Promise<void> {
  const { db, door } = gateway;
  const until = door.wall() + TURN;
  const underWay = new Map<string, Promise<void>>();
  const journal = openJournal(gateway, task.subject);
  const bell = openBell(door);
  const queue: Due[] = [];
  let lane: Lane | null = null;
  let isFull = true as boolean;
  let broken = null as { error: unknown } | null;
  const ends = (id: string, error?: unknown) => {
    if (error !== undefined) broken ??= { error };
    underWay.delete(id);
    bell.ring();
  };
  try {
    for (;;) {
      const mayTake = broken === null && !journal.isBroken() && door.wall() < until;
      // With less than a batch in hand there is no more, unless news came meanwhile.
      if (mayTake && queue.length === 0 && (isFull || (await isDueAgain(db, task)))) {
        if (!(await holds(db, task, door.wall() + LEASE))) throw new LeaseLost("deliver");
        if (journal.open().length > BATCH) await journal.written();
        lane = await refilled(gateway, task.subject, lane, queue, [...underWay.keys(), ...journal.open()]);
        isFull = queue.length >= BATCH;
      } else if (mayTake && lane && queue.length > 0 && door.wall() - lane.seenAt >= LOOK) {
        // Switched off, moved or rotated meanwhile: what is in hand is not sent as if it were not.
        lane = await lookedAt(gateway, task.subject, lane);
      }
      const slots = mayTake && lane ? slotsOf(lane.profile.failures) : 0;
      while (lane && underWay.size < slots) {
        const due = queue.shift();
        if (!due) break;
        underWay.set(
          due.id,
          tryOnce(gateway, lane, due, journal).then(
            () => ends(due.id),
            (error: unknown) => ends(due.id, error),
          ),
        );
      }
      if (underWay.size === 0) break;
      await bell.next();
      // Failures, or the receiver's own word, may have closed the lane: what was planned for it waits.
      if (lane && (lane.profile.pausedUntil ?? 0) > door.now()) break;
    }
  } finally {
    bell.close();
    // Whatever ended the turn: the next one must not meet what this one has under way.
    await Promise.all(underWay.values());
    await journal.written();
  }
  if (broken) throw broken.error;
}

/** Rings when a try ends, and now and then: news must not wait for a receiver that takes its time. */
function openBell(door: Door) {
  const over = new AbortController();
  let { promise, resolve } = Promise.withResolvers<void>();
  const ring = () => {
    resolve();
    ({ promise, resolve } = Promise.withResolvers<void>());
  };
  async function tick(): Promise<void> {
    while (!over.signal.aborted) {
      await door.wait(LOOK, over.signal).catch(() => undefined);
      ring();
    }
  }
  void tick();
  return { ring, next: () => promise, close: () => over.abort() };
}

/** The endpoint as it is now, with what is due for it. Null: nothing may be sent. */
async function refilled(
  gateway: Gateway,
  id: string,
  old: Lane | null,
  queue: Due[],
  but: readonly string[],
): Promise<Lane | null> {
  const { db, door } = gateway;
  await takeIn(gateway, id);
  const lane = await lookedAt(gateway, id, old);
  if (lane) queue.push(...(await dueDeliveries(db, id, door.now(), BATCH, but)));
  return lane;
}

/** The same lane, for what is under way notes its end there. Null: nothing may be sent. */
async function lookedAt(gateway: Gateway, id: string, old: Lane | null): Promise<Lane | null> {
  const profile = await getProfile(gateway.db, id);
  if (!profile || profile.status !== "ACTIVE") return null;
  const fresh = laneOf(gateway, profile);
  return old ? Object.assign(old, fresh, { wave: old.wave }) : fresh;
}

/** What the feed has brought, up to a batch; the cursor moves with it. */
export const takeIn = ({ db, door }: Gateway, id: string): Promise<void> =>
  db.tx("fan out", async (sql) => {
    const profile = await lockProfile(sql, id);
    if (!profile || profile.disabledBecause === "OPERATOR" || profile.disabledBecause === "GONE") return;
    const cursor = await fanOut(sql, id, profile.cursor, profile.eventTypes, INTAKE, door.now());
    if (cursor !== profile.cursor) await saveProfile(sql, { ...profile, cursor });
  });

/** Sends, and has written down what came of it. The lane learns of it at once: it closes with its failures. */
export async function tryOnce(gateway: Gateway, lane: Lane, due: Due, journal: Journal): Promise<void> {
  const { door, accountId, salt } = gateway;
  const { profile, endpoint, wave } = lane;
  const body = due.body ?? JSON.stringify(envelopeOf(due, { accountId, salt, profile }));
  const retry = due.tries > 0 && due.reason !== null ? { count: due.tries, reason: due.reason } : null;
  const outcome = await sendWebhook(gateway, endpoint, due.id, body, retry);
  const chance = (door.random(1)[0] ?? 0) / 256;
  const now = door.now();
  const next = nextTry(due.tries + 1, now, chance, outcome.retryAfter);
  // A look whether the endpoint is back costs the event none of its tries: it is sent when the endpoint is.
  const isLook = profile.disabledBecause === "FAILING";
  journal.add({
    home: due.home,
    eventId: due.id,
    dueAt: due.dueAt,
    at: outcome.at,
    url: endpoint.url,
    body,
    code: outcome.code,
    reason: outcome.reason,
    detail: outcome.detail,
    ms: outcome.ms,
    answer: outcome.answer,
    nextAt: outcome.reason === null ? null : (next ?? (isLook ? now + HALF_OPEN_EVERY : null)),
  });
  if (outcome.reason === null && lane.profile.failures === 0) return;
  // One blip meets all that is under way at that moment, and is one failure.
  if (wave !== lane.wave && !outcome.isGone) return;
  if (outcome.reason !== null) lane.wave++;
  await judgeEndpoint(gateway, lane, outcome, now);
}
