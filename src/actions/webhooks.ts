/** What the application does with its endpoints: makes, changes, tests and rotates them, and asks for events again. */
import type { Instant, Millis } from "../core/door.ts";
import type { HeardType } from "../core/events.ts";
import { homeOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import { DAY } from "../core/status/policy.ts";
import { replayEvents, replayFailed } from "../store/deliveries.ts";
import { getEvent, headOf } from "../store/feed.ts";
import { mint, randomHome } from "../store/home.ts";
import { settle } from "../store/incidents.ts";
import { makeDue } from "../store/tasks.ts";
import {
  getProfile,
  insertProfile,
  lockProfile,
  openSecret,
  saveProfile,
  sealSecret,
  type WebhookProfile,
} from "../store/webhook-profiles.ts";
import { testEnvelope } from "../webhooks/payload.ts";
import { makeSecret } from "../webhooks/sign.ts";
import type { Gateway } from "./gateway.ts";
import { ENDPOINTS } from "./place-news.ts";
import { endpointOf, type Outcome, sendWebhook } from "./send-webhook.ts";

/** How long a rotated secret still signs beside the new one. */
const OVERLAP: Millis = DAY;

export interface Shown {
  profile: WebhookProfile;
  secret: string;
}

export interface Wanted {
  name: string;
  url: string;
  eventTypes: HeardType[];
  eventVersion: string;
}

export const mintWebhookId = ({ door }: Gateway) => ({ webhook: mint(door, "webhook", randomHome(door)) });

/** Hears of what is placed from now on. A repeated request is answered with what the first one made. */
export async function createWebhook(gateway: Gateway, id: string, wanted: Wanted): Promise<Shown> {
  const { db, door, ring } = gateway;
  await refuseTarget(gateway, wanted.url);
  const secret = sealSecret(ring, door, id, makeSecret(door));
  await insertProfile(db, { id, ...wanted, createdAt: door.now(), secret, cursor: await headOf(db) });
  const profile = await known(gateway, id);
  return { profile, secret: openSecret(ring, id, profile.secret) };
}

export async function changeWebhook(
  gateway: Gateway,
  id: string,
  change: Partial<Wanted> & { status?: "ACTIVE" | "DISABLED" },
): Promise<WebhookProfile> {
  const { db, door } = gateway;
  if (change.url !== undefined) await refuseTarget(gateway, change.url);
  const now = door.now();
  const changed = await db.tx("change webhook", async (sql) => {
    const old = await lockProfile(sql, id);
    if (!old) throw unknown(id);
    const { status, ...rest } = change;
    const moved = status === undefined || status === old.status ? old : await switched(old, status);
    const fresh = { ...moved, ...rest };
    await saveProfile(sql, fresh);
    if (fresh.status === "ACTIVE") await makeDue(sql, ENDPOINTS, id, "deliver", now, now);
    return fresh;
    async function switched(from: WebhookProfile, to: "ACTIVE" | "DISABLED"): Promise<WebhookProfile> {
      if (to === "DISABLED") return { ...from, status: to, disabledBecause: "OPERATOR", disabledAt: now };
      // Switched off on purpose: told nothing of that time. Lost, as a failing one is: goes on where it stood.
      const cursor = from.disabledBecause === "OPERATOR" ? await headOf(sql) : from.cursor;
      const well = { failures: 0, failingSince: null, pausedUntil: null, disabledBecause: null, disabledAt: null };
      return { ...from, ...well, status: to, cursor };
    }
  });
  if (changed.status === "ACTIVE") await settle(db, "webhook-disabled", id, now);
  gateway.poke();
  return changed;
}

/** `rotation` names the request: repeated, it shows the same secret again. */
export async function rotateSecret(gateway: Gateway, id: string, rotation: string): Promise<Shown> {
  const { db, door, ring } = gateway;
  return db.tx("rotate webhook", async (sql) => {
    const old = await lockProfile(sql, id);
    if (!old) throw unknown(id);
    if (old.rotation === rotation) return { profile: old, secret: openSecret(ring, id, old.secret) };
    const secret = makeSecret(door);
    const profile: WebhookProfile = {
      ...old,
      secret: sealSecret(ring, door, id, secret),
      oldSecret: old.secret,
      oldUntil: door.now() + OVERLAP,
      rotation,
    };
    await saveProfile(sql, profile);
    return { profile, secret };
  });
}

/** At once, and whatever state the endpoint is in; it changes nothing. */
export async function testWebhook(
  gateway: Gateway,
  id: string,
  requestId: string,
): Promise<Outcome & { eventId: string }> {
  const { door, accountId } = gateway;
  const profile = await known(gateway, id);
  const eventId = mint(door, "event", randomHome(door));
  const body = JSON.stringify(testEnvelope(eventId, door.now(), requestId, { accountId, profile }));
  return { eventId, ...(await sendWebhook(gateway, endpointOf(gateway, profile), eventId, body, null)) };
}

export type Replay = { eventId: string } | { from: Instant; to: Instant } | { failedSince: Instant };

/** Answers how many deliveries are due again. */
export async function replay(gateway: Gateway, id: string, which: Replay): Promise<number> {
  const { db, door } = gateway;
  const { eventTypes: types } = await known(gateway, id);
  const home = "eventId" in which ? homeOf("event", which.eventId) : null;
  if ("eventId" in which && !(home !== null && (await getEvent(db, home, which.eventId))))
    throw new Refusal("NOT_FOUND", `[eventId] ${which.eventId} is no event known here; GET /events lists them.`);
  const count = await db.tx("replay", async (sql) => {
    const now = door.now();
    const profile = await lockProfile(sql, id);
    const due = await replayed(sql, now);
    if (due === 0) return 0;
    // Whoever asks for it has mended the endpoint: its pause is over.
    if (profile) await saveProfile(sql, { ...profile, pausedUntil: null });
    await makeDue(sql, ENDPOINTS, id, "deliver", now, now);
    return due;
  });
  gateway.poke();
  return count;

  function replayed(sql: Parameters<typeof replayEvents>[0], now: Instant): Promise<number> {
    if ("failedSince" in which) return replayFailed(sql, id, now, which.failedSince);
    if ("eventId" in which) return replayEvents(sql, id, now, { home: home ?? "", eventId: which.eventId });
    return replayEvents(sql, id, now, { ...which, types });
  }
}

async function refuseTarget({ target }: Gateway, url: string): Promise<void> {
  const problem = await target.problemOf(url);
  if (problem !== null) throw new Refusal("BAD_REQUEST", `[url] ${problem}.`);
}

async function known({ db }: Gateway, id: string): Promise<WebhookProfile> {
  const profile = await getProfile(db, id);
  if (!profile) throw unknown(id);
  return profile;
}

const unknown = (id: string) =>
  new Refusal("NOT_FOUND", `There is no webhook profile ${id}; send an id that this gateway answered.`);
