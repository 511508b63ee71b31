/** What every action is handed: the parts that `main.ts` chose. */
import type { Recorder } from "../core/activity.ts";
import type { Door, Millis } from "../core/door.ts";
import { PRODUCTS } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import { DAY } from "../core/status/policy.ts";
import type { Provider } from "../providers/provider.ts";
import type { Settings } from "../providers/sandbox/client.ts";
import type { Farm } from "../providers/sandbox/farm/farm.ts";
import type { Database, Reach } from "../store/database.ts";
import type { Projector } from "../store/projection.ts";
import type { Ring } from "../store/seal.ts";
import type { Target } from "../webhooks/guard.ts";
import type { Endpoint } from "../webhooks/sign.ts";

export interface Log {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/** What is counted; the labels are closed sets. */
export interface Count {
  call(provider: string, verb: string, answer: string): void;
  job(kind: string, end: "done" | "failed" | "lost"): void;
  /** A task was taken in hand, so long after it was due; absent: nobody asks. */
  late?(kind: string, ms: Millis): void;
  /** A provider called in. */
  inbound(provider: string, end: InboundEnd): void;
}

/**
 * kept, doubled, unverified (its key was not to be had), refused (no signature or a wrong one), turned away (too many
 * wait for a key); of those kept unverified: forged, never verified; of those kept: unknown connection
 */
type InboundEnd =
  | "kept"
  | "doubled"
  | "unverified"
  | "refused"
  | "turned away"
  | "forged"
  | "never verified"
  | "unknown connection";

export interface Gateway {
  /** One deployment is one account. */
  accountId: string;
  db: Database;
  door: Door;
  ring: Ring;
  salt: Uint8Array;
  /** By their name on the wire. */
  providers: ReadonlyMap<string, Provider>;
  log: Log;
  count: Count;
  /** Where providers' webhooks and the widget are reached from outside; null: polling alone. */
  publicUrl: string | null;
  /** Where the fake banks are reached, for the sandbox's own handles; null: there are none. */
  farm: (Settings & { seed: string }) | null;
  /** Carries the fake banks' post; absent: they write to nobody. */
  letters?: Farm["post"];
  /** The way out for webhooks, and the only one. */
  target: Target;
  /** Where the operator is told of alarms; null: the API and the logs alone tell. */
  operator: Endpoint | null;
  /** Takes down what passes, for the activity log; absent: nobody reads one. */
  activity?: Recorder;
  /** Something was made due: look now. */
  poke(): void;
  /** Told at every commit and provider call; only tests listen. */
  reach?: Reach;
}

export function providerOf(gateway: Gateway, name: string | null): Provider {
  const provider = name === null ? undefined : gateway.providers.get(name);
  if (!provider)
    throw new Refusal("NOT_BUILT", `The provider ${name} is not configured here; set its keys and restart.`);
  return provider;
}

export const projectorOf = (gateway: Gateway): Projector => ({
  door: gateway.door,
  planOf(name) {
    const provider = name === null ? undefined : gateway.providers.get(name);
    // Of a provider that is not configured any more, all that was asked for stays required, and grows stale.
    return { cadence: provider?.cadence ?? DAY, offers: provider?.products ?? PRODUCTS };
  },
});
