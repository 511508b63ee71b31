/** An error of Plaid's, in answer to a request or standing on an Item, as our `Trouble`. */
import { z } from "zod";
import type { Instant } from "../../core/door.ts";
import { beginning } from "../../core/label.ts";
import type { Product } from "../../core/products.ts";
import type { Meaning } from "../meaning.ts";
import type { Trouble } from "../provider.ts";
import { outage, troubleOf, type Whose } from "../reading.ts";
import { CODES, GONE, OF_THE_PRODUCT } from "./codes.ts";

/** `PlaidError` of the API's document. Its `error_code` is an open string there, and its types grow by the release. */
export const plaidError = z.object({
  error_type: z.string().optional(),
  error_code: z.string().min(1),
  error_code_reason: z.string().nullish(),
  error_message: z.string().nullish(),
  request_id: z.string().nullish(),
});
export type PlaidTrouble = z.infer<typeof plaidError>;

export interface Met {
  /** A verb of the customer's session: nothing that it meets is anybody's health. */
  session?: true;
  product?: Product;
  httpStatus?: number;
  notBefore?: Instant;
}

export function troubleOfPlaid(error: PlaidTrouble, met: Met = {}): Trouble {
  const { error_code: code, error_code_reason: reason } = error;
  const refined = reason ? `${code} + ${reason}` : code;
  const key = Object.hasOwn(CODES, refined) ? refined : code;
  const raw = {
    code,
    ...messageOf(error),
    ...(met.httpStatus === undefined ? {} : { httpStatus: met.httpStatus }),
    ...(error.request_id ? { requestId: error.request_id } : {}),
  };
  // A limit whose name we have not seen yet is a limit all the same.
  const limit = met.httpStatus === 429 || error.error_type === "RATE_LIMIT_EXCEEDED";
  const trouble =
    limit && !Object.hasOwn(CODES, key)
      ? troubleOf("RATE_LIMIT", CODES, raw, whose(key, met))
      : troubleOf(key, CODES, raw, whose(key, met));
  // In a session too: what the provider could not do just now may be tried again.
  if (meaningOf(key) === "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE") return outage(code, raw);
  if (met.session && trouble.scope === "product") return { scope: "session", state: null, raw };
  if (GONE.has(code)) return { ...trouble, gone: true };
  if (code === "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION") return { ...trouble, restart: true };
  return trouble;
}

const meaningOf = (key: string): Meaning | undefined =>
  Object.hasOwn(CODES, key) ? CODES[key as keyof typeof CODES] : undefined;

function whose(key: string, met: Met): Whose {
  const later = met.notBefore === undefined ? {} : { notBefore: met.notBefore };
  if (met.session) return { scope: "session", ...later };
  const meaning = meaningOf(key);
  const product = meaning === "partial" || meaning === "unavailable" || OF_THE_PRODUCT.has(key);
  if (!product || met.product === undefined) return later;
  return { scope: "product", product: met.product, ...later };
}

// An error about a token may quote it, and messages are kept and shown.
const TOKEN = /\b(access|public|link|processor|user)-[a-z]+-[0-9a-zA-Z-]{8,}/g;

function messageOf(error: PlaidTrouble): { message?: string } {
  const reason = error.error_code_reason ? ` (${error.error_code_reason})` : "";
  const text = beginning(`${error.error_message ?? ""}${reason}`.trim().replace(TOKEN, "$1-…"), 500);
  return text === "" ? {} : { message: text };
}
