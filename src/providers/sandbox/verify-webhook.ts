// Is it from the farm? The key is asked for by its name once, and kept for as long as the farm says that it is good.
import { verify } from "node:crypto";
import type { Instant } from "../../core/door.ts";
import { MINUTE } from "../../core/status/policy.ts";
import { bad, good } from "../provider.ts";
import type { Incoming, KeyShelf, Verdict } from "../incoming.ts";
import type { Answer, Call, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { readSignature, SIGNATURE_HEADER, signedText } from "./signature.ts";
import { PostKey, publicKeyOf } from "./wire.ts";

/** Either way: clocks differ, and what is older is a replay. */
const TOLERANCE = 5 * MINUTE;
/** The farm knows no key of that name, and never will. */
const NO_SUCH_KEY = "BANK-1106";

const forged = (why: string): Answer<Verdict> => good({ genuine: false, why });

export const verifyWebhook = (settings: Settings): Verb<{ incoming: Incoming; keys: KeyShelf }, Verdict> => ({
  cost: "free",
  source: "cache",
  async run(call, { incoming, keys }) {
    const { headers, url, body, at } = incoming;
    const signature = readSignature(headers[SIGNATURE_HEADER]);
    if (signature === null) return forged("unsigned");
    if (Math.abs(at - signature.at * 1000) > TOLERANCE) return forged("signed at another time");
    const kept = await keys.get(signature.kid);
    const key = kept === null ? await fetchKey(call, settings, signature.kid) : good({ key: kept, until: null });
    if (!key.ok) {
      return key.trouble.raw.code === NO_SUCH_KEY ? forged("signed by a key that the farm does not know") : key;
    }
    if (key.facts.until !== null) await keys.put(signature.kid, key.facts.key, key.facts.until);
    const isGenuine = isSignedBy(key.facts.key, signedText(signature.at, url, body), signature.sign);
    return isGenuine ? good({ genuine: true }) : forged("signed by another key");
  },
});

interface Fetched {
  key: string;
  until: Instant | null;
}

async function fetchKey(call: Call, settings: Settings, kid: string): Promise<Answer<Fetched>> {
  const told = await ask(call, settings, { to: "GET /post/keys", query: { kid }, shape: PostKey });
  return told.ok ? good({ key: told.facts.key, until: told.facts.until * 1000 }) : bad(told.trouble);
}

const isSignedBy = (key: string, text: Buffer, sign: string): boolean =>
  verify(null, text, publicKeyOf(key), Buffer.from(sign, "base64url"));
