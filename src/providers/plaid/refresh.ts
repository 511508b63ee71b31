import type { Product } from "../../core/products.ts";
import { bad, good, type Held, type Statements, type Verb } from "../provider.ts";
import { acknowledged, type Plaid } from "./client.ts";

const INVESTED: readonly Product[] = ["INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS"];

/**
 * Makes Plaid read the bank now; the answer says only that the order was taken. What it brought shows later, as a newer
 * time in /item/get. Add-ons that are paid by the request, one for transactions and one for investments:
 * https://plaid.com/docs/account/billing/
 */
export const refresh = (plaid: Plaid): Verb<Held, Statements> => ({
  cost: "billed",
  brings: ["TRANSACTIONS", ...INVESTED],
  source: "cache",
  mayAsk: true,
  run: async (call, { credential, products }) => {
    const request = { access_token: credential };
    if (products.includes("TRANSACTIONS")) {
      const told = await plaid(call, (api) => api.transactionsRefresh(request), acknowledged, {
        product: "TRANSACTIONS",
      });
      if (!told.ok) return bad(told.trouble);
    }
    const product = INVESTED.find((one) => products.includes(one));
    if (product) {
      const told = await plaid(call, (api) => api.investmentsRefresh(request), acknowledged, { product });
      if (!told.ok) return bad(told.trouble);
    }
    return good({});
  },
});
