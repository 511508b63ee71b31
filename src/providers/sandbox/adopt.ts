import { bad, good } from "../provider.ts";
import type { Adopt, Adopted, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { productsOf, statementsOf } from "./statements.ts";
import { Handed } from "./wire.ts";

/** The farm says whose line a grant opens; with an address it posts there from now on. */
export const adopt = (settings: Settings): Verb<Adopt, Adopted> => ({
  cost: "free",
  source: "cache",
  async run(call, { credential, webhookUrl }) {
    const told = await ask(call, settings, {
      to: "POST /line/tell",
      grant: credential,
      body: webhookUrl === undefined ? {} : { tell: webhookUrl },
      shape: Handed,
    });
    if (!told.ok) return bad(told.trouble);
    const { line, house, wants, state } = told.facts;
    return good({
      ref: line,
      credential,
      institution: { ref: house.id, name: house.name },
      statements: statementsOf(state),
      products: productsOf(wants),
    });
  },
});
