// What the search is judged by stays what it was when the search was written.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { BY_HAND } from "./by-hand.ts";
import { makeDirectory, spoken } from "./directory.ts";
import { GENERATED, makeQueries } from "./queries.ts";
import { querySets } from "./sets.ts";

const directory = makeDirectory();
const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");

test("the directory has over 20,000 names, and namesakes and near twins among them", () => {
  const names = new Set(directory.map(({ name }) => name));
  assert.ok(names.size > 20_000, `${names.size} names`);
  assert.ok(directory.length - names.size > 200, `${directory.length - names.size} namesakes`);
  // Names that differ by one letter lost share a form with one letter left out, or none.
  const seen = new Set<string>();
  let twins = 0;
  for (const name of names) {
    const plain = spoken(name).join("");
    const forms = new Set([plain, ...Array.from(plain, (_, at) => plain.slice(0, at) + plain.slice(at + 1))]);
    if ([...forms].some((form) => seen.has(form))) twins++;
    for (const form of forms) seen.add(form);
  }
  assert.ok(twins > 1_000, `${twins} near twins`);
});

test("directory and queries are those that were committed before the search", () => {
  assert.equal(digest(directory), "ce8838778b7a742c2504da01cceb29903dceb621c58d3956a0e1aace0b9b85c5");
  assert.equal(
    digest([makeQueries(directory), BY_HAND]),
    "b37c37521e4f0f0d67ba9ed3d39a61d1c64445f8df0f2fc26c35446cfa00b7b3",
  );
});

test("300 are made and 60 written by hand; each half has half of both, and none of the other's", () => {
  const { tuned, judged } = querySets(directory);
  for (const half of [tuned, judged]) {
    assert.equal(half.filter(({ kind }) => kind === "by hand").length, 30);
    assert.equal(half.length, GENERATED / 2 + 30);
  }
  const all = new Set([...tuned, ...judged].map(({ text, ref }) => `${text} ${ref}`));
  assert.equal(all.size, 360);
});
