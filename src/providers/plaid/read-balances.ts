import { bad, good, type AccountList, type Held, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { accountsAnswer, listOf } from "./read-accounts.ts";

/** Banks that have to be told how old a balance may be at most; nothing older is of any use here. */
const OLDEST = 24 * 3_600_000;

/**
 * The balances as the bank has them now: it is asked while we wait, for up to half a minute, and each answer is paid.
 * https://plaid.com/docs/api/products/balance/
 */
export const readBalances = (plaid: Plaid): Verb<Held, AccountList> => ({
  cost: "billed",
  brings: ["BALANCES"],
  source: "bank",
  mayAsk: true,
  run: async (call, { credential }) => {
    const since = new Date(call.wall() - OLDEST).toISOString();
    const request = { access_token: credential, options: { min_last_updated_datetime: since } };
    const told = await plaid(call, (api) => api.accountsBalanceGet(request), accountsAnswer, { product: "BALANCES" });
    return told.ok ? good(listOf(told.facts)) : bad(told.trouble);
  },
});
