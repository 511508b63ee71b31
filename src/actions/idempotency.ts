/**
 * Idempotency keys. A key holds the ids that its request mints; effects insert or find by them, and a replay renders
 * the answer afresh. So a twin that runs at the same time, or after a crash half-way, has the one effect.
 */
import { createHash } from "node:crypto";
import { Refusal } from "../core/refusal.ts";
import { homeFor } from "../store/home.ts";
import { keepKey } from "../store/idempotency.ts";
import type { Gateway } from "./gateway.ts";

export interface Keyed {
  method: string;
  /** The path as it was asked for, ids included. */
  route: string;
  key: string;
  body: unknown;
}

export async function idempotent<Ids extends object>(
  gateway: Gateway,
  request: Keyed,
  mint: () => Ids,
): Promise<{ ids: Ids; replayed: boolean }> {
  const { method, route, key, body } = request;
  const home = homeFor(gateway.salt, "idempotency", method, route, key);
  const keyHash = createHash("sha256")
    .update(JSON.stringify([method, route, key]))
    .digest();
  const fingerprint = createHash("sha256").update(canonical(body)).digest();
  const fresh = mint() as Record<string, string>;
  const kept = await keepKey(gateway.db, home, keyHash, fingerprint, fresh, gateway.door.now());
  if (!kept.fingerprint.equals(fingerprint)) {
    throw new Refusal(
      "IDEMPOTENCY_KEY_REUSED",
      "[Idempotency-Key] was sent before with another body; use a new key for a new request.",
    );
  }
  return { ids: kept.ids as Ids, replayed: kept.replayed };
}

/** The same words in another order are the same request. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
