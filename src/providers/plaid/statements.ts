/** What an Item says of itself, in /item/get and beside the accounts. */
import { z } from "zod";
import type { Instant } from "../../core/door.ts";
import type { Product } from "../../core/products.ts";
import type { Statements, Trouble } from "../provider.ts";
import { plaidError, troubleOfPlaid } from "./trouble.ts";

/** An ISO 8601 time, as the API's document has it. One that cannot be read must not pass for "none". */
export const time = z.string().transform((text, context): Instant => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: "custom", message: "no time" });
  return z.NEVER;
});

export const item = z.object({
  item_id: z.string().min(1),
  institution_id: z.string().nullish(),
  institution_name: z.string().nullish(),
  error: plaidError.nullish(),
  consent_expiration_time: time.nullish(),
  update_type: z.string().optional(),
  webhook: z.string().nullish(),
  products: z.array(z.string()).optional(),
  consented_products: z.array(z.string()).nullish(),
});
export type Item = z.infer<typeof item>;

const updated = z.object({ last_successful_update: time.nullish() }).nullish();

export const itemAnswer = z.object({
  item,
  status: z.object({ transactions: updated, investments: updated }).nullish(),
});

export type ItemAnswer = z.infer<typeof itemAnswer>;

export function statementsOf({ item: told, status }: ItemAnswer): Statements {
  const consent = told.consent_expiration_time;
  const dataAsOf = asOf(status?.transactions?.last_successful_update, status?.investments?.last_successful_update);
  return {
    ...(told.update_type === undefined ? {} : { interactive: told.update_type === "user_present_required" }),
    ...(consent === undefined ? {} : { consentExpiresAt: consent }),
    ...(dataAsOf ? { dataAsOf } : {}),
    ...(told.error ? { troubles: [standing(troubleOfPlaid(told.error))] } : {}),
  };
}

/** A code of the customer's session that stands on the Item is none: no data comes, and why is not known. */
const standing = (trouble: Trouble): Trouble =>
  trouble.scope === "session"
    ? { scope: "connection", state: "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE", raw: trouble.raw }
    : trouble;

/**
 * Plaid tells when it last looked for transactions and for investments; the balances in its cache are those that a look
 * brought along. https://support.plaid.com/hc/en-us/articles/15373441901207
 */
function asOf(
  banked: Instant | null | undefined,
  invested: Instant | null | undefined,
): Partial<Record<Product, Instant>> | null {
  const latest = Math.max(banked ?? 0, invested ?? 0);
  if (latest === 0) return null;
  return {
    BALANCES: latest,
    ...(banked ? { TRANSACTIONS: banked } : {}),
    ...(invested ? { INVESTMENT_HOLDINGS: invested, INVESTMENT_TRANSACTIONS: invested } : {}),
  };
}
