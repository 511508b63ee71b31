import type { Product } from "../../core/products.ts";
import { bad, good } from "../provider.ts";
import type { Held, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { productsOf } from "./statements.ts";
import { Wanted } from "./wire.ts";

/** The farm reads what the customer was asked for, and nothing besides. */
export const consentNeeded = (settings: Settings): Verb<Held, readonly Product[]> => ({
  cost: "free",
  source: "cache",
  async run(call, { credential, products }) {
    const told = await ask(call, settings, { to: "GET /line/wants", grant: credential, shape: Wanted });
    if (!told.ok) return bad(told.trouble);
    const given = productsOf(told.facts.wants);
    return good(products.filter((product) => !given.includes(product)));
  },
});
