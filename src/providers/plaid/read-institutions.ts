import type { CountryCode } from "plaid";
import { z } from "zod";
import { PRODUCTS } from "../../core/products.ts";
import { bad, good, type Verb } from "../provider.ts";
import type { InstitutionFact, InstitutionSearch } from "../institution.ts";
import type { Plaid } from "./client.ts";
import { PLAID_PRODUCTS } from "./link-products.ts";

const institution = z.object({
  institution_id: z.string().min(1),
  name: z.string(),
  products: z.array(z.string()),
  country_codes: z.array(z.string()),
  url: z.string().nullish(),
});

const one = z.object({ institution });
const many = z.object({ institutions: z.array(institution) });

/** The most that a page of the catalogue may hold: https://plaid.com/docs/api/institutions/#institutionsget */
const PAGE = 500;

export interface Catalogue {
  /** The countries that the operator's plan covers. */
  countries: readonly string[];
  /** No bank of Plaid's sandbox is real. */
  isTest: boolean;
}

export const readInstitutions = (
  plaid: Plaid,
  { countries, isTest }: Catalogue,
): Verb<InstitutionSearch, readonly InstitutionFact[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, { search, ref, offset = 0 }) => {
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
          : api.institutionsGet({ count: PAGE, offset, ...among }),
      many,
    );
    if (!told.ok) return bad(told.trouble);
    const { institutions } = told.facts;
    // Plaid tells no popularity; the order of a search is all there is, and the catalogue's is none.
    return good(institutions.map((found, place) => factOf(found, search ? institutions.length - place : 0, isTest)));
  },
});

const factOf = (told: z.infer<typeof institution>, rank: number, isTest: boolean): InstitutionFact => ({
  ref: told.institution_id,
  name: told.name,
  ...(told.url ? domainOf(told.url) : {}),
  countries: told.country_codes,
  // Balances come with every Item that is read at all.
  products: PRODUCTS.filter(
    (product) => told.products.includes(PLAID_PRODUCTS[product] ?? "") || product === "BALANCES",
  ),
  isTest,
  rank,
});

function domainOf(url: string): { domain?: string } {
  const address = URL.parse(url.includes("://") ? url : `https://${url}`);
  return address ? { domain: address.hostname } : {};
}
