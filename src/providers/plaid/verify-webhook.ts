/**
 * Is it from Plaid? https://plaid.com/docs/api/webhooks/webhook-verification/ : an ES256 token over the hash of the
 * body, at most five minutes old, by a key that Plaid tells by its name and that has not expired.
 */
import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from "node:crypto";
import { z } from "zod";
import { HOUR, MINUTE } from "../../core/status/policy.ts";
import { good } from "../provider.ts";
import type { Incoming, KeyShelf, Verdict } from "../incoming.ts";
import type { Answer, Call, Verb } from "../provider.ts";
import { acknowledged, type Plaid } from "./client.ts";
import { tokenOf } from "./token.ts";

export const OLDEST = 5 * MINUTE;
/** Clocks differ a little; a token of the future is none. */
const EARLIEST = MINUTE;
/** A key that Plaid takes back is believed no longer than this. */
const KEPT = HOUR;
/** Plaid has no such key: whoever named it is not Plaid. */
const NO_SUCH_KEY = "INVALID_WEBHOOK_VERIFICATION_KEY_ID";

const coordinate = z.string().regex(/^[\w-]{43}$/);
/** Numbers come as they were written. What is no point of the curve is no key, and is not kept as one. */
const jwk = z
  .object({
    kty: z.literal("EC"),
    crv: z.literal("P-256"),
    alg: z.literal("ES256"),
    x: coordinate,
    y: coordinate,
    expired_at: z.string().nullish(),
  })
  .refine((key) => keyOf(key) !== null);
const answer = acknowledged.extend({ key: jwk });
interface Jwk {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
  expired_at?: string | null | undefined;
}

function keyOf({ kty, crv, x, y }: Pick<Jwk, "kty" | "crv" | "x" | "y">): KeyObject | null {
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
  } catch {
    return null;
  }
}

const forged = (why: string): Answer<Verdict> => good({ genuine: false, why });

export const verifyWebhook = (plaid: Plaid): Verb<{ incoming: Incoming; keys: KeyShelf }, Verdict> => ({
  cost: "free",
  source: "cache",
  async run(call, { incoming, keys }) {
    const token = tokenOf(incoming);
    if (token === null) return forged("no token of Plaid's form");
    const age = incoming.at - token.iat * 1000;
    if (age > OLDEST || age < -EARLIEST) return forged("a token of another time");
    const hash = createHash("sha256").update(incoming.body).digest();
    if (!timingSafeEqual(hash, Buffer.from(token.bodyHash, "hex"))) return forged("a token for another body");
    const key = await keyNamed(plaid, call, keys, token.kid);
    if (!key.ok) return key.trouble.raw.code === NO_SUCH_KEY ? forged("a key that Plaid does not know") : key;
    if (key.facts.expired_at != null && Number(key.facts.expired_at) * 1000 <= incoming.at) {
      return forged("a key that has expired");
    }
    const publicKey = keyOf(key.facts);
    const signed = Buffer.from(token.signed);
    const isGenuine =
      publicKey !== null && verify("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, token.signature);
    return isGenuine ? good({ genuine: true }) : forged("signed by another key");
  },
});

async function keyNamed(plaid: Plaid, call: Call, keys: KeyShelf, kid: string): Promise<Answer<Jwk>> {
  const kept = await keys.get(kid);
  if (kept !== null) return good(jwk.parse(JSON.parse(kept)));
  const told = await plaid(call, (api) => api.webhookVerificationKeyGet({ key_id: kid }), answer);
  if (!told.ok) return told;
  await keys.put(kid, JSON.stringify(told.facts.key), call.wall() + KEPT);
  return good(told.facts.key);
}
