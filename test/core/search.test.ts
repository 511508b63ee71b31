import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDirectory } from "../../src/core/search/directory.ts";
import { ranked } from "../../src/core/search/ranking.ts";

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
const directory = createDirectory<{ id: string; name: string; rank: number }>();
NAMES.forEach((name, at) => {
  const host = `${name.split(" ")[0]?.toLowerCase()}.example`;
  directory.put({ id: `${at}`, name, rank: NAMES.length - at }, { names: [name], hosts: [host] });
});
const find = (typed: string) => ranked(directory.find(typed), null, 5).page;
const best = (typed: string): string | undefined => find(typed)[0]?.name;

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

test("What fits nothing finds nothing, and among equals the popular one is first", () => {
  for (const typed of ["zebra", "xx", "  "]) assert.deepEqual(find(typed), []);
  assert.equal(best("bank"), "Copper Mesa Bank");
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
  fc.assert(fc.property(fc.string(), (typed) => find(typed).length <= 5));
});
