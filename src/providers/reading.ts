/**
 * What every provider reads in the same way: a code through its map, a body as JSON, a failed transport.
 *
 * Rule 7 lives here, so that no adapter can forget it: what is unknown or unreadable is trouble, never health.
 */
import type { Instant } from "../core/door.ts";
import type { Product } from "../core/products.ts";
import type { Raw, TroubleState } from "../core/status/health.ts";
import type { HookMeaning, News } from "./incoming.ts";
import type { Meaning } from "./meaning.ts";
import type { Trouble } from "./provider.ts";

/** Whose trouble it is, as far as the caller knows. Without it the trouble is the connection's. */
export interface Whose {
  scope?: "connection" | "account" | "product" | "session";
  product?: Product;
  accountRef?: string;
  /** Used where the code turns out to be a limit. */
  notBefore?: Instant;
}

const UNKNOWN: TroubleState = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
const OUTAGE: TroubleState = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";
const TIMEOUT: TroubleState = "UNDETERMINED/AGGREGATION_TIMEOUT";
const PARTIAL: TroubleState = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";

/** The code as an error answer told it. `raw.code` may differ from the map's key where a key is refined by a reason. */
export function troubleOf(
  code: string,
  map: Readonly<Record<string, Meaning>>,
  raw: Partial<Raw> = {},
  whose: Whose = {},
): Trouble {
  const told: Raw = { code, ...raw };
  // Own keys alone: a provider that answers "constructor" has said nothing that we know.
  const meaning = Object.hasOwn(map, code) ? map[code] : undefined;
  switch (meaning) {
    case undefined:
      return ofCell(UNKNOWN, told, whose);
    case "partial":
      return ofCell(PARTIAL, told, { scope: whose.accountRef === undefined ? "product" : "account", ...whose });
    case "unavailable":
      if (whose.scope === "session") return { scope: "session", state: null, raw: told };
      return { ...ofCell(PARTIAL, told, { ...whose, scope: "product" }), unavailable: true };
    case "quota":
      return {
        scope: "quota",
        state: null,
        raw: told,
        ...(whose.notBefore === undefined ? {} : { notBefore: whose.notBefore }),
      };
    case "ours":
      return { scope: "application", state: null, raw: told };
    case "request":
      return { scope: "request", state: "UNDETERMINED/INTERNAL_ERROR", raw: told };
    case "interactive":
      return { scope: "session", state: null, raw: told, needsCustomer: true };
    case "consent":
    case "newAccounts":
    case "disconnect":
    case "hint":
    case "noChange":
      return { scope: "session", state: null, raw: told };
    default:
      return ofCell(meaning, told, whose);
  }
}

function ofCell(state: TroubleState, raw: Raw, whose: Whose): Trouble {
  const scope = whose.scope ?? (whose.accountRef !== undefined ? "account" : "connection");
  // In a session of the customer's nothing is anybody's health (rule 2).
  // But a provider that is out has refused nobody: what was asked of it can be asked again.
  if (scope === "session") return state === OUTAGE ? { scope: "provider", state, raw } : { scope, state: null, raw };
  return {
    scope,
    state,
    raw,
    ...(whose.accountRef === undefined ? {} : { accountRef: whose.accountRef }),
    ...(scope !== "product" || whose.product === undefined ? {} : { product: whose.product }),
  };
}

/** The provider itself does not work: an outage page, a shape that it never promised. */
export const outage = (code: string, raw: Partial<Raw> = {}): Trouble => ({
  scope: "provider",
  state: OUTAGE,
  raw: { code, ...raw },
});

/** An answer that came through and says nothing that we can read. */
export const unreadable = (message: string, httpStatus?: number): Trouble =>
  outage("UNREADABLE_ANSWER", { message, ...(httpStatus === undefined ? {} : { httpStatus }) });

/** Legal JSON can hold texts that no table takes, and one of them would stop all that came with it. */
export const keepable = (value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll("\0", "\uFFFD").toWellFormed() : value;
const ESCAPED = /\\u(0000|d[89a-f])/i;

export type Json = { ok: true; json: unknown; status: number } | { ok: false; trouble: Trouble };

/**
 * The body as JSON, whatever the status: what an error answer means is for the provider's own map to say. A body that
 * is no JSON is trouble, and none of its text is kept: an outage page can quote what was sent.
 */
export async function readJson(response: Response): Promise<Json> {
  const { status } = response;
  const text = await response.text();
  try {
    const json: unknown = ESCAPED.test(text) ? JSON.parse(text, (_name, value) => keepable(value)) : JSON.parse(text);
    return { ok: true, json, status };
  } catch {
    if (status >= 500) return { ok: false, trouble: outage(`HTTP_${status}`, { httpStatus: status }) };
    const kind = response.headers.get("content-type") ?? "no content type";
    return { ok: false, trouble: unreadable(`${text.length} characters that are no JSON, sent as ${kind}`, status) };
  }
}

/** A webhook's body; null where it is no JSON. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return null;
  }
}

/** A kind that no map has is a reason to look, and is told to the operator. */
export function meaningOf(
  kind: string,
  map: Readonly<Record<string, HookMeaning>>,
): Pick<News, "meaning" | "unmapped"> {
  const meaning = Object.hasOwn(map, kind) ? map[kind] : undefined;
  return meaning === undefined ? { meaning: "hint", unmapped: true } : { meaning };
}

/** When the provider may be asked again: `Retry-After` as seconds or as a date. `now` is real time, like the header. */
export function retryAfter(headers: Headers, now: Instant): Instant | undefined {
  const told = headers.get("retry-after")?.trim();
  if (told === undefined) return undefined;
  if (/^\d{1,9}$/.test(told)) return now + Number(told) * 1000;
  const date = Date.parse(told);
  return Number.isNaN(date) ? undefined : date;
}

/** The code that a bounded fetch puts on what it throws when a body is larger than allowed. */
export const OVERSIZED = "OVERSIZED_ANSWER";

const SLOW = /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;
const BROKEN =
  /^(E(CONN|AI_|PIPE|PROTO|NOTFOUND|HOST|NET)|(UND_ERR|HPE|CERT|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)_)/;

/**
 * What `call.fetch` or the reading of its body threw, as trouble; null for anything else, which is a bug of ours. Only
 * the error's code is kept: its message can hold an address with secrets in it.
 */
export function transportTrouble(thrown: unknown): Trouble | null {
  let failed = false;
  for (let error = thrown, depth = 0; error instanceof Error && depth < 8; error = error.cause, depth += 1) {
    const code = (error as { code?: unknown }).code;
    if (error.name === "TimeoutError" || error.name === "AbortError" || (typeof code === "string" && SLOW.test(code))) {
      return { scope: "connection", state: TIMEOUT, raw: { code: "NO_ANSWER_IN_TIME" } };
    }
    if (typeof code === "string" && (code === OVERSIZED || BROKEN.test(code))) return outage(code);
    // What undici throws where it knows no code.
    if (error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)) failed = true;
  }
  return failed ? outage("TRANSPORT_FAILED") : null;
}
