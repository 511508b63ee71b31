/** The banks that a session may choose from, found by what the customer types. */
import { wordsOf } from "../core/search/fold.ts";
import type { Connection } from "../store/connections.ts";
import type { Filters, Institution } from "../store/institutions.ts";
import { listInstitutions } from "../store/lists/institutions.ts";
import type { Gateway } from "./gateway.ts";
import { searchInstitutions } from "./search-institutions.ts";

export async function findInstitutions(
  gateway: Gateway,
  { regions, products }: Pick<Connection, "products" | "regions">,
  typed: string,
  most: number,
): Promise<Institution[]> {
  const open: Filters = {
    providers: [...gateway.providers.keys()],
    countries: regions.length > 0 ? regions.map((region) => region.slice(0, 2)) : undefined,
    products,
    mayBeUnknown: true,
  };
  if (wordsOf(typed).length === 0) return (await listInstitutions(gateway.db, open, null, most)).rows;
  const { rows } = await searchInstitutions(gateway.db, typed, open, null, most);
  return rows.map(({ institution }) => institution);
}

/** A bank that is not listed here may be in the picker of a provider that brings its own. */
export const hasOwnPicker = (gateway: Gateway): boolean =>
  [...gateway.providers.keys()].some((name) => name !== "SANDBOX");
