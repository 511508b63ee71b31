/**
 * The connect token: what the customer's page holds. It stands for one session of one connection and nothing else, and
 * it is derived, not stored: a request that is repeated renders the same token, and a reader of the database has none.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { homeOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import type { Ring } from "../store/seal.ts";

const sign = (key: Uint8Array, sessionId: string): Buffer =>
  createHmac("sha256", key).update(`connect token of ${sessionId}`).digest();

export function connectToken(ring: Ring, sessionId: string): string {
  const [newest] = ring.keys;
  if (!newest) throw new RangeError("the key ring is empty");
  return `${sessionId}.${sign(newest.key, sessionId).toString("base64url")}`;
}

/** The session that the token stands for. Any key of the ring may have signed it. */
export function sessionOfToken(ring: Ring, token: string): string {
  const [sessionId = "", signature = "", ...rest] = token.split(".");
  const given = Buffer.from(signature, "base64url");
  const isOurs = ring.keys.some(({ key }) => {
    const real = sign(key, sessionId);
    return given.length === real.length && timingSafeEqual(given, real);
  });
  if (rest.length > 0 || !homeOf("session", sessionId) || !isOurs)
    throw new Refusal(
      "UNAUTHORIZED",
      "The connect token is not one of ours; take it from connect/start or connect/repair.",
    );
  return sessionId;
}
