import type { CountryCode } from "plaid";
import { z } from "zod";
import type { Product } from "../../core/products.ts";
import { bad, good, type InstitutionFact, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";

const institution = z.object({
  institution_id: z.string().min(1),
  name: z.string(),
  products: z.array(z.string()),
  country_codes: z.array(z.string()),
  url: z.string().nullish(),
});

const one = z.object({ institution });
const many = z.object({ institutions: z.array(institution) });

/** Without a search or an id: the head of the catalogue, as far as one page reaches. */
const HEAD = 500;

export interface Catalogue {
  /** The countries that the operator's plan covers. */
  countries: readonly string[];
  /** No bank of Plaid's sandbox is real. */
  isTest: boolean;
}

export const readInstitutions = (
  plaid: Plaid,
  { countries, isTest }: Catalogue,
): Verb<{ search?: string; ref?: string }, readonly InstitutionFact[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, { search, ref }) => {
    const among = { country_codes: [...countries] as CountryCode[], options: { include_optional_metadata: true } };
    if (ref !== undefined) {
      const told = await plaid(call, (api) => api.institutionsGetById({ institution_id: ref, ...among }), one);
      return told.ok ? good([factOf(told.facts.institution, 0, isTest)]) : bad(told.trouble);
    }
    const told = await plaid(
      call,
      (api) =>
        search
          ? api.institutionsSearch({ query: search, ...among })
          : api.institutionsGet({ count: HEAD, offset: 0, ...among }),
      many,
    );
    if (!told.ok) return bad(told.trouble);
    const { institutions } = told.facts;
    // Plaid tells no popularity; its order of relevance is all there is.
    return good(institutions.map((found, place) => factOf(found, institutions.length - place, isTest)));
  },
});

const factOf = (told: z.infer<typeof institution>, rank: number, isTest: boolean): InstitutionFact => ({
  ref: told.institution_id,
  name: told.name,
  ...(told.url ? domainOf(told.url) : {}),
  countries: told.country_codes,
  // Balances come with every Item that is read at all.
  products: (["BALANCES", "TRANSACTIONS"] as const).filter(
    (product: Product) => product === "BALANCES" || told.products.includes("transactions"),
  ),
  isTest,
  rank,
});

function domainOf(url: string): { domain?: string } {
  const address = URL.parse(url.includes("://") ? url : `https://${url}`);
  return address ? { domain: address.hostname } : {};
}
