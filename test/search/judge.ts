// The search over the made-up directory, and how many of a half's queries find the right bank in the top three.

import { createDirectory } from "../../src/core/search/directory.ts";
import { ranked } from "../../src/core/search/ranking.ts";
import type { Listed } from "./directory.ts";
import type { Query } from "./queries.ts";

export const TOP = 3;

export type Finder = (query: Query) => string[];

/** Answers the ids of the first three. */
export function finder(banks: readonly Listed[]): Finder {
  const directory = createDirectory<{ id: string; name: string; rank: number; countries: string[] }>();
  for (const { ref, name, aliases, domain, countries, rank } of banks) {
    directory.put({ id: ref, name, rank, countries }, { names: [name, ...aliases], hosts: domain ? [domain] : [] });
  }
  return ({ text, country }) => {
    const found = directory.find(text, (bank) => country === undefined || bank.countries.includes(country));
    return ranked(found, null, TOP).page.map(({ id }) => id);
  };
}

export const missed = (queries: readonly Query[], find: Finder): Query[] =>
  queries.filter((query) => !find(query).includes(query.ref));
