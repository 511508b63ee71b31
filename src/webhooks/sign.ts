/**
 * Signs a delivery twice: as Standard Webhooks has it (https://www.standardwebhooks.com, specification 1.0.0) and as
 * the compatible contract has it. One secret serves both: `whsec_` and base64. The former uses the decoded bytes as
 * its key, the latter the whole text as it was shown.
 */
import { createHmac } from "node:crypto";
import { RETRY_HEADERS, SIGNATURE_HEADERS } from "../core/compatibility.ts";
import type { Door, Instant } from "../core/door.ts";

const PREFIX = "whsec_";
/** Bytes; the specification asks for 24 to 64. */
const LENGTH = 32;

export const makeSecret = (door: Pick<Door, "random">): string =>
  `${PREFIX}${Buffer.from(door.random(LENGTH)).toString("base64")}`;

export function standardSignature(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}

/** `timestamp` is the header's text to the letter; base64url with its padding. */
export function contractSignature(secret: string, timestamp: string, url: string, body: string): string {
  const text = createHmac("sha256", secret).update(`${timestamp}.${url}.${body}`).digest("base64");
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

export interface Endpoint {
  url: string;
  /** Newest first; two while a rotation overlaps. */
  secrets: readonly string[];
}

export interface Signed extends Endpoint {
  id: string;
  body: string;
  /** Real time, fresh at every try: receivers hold it against their own clock. */
  wall: Instant;
  /** How many tries there were before this one, and why the last of them failed. */
  retry?: { count: number; reason: string };
}

export function headersOf({ id, url, body, secrets, wall, retry }: Signed): Record<string, string> {
  const seconds = Math.floor(wall / 1000);
  const timestamp = new Date(wall).toISOString();
  // The contract's header has room for one signature: the newest secret's.
  const [newest = ""] = secrets;
  return {
    "content-type": "application/json",
    "user-agent": "Bowline",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": secrets.map((secret) => standardSignature(secret, id, seconds, body)).join(" "),
    [SIGNATURE_HEADERS.timestamp]: timestamp,
    [SIGNATURE_HEADERS.signature]: contractSignature(newest, timestamp, url, body),
    ...(retry && { [RETRY_HEADERS.count]: String(retry.count), [RETRY_HEADERS.reason]: retry.reason }),
  };
}
