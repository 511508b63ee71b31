// Which account is which after a relink: what is sure, what is asked, and what holds for any two lists.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ACCOUNT_TYPES } from "../../src/core/account.ts";
import { matchAccounts, type Matching, type Traits } from "../../src/core/match-accounts.ts";

const often = { numRuns: 3000 };

const BARE: Omit<Traits, "id"> = {
  persistentRef: null,
  numberHash: null,
  type: "DEPOSITORY",
  mask: "1234",
  currency: "USD",
  name: "Everyday Checking",
};
const account = (id: string, traits: Partial<Traits> = {}): Traits => ({ ...BARE, id, ...traits });

/** Few values, so that lists drawn at random have much in common. */
const traits: fc.Arbitrary<Omit<Traits, "id">> = fc.record({
  persistentRef: fc.constantFrom(null, null, "p1", "p2", "p3"),
  numberHash: fc.constantFrom(null, "n1", "n2", "n3"),
  type: fc.constantFrom(...ACCOUNT_TYPES.slice(0, 2)),
  mask: fc.constantFrom(null, "1234", "9876"),
  currency: fc.constantFrom(null, "USD", "EUR"),
  name: fc.constantFrom("Everyday Checking", "everyday  checking ", "Growth Savings"),
});
const list = (prefix: string) =>
  fc.array(traits, { maxLength: 6 }).map((all) => all.map((one, at) => ({ ...one, id: `${prefix}${at}` })));
const lists = fc.tuple(list("b"), list("n"));

const mirrored = ({ pairs, questions }: Matching) => ({
  pairs: pairs.map(({ before, now }) => `${now} ${before}`).sort(),
  questions: questions.map(({ before, now }) => [now, before].join(" / ")).sort(),
});
const straight = ({ pairs, questions }: Matching) => ({
  pairs: pairs.map(({ before, now }) => `${before} ${now}`).sort(),
  questions: questions.map(({ before, now }) => [before, now].join(" / ")).sort(),
});

test("no account is told to be two, none is both paired and asked about, and none comes from nowhere", () => {
  let paired = 0;
  let asked = 0;
  fc.assert(
    fc.property(lists, ([before, now]) => {
      const { pairs, questions } = matchAccounts(before, now);
      const [old, fresh] = [pairs.map((pair) => pair.before), pairs.map((pair) => pair.now)];
      for (const one of questions) assert.ok(one.before.length > 0 && one.now.length > 0);
      const named = [...old, ...questions.flatMap((one) => one.before)];
      const other = [...fresh, ...questions.flatMap((one) => one.now)];
      assert.equal(new Set(named).size, named.length);
      assert.equal(new Set(other).size, other.length);
      assert.ok(named.every((id) => before.some((one) => one.id === id)));
      assert.ok(other.every((id) => now.some((one) => one.id === id)));
      paired += pairs.length;
      asked += questions.length;
    }),
    often,
  );
  assert.ok(paired > 500 && asked > 500, `${paired} pairs and ${asked} questions were drawn`);
});

test("the order of the lists plays no part", () => {
  const shuffled = lists.chain(([before, now]) =>
    fc.tuple(
      fc.constant([before, now] as const),
      fc.shuffledSubarray(before, { minLength: before.length }),
      fc.shuffledSubarray(now, { minLength: now.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([[before, now], one, other]) => {
      assert.deepEqual(matchAccounts(one, other), matchAccounts(before, now));
    }),
    often,
  );
});

test("what is sure and what is asked is the same seen from either side", () => {
  fc.assert(
    fc.property(lists, ([before, now]) => {
      assert.deepEqual(mirrored(matchAccounts(now, before)), straight(matchAccounts(before, now)));
    }),
    often,
  );
});

test("accounts that differ in persistent id are never one; equal last digits alone tie nobody", () => {
  fc.assert(
    fc.property(lists, ([before, now]) => {
      const find = (all: readonly Traits[], id: string) => all.find((one) => one.id === id);
      for (const pair of matchAccounts(before, now).pairs) {
        const [a, b] = [find(before, pair.before), find(now, pair.now)];
        assert.ok(a && b);
        const [p, q] = [a.persistentRef, b.persistentRef];
        assert.ok(p === null || q === null || p === q);
        const isTold = (p !== null && p === q) || (a.numberHash !== null && a.numberHash === b.numberHash);
        const plain = ({ name }: Traits) => name.trim().toLowerCase().replaceAll(/\s+/g, " ");
        const looks = a.mask !== null && a.mask === b.mask && a.type === b.type && plain(a) === plain(b);
        assert.ok(isTold || looks, `${JSON.stringify(a)} ${JSON.stringify(b)}`);
      }
    }),
    often,
  );
});

test("a list is its own, account by account, wherever no two in it are alike", () => {
  const alike = fc.uniqueArray(traits, {
    maxLength: 6,
    selector: (one) => [one.type, one.mask, one.name.trim().toLowerCase().replaceAll(/\s+/g, " ")].join(),
  });
  const whole = alike.map((all) => all.filter(({ mask }) => mask !== null).map((one) => ({ ...one, currency: "USD" })));
  fc.assert(
    fc.property(whole, (all) => {
      const bare = all.map((one, at) => ({ ...one, persistentRef: null, numberHash: null, id: `b${at}` }));
      const now = bare.map((one, at) => ({ ...one, id: `n${at}` }));
      const { pairs, questions } = matchAccounts(bare, now);
      assert.deepEqual(questions, []);
      assert.deepEqual(
        pairs,
        bare.map((_, at) => ({ before: `b${at}`, now: `n${at}` })),
      );
    }),
    often,
  );
});

const CASES: [what: string, before: Traits[], now: Traits[], pairs: string[], questions: string[]][] = [
  [
    "a persistent id outweighs a new name, number and digits",
    [account("b", { persistentRef: "p", numberHash: "n1" })],
    [account("n", { persistentRef: "p", numberHash: "n2", mask: "0000", name: "Other" })],
    ["b n"],
    [],
  ],
  [
    "a number outweighs a new name",
    [account("b", { numberHash: "n1" })],
    [account("n", { numberHash: "n1", name: "Renamed" })],
    ["b n"],
    [],
  ],
  [
    "one number in two currencies is two accounts",
    [account("b1", { numberHash: "n", currency: "EUR" }), account("b2", { numberHash: "n", currency: "USD" })],
    [account("n1", { numberHash: "n", currency: "USD" }), account("n2", { numberHash: "n", currency: "EUR" })],
    ["b1 n2", "b2 n1"],
    [],
  ],
  ["digits, type, currency and name together are enough", [account("b")], [account("n")], ["b n"], []],
  ["a changed name is asked about", [account("b")], [account("n", { name: "Renamed" })], [], ["b / n"]],
  ["digits alone are nothing", [account("b")], [account("n", { type: "CREDIT", name: "Card" })], [], []],
  ["no digits are asked about", [account("b", { mask: null })], [account("n", { mask: null })], [], ["b / n"]],
  [
    "two alike are asked about, once and together",
    [account("b1"), account("b2")],
    [account("n1"), account("n2")],
    [],
    ["b1,b2 / n1,n2"],
  ],
  ["two alike of which one went are asked about", [account("b1"), account("b2")], [account("n")], [], ["b1,b2 / n"]],
  [
    "two alike are told apart by their numbers",
    [account("b1", { numberHash: "n1" }), account("b2", { numberHash: "n2" })],
    [account("n1", { numberHash: "n2" }), account("n2", { numberHash: "n1" })],
    ["b1 n2", "b2 n1"],
    [],
  ],
  [
    "another number under the same looks is asked about",
    [account("b", { numberHash: "n1" })],
    [account("n", { numberHash: "n2" })],
    [],
    ["b / n"],
  ],
  ["a currency that is not told is no contradiction", [account("b")], [account("n", { currency: null })], ["b n"], []],
];

for (const [what, before, now, pairs, questions] of CASES) {
  test(what, () => {
    assert.deepEqual(straight(matchAccounts(before, now)), { pairs, questions });
  });
}
