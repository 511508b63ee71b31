// The made-up directory as rows of a provider's catalogue.

import type { Listed as Row } from "../../src/store/catalogue.ts";
import { institutionId } from "../../src/store/institutions.ts";
import type { Listed } from "./directory.ts";

export const catalogueOf = (provider: string, banks: readonly Listed[]): Row[] =>
  banks.map(({ ref, name, aliases, domain, countries, rank }) => ({
    id: institutionId(provider, ref),
    name,
    aliases,
    hosts: domain ? [domain] : [],
    countries,
    products: ["BALANCES", "TRANSACTIONS"],
    isTest: false,
    rank,
    providers: { [provider]: ref },
  }));
