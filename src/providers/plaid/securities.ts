/** A security as Plaid tells it beside holdings and trades: https://plaid.com/docs/api/products/investments/ */
import { z } from "zod";
import type { HoldingType } from "../../core/investment.ts";
import { money } from "./exact.ts";

export const security = z.object({
  security_id: z.string().min(1),
  isin: z.string().nullish(),
  cusip: z.string().nullish(),
  name: z.string().nullish(),
  ticker_symbol: z.string().nullish(),
  type: z.string().nullish(),
  subtype: z.string().nullish(),
  close_price: money.nullish(),
});
export type Security = z.infer<typeof security>;

const TYPES: Readonly<Record<string, HoldingType>> = {
  cash: "CASH",
  cryptocurrency: "DIGITALASSET",
  derivative: "DERIVATIVE",
  equity: "STOCK",
  etf: "ETF",
  "mutual fund": "MUTUALFUND",
};

/** Named only where its type gathers what we tell apart. */
const SUBTYPES: Readonly<Record<string, HoldingType>> = { "real estate investment trust": "REALESTATE" };

/** Fixed income, loans and what Plaid itself calls other have no type of their own here. */
export const holdingType = ({ type, subtype }: Pick<Security, "type" | "subtype">): HoldingType =>
  known(SUBTYPES, subtype) ?? known(TYPES, type) ?? "OTHER";

const known = (
  table: Readonly<Record<string, HoldingType>>,
  key: string | null | undefined,
): HoldingType | undefined => (key && Object.hasOwn(table, key) ? table[key] : undefined);

export const byId = (securities: readonly Security[]): ReadonlyMap<string, Security> =>
  new Map(securities.map((one) => [one.security_id, one]));
