// The right bank is in the top three for 98 of 100 queries, on the half that nothing was tuned on, too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeDirectory } from "./directory.ts";
import { finder, missed } from "./judge.ts";
import { querySets } from "./sets.ts";

const banks = makeDirectory();
const find = finder(banks);
const sets = querySets(banks);
const WANTED = 0.98;

for (const half of ["tuned", "judged"] as const) {
  test(`the ${half} half`, (t) => {
    const queries = sets[half];
    const lost = missed(queries, find);
    const rate = 1 - lost.length / queries.length;
    t.diagnostic(`${half}: ${queries.length - lost.length} of ${queries.length}, ${(rate * 100).toFixed(1)} %`);
    // Which ones of the judged half are lost is not told: who reads it begins to tune on them.
    const kinds = lost.map(({ kind, text }) => (half === "tuned" ? `${kind}: ${text}` : kind));
    assert.ok(rate >= WANTED, `${(rate * 100).toFixed(1)} %; lost: ${kinds.join(" · ")}`);
  });
}

test("the queries are no pushover: whoever looks for the words as they stand finds less than half", () => {
  const found = (text: string, name: string) => name.toLowerCase().includes(text.trim().toLowerCase());
  const byRef = new Map(banks.map((bank) => [bank.ref, bank]));
  const all = [...sets.tuned, ...sets.judged];
  const naive = all.filter(({ text, ref }) => {
    const meant = byRef.get(ref)!;
    const better = banks.filter((bank) => bank.rank > meant.rank && found(text, bank.name));
    return found(text, meant.name) && better.length < 3;
  });
  assert.ok(naive.length < all.length / 2, `${naive.length} of ${all.length}`);
});
