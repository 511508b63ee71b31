import { bad, good, type FinishLink, type Held, type Repaired, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { finishLink } from "./finish-link.ts";
import { finishedWith } from "./link-told.ts";
import { ANEW } from "./start-repair.ts";
import { itemAnswer, statementsOf } from "./statements.ts";

/**
 * Update mode exchanges nothing. What still ails the Item is stated, and the next run finds it as well. A repair that
 * made a new Item brings a public token, as a first link does.
 */
export const finishRepair = (plaid: Plaid): Verb<Held & FinishLink, Repaired> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential, state, proof }) => {
    if (state.startsWith(ANEW)) {
      const linked = await finishLink(plaid).run(call, { state: state.slice(ANEW.length), proof });
      return linked.ok ? good({ kind: "relinked", linked: linked.facts }) : linked;
    }
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
