/**
 * Names on the wire that are not ours. Clients written for the published API that this one is compatible with send and
 * expect them; they stand here and nowhere else, and ours come first wherever both do.
 */

/** The dated versions of that API's shapes which this gateway answers in, oldest first: the status table's. */
const VERSIONS = ["2023-12-19"] as const;

/** Where a request asks for none, and for every event. */
export const VERSION = VERSIONS[VERSIONS.length - 1] ?? "";

/** In which a client asks for a version, and is told which one it got. */
export const VERSION_HEADER = "meld-version";

/** The newest that is not newer than the date asked for; the oldest where all are. Null: that is no date. */
export function versionFor(asked: string | undefined, versions: readonly string[] = VERSIONS): string | null {
  if (asked === undefined) return versions.at(-1) ?? VERSION;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(asked) || Number.isNaN(Date.parse(asked))) return null;
  return versions.findLast((version) => version <= asked) ?? versions[0] ?? VERSION;
}

/** Names of providers that a client may send, whether or not this gateway speaks with them. */
export const CONTRACT_PROVIDERS = [
  "SANDBOX",
  "PLAID",
  "AKOYA",
  "FINICITY",
  "MX",
  "SALTEDGE",
  "SALTEDGEPARTNERS",
  "YODLEE",
] as const;

/** Headers that carry an idempotency key, ours first. */
export const IDEMPOTENCY_HEADERS = ["idempotency-key", "x-idempotency-key"] as const;

/**
 * Schemes of the Authorization header that an API key is accepted under. `BASIC` is followed by the key as it was
 * issued, not by a user and a password as in RFC 7617.
 */
export const KEY_SCHEMES = ["bearer", "basic"] as const;

/** On every delivery, beside our own headers. */
export const SIGNATURE_HEADERS = { signature: "meld-signature", timestamp: "meld-signature-timestamp" } as const;

/** On every try after the first: how many there were before it, and why the last one failed. */
export const RETRY_HEADERS = { count: "meld-retry-count", reason: "meld-retry-reason" } as const;

/** The `domain` of what the connect page posts to the page that embeds it: each message once under each, ours first. */
export const MESSAGE_DOMAINS = ["bowline", "meld-connect"] as const;
