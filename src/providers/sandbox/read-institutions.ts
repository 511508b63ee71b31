import { bad, good } from "../provider.ts";
import type { Verb } from "../provider.ts";
import type { InstitutionFact, InstitutionSearch } from "../institution.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { productsOf } from "./statements.ts";
import { Houses } from "./wire.ts";

export const readInstitutions = (settings: Settings): Verb<InstitutionSearch, readonly InstitutionFact[]> => ({
  cost: "free",
  source: "cache",
  async run(call, { search, ref, offset = 0 }) {
    // One answer has them all.
    if (offset > 0) return good([]);
    const query = { ...(search === undefined ? {} : { find: search }), ...(ref === undefined ? {} : { id: ref }) };
    const told = await ask(call, settings, { to: "GET /houses", query, shape: Houses });
    if (!told.ok) return bad(told.trouble);
    return good(
      told.facts.houses.map(({ id, name, aka, land, offers, rank }) => ({
        ref: id,
        name,
        aliases: aka,
        // Set aside for examples: no real bank answers there.
        domain: `${id}.example`,
        countries: [land],
        products: productsOf(offers),
        isTest: true,
        rank,
      })),
    );
  },
});
