/**
 * A provider calls in. What is not from the provider is refused and leaves a count behind, no more. All else is kept
 * and answered before anything is done with it; a message that comes twice is kept once.
 */
import { createHash } from "node:crypto";
import type { Instant } from "../core/door.ts";
import { homeOf, type Home } from "../core/ids.ts";
import { beginning } from "../core/label.ts";
import { Refusal } from "../core/refusal.ts";
import type { Incoming, News } from "../providers/incoming.ts";
import type { Provider } from "../providers/provider.ts";
import { countUnverified, type Inbound, inboundId, keepInbound } from "../store/inbound.ts";
import { countUnmapped } from "../store/incidents.ts";
import { open, seal } from "../store/seal.ts";
import { SEALED } from "../store/sealed.ts";
import { makeDue } from "../store/tasks.ts";
import { checkWebhook, hooksOf } from "./check-webhook.ts";
import type { Gateway } from "./gateway.ts";

/** So many may wait for a key, by provider; they are the only rows that a stranger can make us write. */
export const MOST_UNVERIFIED = 1_000;

export type Arrival = Pick<Incoming, "method" | "headers" | "body">;

/** Where a provider's webhooks come in, as the provider is told; null: nobody can call in. */
export const webhookUrlOf = ({ publicUrl }: Gateway, { name }: Provider): string | null =>
  publicUrl === null ? null : `${publicUrl}${pathOf(name)}`;

const pathOf = (name: string) => `/provider-webhooks/${name.toLowerCase()}`;

export async function receiveWebhook(gateway: Gateway, name: string, arrival: Arrival): Promise<void> {
  const { door, count } = gateway;
  const provider = [...gateway.providers.values()].find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!provider)
    throw new Refusal(
      "NOT_FOUND",
      `[provider] ${name} is no provider that is set up here; GET /institutions has some.`,
    );
  if (!hooksOf(provider))
    throw new Refusal("NOT_FOUND", `[provider] ${provider.name} sends no webhooks; it is polled, and nothing is lost.`);
  const url = webhookUrlOf(gateway, provider) ?? pathOf(provider.name);
  const incoming: Incoming = { ...arrival, url, at: door.wall() };
  const checked = await checkWebhook(gateway, provider, incoming);
  if (checked.is === "forged") {
    count.inbound(provider.name, "refused");
    throw new Refusal("UNAUTHORIZED", "The webhook's signature is missing or wrong; only the provider can send it.");
  }
  if (checked.is === "genuine") await keepGenuine(gateway, provider, incoming, checked.news, door.now());
  else await keepUnverified(gateway, provider, incoming);
  gateway.poke();
}

/** Kept under the provider's own name of the message; due to be worked on where there is anything to do. */
export async function keepGenuine(
  gateway: Gateway,
  provider: Provider,
  incoming: Incoming,
  news: News | null,
  receivedAt: Instant,
): Promise<void> {
  const { db, door, salt, count } = gateway;
  const id = inboundId(salt, provider.name, news?.key ?? `unreadable ${digest(incoming)}`);
  const isAbout = news !== null && news.ref !== null && news.meaning !== "noChange";
  const isNew = await keep(
    gateway,
    {
      id,
      provider: provider.name,
      receivedAt,
      wall: incoming.at,
      verified: true,
      kind: news?.kind ?? null,
      ref: news?.ref ?? null,
      meaning: news?.meaning ?? null,
      outcome: news === null ? "UNREADABLE" : isAbout ? "WAITING" : "NOTHING_TO_READ",
      raw: sealed(gateway, id, incoming),
    },
    isAbout,
  );
  count.inbound(provider.name, isNew ? "kept" : "doubled");
  if (isNew && (news === null || news.unmapped)) {
    const code = news === null ? "webhook: unreadable" : `webhook: ${beginning(news.kind, 100)}`;
    await countUnmapped(db, provider.name, code, { webhookId: id }, door.now());
  }
}

async function keepUnverified(gateway: Gateway, provider: Provider, incoming: Incoming): Promise<void> {
  const { db, door, salt, count } = gateway;
  if ((await countUnverified(db, provider.name, MOST_UNVERIFIED)) >= MOST_UNVERIFIED) {
    count.inbound(provider.name, "turned away");
    throw new Refusal(
      "PROVIDER_UNAVAILABLE",
      `The key of ${provider.name}'s signature can't be had now, and too many wait for it; send it again later.`,
    );
  }
  const id = inboundId(salt, provider.name, `unverified ${digest(incoming)}`);
  await keep(
    gateway,
    {
      id,
      provider: provider.name,
      receivedAt: door.now(),
      wall: incoming.at,
      verified: false,
      kind: null,
      ref: null,
      meaning: null,
      outcome: "WAITING",
      raw: sealed(gateway, id, incoming),
    },
    true,
  );
  count.inbound(provider.name, "unverified");
}

const keep = (gateway: Gateway, row: Parameters<typeof keepInbound>[1], isDue: boolean): Promise<boolean> =>
  gateway.db.tx("inbound kept", async (sql) => {
    const isNew = await keepInbound(sql, row);
    const now = gateway.door.now();
    if (isNew && isDue) await makeDue(sql, homeOf("inbound", row.id) as Home, row.id, "inbound", now, now);
    return isNew;
  });

/** Of all that came: two that differ in anything are two, until they are known to be genuine. */
const digest = ({ method, url, headers, body }: Incoming): string =>
  createHash("sha256")
    .update(JSON.stringify([method, url, Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))]))
    .update(body)
    .digest("hex");

/** Sealed: some providers sign with a standing secret, and bodies can tell more than ids. */
function sealed({ ring, door }: Gateway, id: string, { method, url, headers, body }: Incoming): Buffer {
  const kept = { method, url, headers, body: Buffer.from(body).toString("base64") };
  return seal(ring, door, JSON.stringify(kept), SEALED.inbound.row(id));
}

/** As it came in; null where it is erased. */
export function incomingOf({ ring }: Gateway, { id, raw, wall }: Inbound): Incoming | null {
  if (raw === null) return null;
  const kept = JSON.parse(open(ring, raw, SEALED.inbound.row(id))) as Omit<Incoming, "body" | "at"> & { body: string };
  return { ...kept, body: Buffer.from(kept.body, "base64"), at: wall };
}
