/**
 * Is a webhook from whom it says, and what does it say? The provider's own check, with the keys that the gateway keeps
 * for it; where a key has to be fetched, that is one bounded call, and there are never many of them: anybody can send
 * signatures by keys that nobody has heard of.
 */
import type { Incoming, KeyShelf, News } from "../providers/incoming.ts";
import type { Call, Provider } from "../providers/provider.ts";
import { transportTrouble } from "../providers/reading.ts";
import { MINUTE } from "../core/status/policy.ts";
import { getProviderKey, putProviderKey } from "../store/provider-keys.ts";
import { withCall } from "./call.ts";
import type { Gateway } from "./gateway.ts";

/** Real time: somebody waits for the answer, and gives up after ten seconds. */
export const KEY_TIME = 3_000;
/** How many keys one process fetches in a minute. */
export const FETCHES_A_MINUTE = 30;

/** `news` null: genuine, and in no shape that we know. "later": the key is not to be had now. */
export type Checked = { is: "genuine"; news: News | null } | { is: "forged"; why: string } | { is: "later" };

/** Null: this provider sends no webhooks. */
export function hooksOf({ verifyWebhook, readWebhook }: Provider) {
  return verifyWebhook && readWebhook ? { verifyWebhook, readWebhook } : null;
}

export async function checkWebhook(gateway: Gateway, provider: Provider, incoming: Incoming): Promise<Checked> {
  const hooks = hooksOf(provider);
  if (!hooks) return { is: "forged", why: "it calls nobody" };
  return withCall(gateway, KEY_TIME, async (call) => {
    const keys = shelfOf(gateway, provider);
    const verdict = await hooks.verifyWebhook
      .run(sparing(gateway, provider, call), { incoming, keys })
      .catch((error: unknown) => {
        const trouble = transportTrouble(error);
        if (!trouble) throw error;
        return { ok: false as const, trouble };
      });
    if (!verdict.ok) return { is: "later" as const };
    if (!verdict.facts.genuine) return { is: "forged" as const, why: verdict.facts.why };
    const read = await hooks.readWebhook.run(call, incoming);
    return { is: "genuine" as const, news: read.ok ? read.facts : null };
  });
}

/** Of one that was found genuine before. Null: in no shape that we know. */
export async function readNews(gateway: Gateway, provider: Provider, incoming: Incoming): Promise<News | null> {
  const hooks = hooksOf(provider);
  if (!hooks) return null;
  const read = await withCall(gateway, KEY_TIME, (call) => hooks.readWebhook.run(call, incoming));
  return read.ok ? read.facts : null;
}

const shelfOf = ({ db, door }: Gateway, { name }: Provider): KeyShelf => ({
  get: (key) => getProviderKey(db, name, key, door.wall()),
  put: (key, value, until) => putProviderKey(db, name, key, value, until, door.wall()),
});

const fetched = new WeakMap<Gateway, { minute: number; count: number }>();

/** The call, as long as this minute's fetches are not used up; counted as a verb of the provider's. */
function sparing(gateway: Gateway, provider: Provider, call: Call): Call {
  return {
    ...call,
    fetch: async (url, init) => {
      const minute = Math.floor(gateway.door.now() / MINUTE);
      const known = fetched.get(gateway);
      const count = known?.minute === minute ? known.count + 1 : 1;
      fetched.set(gateway, { minute, count });
      if (count > FETCHES_A_MINUTE) throw new DOMException("too many keys were asked for", "AbortError");
      const response = await call.fetch(url, init);
      gateway.count.call(provider.name, "verifyWebhook", response.ok ? "good" : "application");
      return response;
    },
  };
}
