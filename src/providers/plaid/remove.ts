import { bad, good, type Held, type Verb } from "../provider.ts";
import { acknowledged, type Plaid } from "./client.ts";

/** Ends the access token and the billing. An Item that is gone already answers with a trouble marked `gone`. */
export const remove = (plaid: Plaid): Verb<Held, null> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const told = await plaid(call, (api) => api.itemRemove({ access_token: credential }), acknowledged);
    return told.ok ? good(null) : bad(told.trouble);
  },
});
