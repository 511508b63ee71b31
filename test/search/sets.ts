// All 360 queries in two halves: the search may be tuned on one, and is judged on the other.

import { BY_HAND } from "./by-hand.ts";
import type { Listed } from "./directory.ts";
import { makeQueries, type Query } from "./queries.ts";

export interface Sets {
  /** May be looked at while the search is made better. */
  tuned: Query[];
  /** Only counted. */
  judged: Query[];
}

export function querySets(directory: readonly Listed[]): Sets {
  const sets: Sets = { tuned: [], judged: [] };
  for (const queries of [makeQueries(directory), byHand(directory)]) {
    queries.forEach((query, place) => sets[place % 2 === 0 ? "tuned" : "judged"].push(query));
  }
  return sets;
}

function byHand(directory: readonly Listed[]): Query[] {
  return BY_HAND.map(([text, name, country]) => {
    const [bank] = directory
      .filter((bank) => bank.name === name && (!country || bank.countries.includes(country)))
      .toSorted((a, b) => b.rank - a.rank);
    if (!bank) throw new Error(`${text}: no bank is called ${name}`);
    return { text, kind: "by hand", ref: bank.ref, ...(country !== undefined && { country }) };
  });
}
