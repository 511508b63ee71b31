/**
 * The connect token: what the customer's page holds. It stands for one session of one connection and nothing else, and
 * it is derived, not stored: a request that is repeated renders the same token, and a reader of the database has none.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { homeOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import type { Ring } from "../store/seal.ts";

/** What a token is for: the connect token is the customer's; a return state only brings the customer back. */
type Purpose = "connect token" | "return";

const sign = (key: Uint8Array, sessionId: string, purpose: Purpose): Buffer =>
  createHmac("sha256", key).update(`${purpose} of ${sessionId}`).digest();

export const connectToken = (ring: Ring, sessionId: string): string => made(ring, sessionId, "connect token");

/** Goes through addresses of banks and providers, so it opens nothing: with it, a session can be finished, not read. */
export const returnState = (ring: Ring, sessionId: string): string => made(ring, sessionId, "return");

function made(ring: Ring, sessionId: string, purpose: Purpose): string {
  const [newest] = ring.keys;
  if (!newest) throw new RangeError("the key ring is empty");
  return `${sessionId}.${sign(newest.key, sessionId, purpose).toString("base64url")}`;
}

/** The session that the token stands for. Any key of the ring may have signed it. */
export function sessionOfToken(ring: Ring, token: string): string {
  const sessionId = read(ring, token, "connect token");
  if (sessionId !== null) return sessionId;
  throw new Refusal(
    "UNAUTHORIZED",
    "The connect token is not one of ours; take it from connect/start or connect/repair.",
  );
}

export function sessionOfReturn(ring: Ring, state: string): string {
  const sessionId = read(ring, state, "return");
  if (sessionId !== null) return sessionId;
  throw new Refusal("UNAUTHORIZED", "[state] is not one of ours; go back to where the link was begun.");
}

function read(ring: Ring, token: string, purpose: Purpose): string | null {
  const [sessionId = "", signature = "", ...rest] = token.split(".");
  const given = Buffer.from(signature, "base64url");
  // The last character has bits to spare: of four spellings, one is the token.
  if (given.toString("base64url") !== signature) return null;
  const isOurs = ring.keys.some(({ key }) => {
    const real = sign(key, sessionId, purpose);
    return given.length === real.length && timingSafeEqual(given, real);
  });
  return rest.length === 0 && homeOf("session", sessionId) && isOurs ? sessionId : null;
}
