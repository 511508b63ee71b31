import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { directoryOf, find } from "../../src/core/search.ts";

const NAMES = [
  "Copper Mesa Bank",
  "Tallgrass Community Credit Union",
  "Lantern Harbor Savings",
  "Thistle Moor Bank",
  "Wrenfield Building Society",
  "Crédit Agricole Île-de-France",
  "First National Bank of Ohio",
  "Second National Bank",
];
const directory = directoryOf(
  NAMES.map((name, at) => ({ name, rank: NAMES.length - at, alias: `${name.split(" ")[0]?.toLowerCase()}.example` })),
);
const best = (typed: string): string | undefined => find(directory, typed, 5)[0]?.name;

test("What people type finds what they mean", () => {
  const typed: [string, string][] = [
    ["copper", "Copper Mesa Bank"],
    ["Coper Mesa", "Copper Mesa Bank"],
    ["cpoper", "Copper Mesa Bank"],
    ["coppermesa", "Copper Mesa Bank"],
    ["mesa copper", "Copper Mesa Bank"],
    ["talgrass", "Tallgrass Community Credit Union"],
    ["tallgras comunity", "Tallgrass Community Credit Union"],
    ["lantren habror", "Lantern Harbor Savings"],
    ["LHS", "Lantern Harbor Savings"],
    ["wrenfeild", "Wrenfield Building Society"],
    ["wrenfie", "Wrenfield Building Society"],
    ["wrnefi", "Wrenfield Building Society"],
    ["credit agricole", "Crédit Agricole Île-de-France"],
    ["ile de france", "Crédit Agricole Île-de-France"],
    ["first nat", "First National Bank of Ohio"],
    ["natoinal bank ohio", "First National Bank of Ohio"],
  ];
  for (const [words, name] of typed) assert.equal(best(words), name, words);
});

test("What fits nothing finds nothing, and nothing typed finds the popular ones", () => {
  assert.deepEqual(find(directory, "zebra", 5), []);
  assert.deepEqual(find(directory, "xx", 5), []);
  assert.deepEqual(
    find(directory, "  ", 3).map(({ name }) => name),
    NAMES.slice(0, 3),
  );
  assert.equal(find(directory, "bank", 5)[0]?.name, "Copper Mesa Bank", "among equals the popular one is first");
});

test("One slip in any longer word still finds its name first, and any text at all is answered", () => {
  const words = ["copper", "tallgrass", "lantern", "thistle", "wrenfield", "agricole"];
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom("drop", "swap", "double"), (word, spot, slip) => {
      const at = spot % (word.length - 1);
      const [a, b] = [word.charAt(at), word.charAt(at + 1)];
      const wrong = { drop: a, swap: b + a, double: a + a + b }[slip];
      const typed = word.slice(0, at) + wrong + word.slice(at + 2);
      const name = NAMES.find((one) => one.normalize("NFKD").toLowerCase().includes(word));
      assert.equal(best(typed), name, typed);
    }),
  );
  fc.assert(fc.property(fc.string(), (typed) => find(directory, typed, 3).length <= 3));
});
