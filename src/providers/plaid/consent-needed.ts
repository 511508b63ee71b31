import type { Product } from "../../core/products.ts";
import { good, type Held, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { PLAID_PRODUCTS } from "./link-products.ts";
import { itemAnswer } from "./statements.ts";

/** Most Items tell nothing of consents, and need none: their products are added by being read. */
export const consentNeeded = (plaid: Plaid): Verb<Held, readonly Product[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential, products }) => {
    const told = await plaid(call, (api) => api.itemGet({ access_token: credential }), itemAnswer);
    if (!told.ok) return told;
    const given = told.facts.item.consented_products;
    if (!given) return good([]);
    return good(
      products.filter((product) => {
        const behind = PLAID_PRODUCTS[product];
        return behind !== null && !given.includes(behind);
      }),
    );
  },
});
