import { bad, good, type FinishLink, type Held, type Repaired, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { itemAnswer, statementsOf } from "./statements.ts";

/** Update mode exchanges nothing. What still ails the Item is stated, and the next run finds it as well. */
export const finishRepair = (plaid: Plaid): Verb<Held & FinishLink, Repaired> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.itemGet(request), itemAnswer, { session: true });
    return told.ok ? good({ kind: "in place", statements: statementsOf(told.facts) }) : bad(told.trouble);
  },
});
