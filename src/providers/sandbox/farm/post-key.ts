// The keys that the farm signs its letters with: one for each quarter, and none of them has to be remembered.
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import type { Instant } from "../../../core/door.ts";
import { DAY } from "../../../core/status/policy.ts";
import { signedText, writeSignature } from "../signature.ts";
import { seconds } from "./days.ts";
import { refuse, say, type Office, type Reply } from "./office.ts";

type Secrets = Pick<Office, "seed" | "key">;

const QUARTER = 90 * DAY;
/** What stands before the 32 bytes of a private Ed25519 key in PKCS #8. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

const periodOf = (wall: Instant): number => Math.floor(wall / QUARTER);
const kidOf = (period: number): string => `quarter-${period}`;

function keyOf({ seed, key }: Secrets, kid: string): KeyObject {
  const secret = createHmac("sha256", `${seed}/${key}`).update(`post ${kid}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: "der", type: "pkcs8" });
}

/** The quarter's key, and the one before it: what was signed at its end may come in after it. */
export function tellKey(office: Office, kid: string): Reply {
  const period = periodOf(office.wall);
  const known = [period, period - 1].find((one) => kidOf(one) === kid);
  if (known === undefined) return refuse("BANK-1106");
  const key = createPublicKey(keyOf(office, kid)).export({ format: "der", type: "spki" }).toString("base64");
  return say({ key, until: seconds((known + 2) * QUARTER) });
}

/** `stranger`: by a key that only looks like the farm's. */
export function signLetter(secrets: Secrets, wall: Instant, url: string, body: string, stranger: boolean): string {
  const kid = kidOf(periodOf(wall));
  const at = seconds(wall);
  const key = keyOf(stranger ? { ...secrets, seed: `${secrets.seed}, a stranger's` } : secrets, kid);
  return writeSignature({ kid, at, sign: sign(null, signedText(at, url, body), key).toString("base64url") });
}
