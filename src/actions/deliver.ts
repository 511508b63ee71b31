/**
 * One endpoint's lane: makes its deliveries of what the feed has brought, and sends what is due, a few at a time. No
 * lane knows of another; an endpoint that fails keeps one place for one try and waits between two. One that has failed
 * for days is left alone but for a daily look, and comes back by itself when it answers.
 */
import type { Door, Instant } from "../core/door.ts";
import {
  dueDeliveries,
  type Due,
  fanOut,
  nextDue,
  oldestPending,
  recordTries,
  type Tried,
} from "../store/deliveries.ts";
import { headOf } from "../store/feed.ts";
import { raise, settle } from "../store/incidents.ts";
import { endTask, holds, isDueAgain, LEASE, reschedule, type Task } from "../store/tasks.ts";
import {
  type DisabledBecause,
  getProfile,
  lockProfile,
  saveProfile,
  type WebhookProfile,
} from "../store/webhook-profiles.ts";
import { envelopeOf } from "../webhooks/payload.ts";
import type { Endpoint } from "../webhooks/sign.ts";
import { HALF_OPEN_EVERY, isLongFailure, nextTry, pauseOf, slotsOf } from "../webhooks/schedule.ts";
import type { Gateway } from "./gateway.ts";
import { LeaseLost } from "./run.ts";
import { endpointOf, type Outcome, sendWebhook } from "./send-webhook.ts";

const BATCH = 200;
/** How much of the feed is looked at in one transaction, whether the endpoint wants it or not. */
const INTAKE = 1000;
/** A lane gives its place to another after so long, however much is left. */
const TURN = 10_000;
const LOOK = 250;

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

async function sendDue(gateway: Gateway, task: Task): Promise<void> {
  const { db, door } = gateway;
  const until = door.wall() + TURN;
  const underWay = new Map<string, Promise<void>>();
  const journal = openJournal(gateway, task.subject);
  const bell = openBell(door);
  const queue: Due[] = [];
  let lane: Lane | null = null;
  let isFull = true as boolean;
  let broken: { error: unknown } | null = null;
  for (;;) {
    const mayTake = broken === null && door.wall() < until;
    // With less than a batch in hand there is no more, unless news came meanwhile.
    if (mayTake && queue.length === 0 && (isFull || (await isDueAgain(db, task)))) {
      if (!(await holds(db, task, door.wall() + LEASE))) broken = { error: new LeaseLost("deliver") };
      if (journal.open().length > BATCH) await journal.written();
      lane = broken ? null : await refilled(gateway, task.subject, queue, [...underWay.keys(), ...journal.open()]);
      isFull = queue.length >= BATCH;
    }
    const slots = mayTake && lane ? slotsOf(lane.profile.failures) : 0;
    while (lane && underWay.size < slots) {
      const due = queue.shift();
      if (!due) break;
      const ends = (error?: unknown) => {
        if (error !== undefined) broken ??= { error };
        underWay.delete(due.id);
        bell.ring();
      };
      underWay.set(
        due.id,
        tryOnce(gateway, lane, due, journal).then(() => ends(), ends),
      );
    }
    if (underWay.size === 0) break;
    await bell.next();
    // One failure more may have closed the lane: what was planned for it waits.
    if (lane && pauseOf(lane.profile.failures) > 0) break;
  }
  bell.close();
  await Promise.all(underWay.values());
  await journal.written();
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

/** The endpoint as it was when its queue was filled; what it answers is noted here at once. */
interface Lane {
  profile: WebhookProfile;
  endpoint: Endpoint;
}

interface Journal {
  add(tried: Tried): void;
  /** What was tried, and is not written yet. */
  open(): readonly string[];
  /** Everything is; throws what kept it from being. */
  written(): Promise<void>;
}

/**
 * Writes down what became of tries, all that came together at once, while the next ones are under way: an
 * endpoint is not kept waiting for a disk. What a crash keeps from being written is sent once more, under its old id.
 */
function openJournal({ db, door }: Gateway, profileId: string): Journal {
  const waiting: Tried[] = [];
  const open = new Set<string>();
  let writing: Promise<void> | null = null;
  let failed: { error: unknown } | null = null;
  async function write(): Promise<void> {
    while (waiting.length > 0 && failed === null) {
      const batch = waiting.splice(0);
      await recordTries(db, door, profileId, batch);
      for (const { eventId } of batch) open.delete(eventId);
    }
  }
  return {
    add(tried) {
      waiting.push(tried);
      open.add(tried.eventId);
      writing ??= write()
        .catch((error: unknown) => {
          failed ??= { error };
        })
        .finally(() => {
          writing = null;
        });
    },
    open: () => [...open],
    async written() {
      await writing;
      if (failed) throw failed.error;
    },
  };
}

/** The endpoint as it is now, with what is due for it. Null: nothing may be sent. */
async function refilled(gateway: Gateway, id: string, queue: Due[], but: readonly string[]): Promise<Lane | null> {
  const { db, door } = gateway;
  await takeIn(gateway, id);
  const profile = await getProfile(db, id);
  if (!profile || profile.status !== "ACTIVE") return null;
  queue.push(...(await dueDeliveries(db, id, door.now(), BATCH, but)));
  return { profile, endpoint: endpointOf(gateway, profile) };
}

/** What the feed has brought, up to a batch; the cursor moves with it. */
const takeIn = ({ db, door }: Gateway, id: string): Promise<void> =>
  db.tx("fan out", async (sql) => {
    const profile = await lockProfile(sql, id);
    if (!profile || profile.disabledBecause === "OPERATOR" || profile.disabledBecause === "GONE") return;
    const cursor = await fanOut(sql, id, profile.cursor, profile.eventTypes, INTAKE, door.now());
    if (cursor !== profile.cursor) await saveProfile(sql, { ...profile, cursor });
  });

/** Sends, and has written down what came of it. `profile` learns of it at once: the lane closes with its failures. */
async function tryOnce(gateway: Gateway, { profile, endpoint }: Lane, due: Due, journal: Journal): Promise<void> {
  const { door, accountId, salt } = gateway;
  const body = due.body ?? JSON.stringify(envelopeOf(due, { accountId, salt, profile }));
  const retry = due.tries > 0 && due.reason !== null ? { count: due.tries, reason: due.reason } : null;
  const outcome = await sendWebhook(gateway, endpoint, due.id, body, retry);
  const chance = (door.random(1)[0] ?? 0) / 256;
  const now = door.now();
  journal.add({
    home: due.home,
    eventId: due.id,
    at: outcome.at,
    url: profile.url,
    body,
    code: outcome.code,
    reason: outcome.reason,
    detail: outcome.detail,
    ms: outcome.ms,
    answer: outcome.answer,
    nextAt: outcome.reason === null ? null : nextTry(due.tries + 1, now, chance, outcome.retryAfter),
  });
  if (outcome.reason !== null || profile.failures > 0) await learn(gateway, profile, outcome, now);
}

async function learn(gateway: Gateway, profile: WebhookProfile, outcome: Outcome, now: Instant): Promise<void> {
  const isReceived = outcome.reason === null;
  const because = await gateway.db.tx("endpoint", async (sql) => {
    const fresh = await lockProfile(sql, profile.id);
    if (!fresh) return null;
    const failures = isReceived ? 0 : fresh.failures + 1;
    const failingSince = isReceived ? null : (fresh.failingSince ?? now);
    const pausedUntil = pauseOf(failures) > 0 ? now + pauseOf(failures) : null;
    profile.failures = failures;
    const end = fresh.status === "ACTIVE" ? endOf(outcome, failures, failingSince, now) : null;
    const disabled = end === null ? {} : ({ status: "DISABLED", disabledBecause: end, disabledAt: now } as const);
    const isBack = isReceived && fresh.disabledBecause === "FAILING";
    const back = isBack ? ({ status: "ACTIVE", disabledBecause: null, disabledAt: null } as const) : {};
    await saveProfile(sql, { ...fresh, failures, failingSince, pausedUntil, ...disabled, ...back });
    return isBack ? "back" : end;
  });
  if (because === "back") await settle(gateway.db, "webhook-disabled", profile.id, now);
  else if (because !== null) await notice(gateway, profile, because, outcome, now);
}

function endOf(outcome: Outcome, failures: number, failingSince: Instant | null, now: Instant): DisabledBecause | null {
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

/** Half open: one try of the oldest that waits; where it is received, the lane is open again. */
async function lookAgain(gateway: Gateway, profile: WebhookProfile): Promise<void> {
  await takeIn(gateway, profile.id);
  const due = await oldestPending(gateway.db, profile.id);
  if (!due) return;
  const journal = openJournal(gateway, profile.id);
  await tryOnce(gateway, { profile, endpoint: endpointOf(gateway, profile) }, due, journal);
  await journal.written();
}
