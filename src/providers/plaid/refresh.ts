import { bad, good, type Held, type Statements, type Verb } from "../provider.ts";
import { acknowledged, type Plaid } from "./client.ts";

/**
 * Makes Plaid read the bank now; the answer says only that the order was taken. What it brought shows later, as a newer
 * time in /item/get. An add-on that is paid by the request: https://plaid.com/docs/api/products/transactions/
 */
export const refresh = (plaid: Plaid): Verb<Held, Statements> => ({
  cost: "billed",
  source: "cache",
  mayAsk: true,
  run: async (call, { credential }) => {
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.transactionsRefresh(request), acknowledged, {
      product: "TRANSACTIONS",
    });
    return told.ok ? good({}) : bad(told.trouble);
  },
});
