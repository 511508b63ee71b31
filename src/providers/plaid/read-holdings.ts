import { z } from "zod";
import type { HoldingFact } from "../../core/investment.ts";
import { bad, good, type Held, type HoldingList, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { currency, money } from "./exact.ts";
import { byId, holdingType, type Security, security } from "./securities.ts";
import { item, statementsOf } from "./statements.ts";

const holding = z.object({
  account_id: z.string().min(1),
  security_id: z.string().min(1),
  quantity: money,
  cost_basis: money.nullish(),
  institution_value: money.nullish(),
  iso_currency_code: currency.nullish(),
});

const answer = z.object({ holdings: z.array(holding), securities: z.array(security), item });

/** A subscription of the Item's own. https://plaid.com/docs/api/products/investments/#investmentsholdingsget */
export const readHoldings = (plaid: Plaid): Verb<Held, HoldingList> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.investmentsHoldingsGet(request), answer, {
      product: "INVESTMENT_HOLDINGS",
    });
    if (told.ok) return good(listOf(told.facts));
    if (told.trouble.raw.code === "PRODUCT_NOT_READY") return good({ holdings: [], notReady: true, statements: {} });
    return bad(told.trouble);
  },
});

function listOf({ holdings, securities, item: told }: z.infer<typeof answer>): HoldingList {
  const known = byId(securities);
  const times = new Map<string, number>();
  const facts = holdings.map((one) => {
    // A position has no id. Two of one security in one account (lots, margin beside cash) are two all the same.
    const key = `${one.account_id} ${one.security_id}`;
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    return factOf(one, known.get(one.security_id), time);
  });
  return { holdings: facts, statements: statementsOf({ item: told }) };
}

function factOf(told: z.infer<typeof holding>, of: Security | undefined, time: number): HoldingFact {
  return {
    ref: time === 1 ? told.security_id : `${told.security_id} ${time}`,
    accountRef: told.account_id,
    symbol: of?.ticker_symbol ?? null,
    cusip: of?.cusip ?? null,
    isin: of?.isin ?? null,
    description: of?.name ?? of?.ticker_symbol ?? "",
    type: of ? holdingType(of) : "OTHER",
    quantity: told.quantity,
    costBasis: told.cost_basis ?? null,
    closePrice: of?.close_price ?? null,
    currentValue: told.institution_value ?? null,
    // Coins and points have no ISO 4217 code; XXX is the code that says so.
    currency: told.iso_currency_code ?? "XXX",
  };
}
