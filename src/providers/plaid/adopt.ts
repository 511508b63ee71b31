import { bad, good, type Adopt, type Adopted, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { productsOf } from "./link-products.ts";
import { itemAnswer, statementsOf } from "./statements.ts";

/**
 * An Item of the same keys that was linked elsewhere. Its webhook is changed last, and only where it points to another
 * place: whoever had it before is told no more.
 */
export const adopt = (plaid: Plaid): Verb<Adopt, Adopted> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential, webhookUrl }) => {
    const told = await plaid(call, (api) => api.itemGet({ access_token: credential }), itemAnswer);
    if (!told.ok) return bad(told.trouble);
    const { item } = told.facts;
    if (webhookUrl !== undefined && item.webhook !== webhookUrl) {
      const pointed = await plaid(
        call,
        (api) => api.itemWebhookUpdate({ access_token: credential, webhook: webhookUrl }),
        itemAnswer.pick({ item: true }),
      );
      if (!pointed.ok) return bad(pointed.trouble);
    }
    return good({
      ref: item.item_id,
      credential,
      institution: { ref: item.institution_id ?? "", name: item.institution_name ?? "" },
      statements: statementsOf(told.facts),
      ...(item.products && { products: productsOf(item.products) }),
    });
  },
});
