import { bad, good, type Held, type Statements, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { itemAnswer, statementsOf } from "./statements.ts";

/** Plaid answers this from what it knows; the bank is not asked. */
export const readConnection = (plaid: Plaid): Verb<Held, Statements> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const told = await plaid(call, (api) => api.itemGet({ access_token: credential }), itemAnswer);
    return told.ok ? good(statementsOf(told.facts)) : bad(told.trouble);
  },
});
