import { bad, good, type FinishLink, type Held, type Repaired, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { finishedWith } from "./link-told.ts";
import { itemAnswer, statementsOf } from "./statements.ts";

/** Update mode exchanges nothing. What still ails the Item is stated, and the next run finds it as well. */
export const finishRepair = (plaid: Plaid): Verb<Held & FinishLink, Repaired> => ({
  cost: "free",
  source: "cache",
  run: async (call, { state, proof, credential }) => {
    // A page that Link reports to says so itself; a customer who comes back with nothing may not have been there.
    if (Object.keys(proof).length === 0) {
      const finished = await finishedWith(plaid, call, state);
      if (!finished.ok) return finished;
    }
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.itemGet(request), itemAnswer, { session: true });
    return told.ok ? good({ kind: "in place", statements: statementsOf(told.facts) }) : bad(told.trouble);
  },
});
