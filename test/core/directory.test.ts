// The parts of the search: words and hosts, slips, the directory's changes, the order of what was found.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createDirectory } from "../../src/core/search/directory.ts";
import { hostOf, labelOf, nameKey, spellings, wordsOf } from "../../src/core/search/fold.ts";
import { edits, shortens } from "../../src/core/search/nearness.ts";
import { order, type Ranked, ranked, type Standing } from "../../src/core/search/ranking.ts";

describe("Words are compared in one form", () => {
  const cases: [string, string][] = [
    ["Crédit Municipal de Forêt", "credit municipal de foret"],
    ["GROSSENHAIN Großenhain", "grossenhain grossenhain"],
    ["Bank Spółdzielczy w Łomży", "bank spoldzielczy w lomzy"],
    ["Farmers & Merchants Bank, N.A.", "farmers and merchants bank n a"],
    ["People's Bank", "peoples bank"],
    ["Caisse d’économie", "caisse d economie"],
    ["1st State Bank", "first state bank"],
    ["Ｂａｎｋ １２", "bank 12"],
    ["Сбережения", "сбережения"],
    ["!!! --", ""],
  ];
  for (const [text, words] of cases) test(text, () => assert.equal(wordsOf(text).join(" "), words));

  test("umlauts are also written in two letters", () => {
    assert.deepEqual(spellings("Mühl"), [["muhl"], ["muehl"]]);
    assert.deepEqual(spellings("Mu\u0308hl"), [["muhl"], ["muehl"]]);
    assert.deepEqual(spellings("Mill"), [["mill"]]);
  });

  test("a name's key leaves out what one catalogue writes and the other does not", () => {
    for (const name of ["First Bank & Trust", "The First Bank and Trust, Inc.", "FIRST BANK and TRUST, N.A."]) {
      assert.equal(nameKey(name), "first bank trust");
    }
    assert.notEqual(nameKey("Bank of Ashton"), nameKey("Ashton Bank"));
  });
});

describe("Addresses are told from names", () => {
  const cases: [string, string | null][] = [
    ["https://www.example.com/login?next=%2F", "example.com"],
    ["HTTP://Online.Example.CO.UK:8443", "online.example.co.uk"],
    ["example.com.", "example.com"],
    ["www.example.bank/", "example.bank"],
    ["someone@example.com", "example.com"],
    ["münze.example", "xn--mnze-0ra.example"],
    ["N.A.", null],
    ["St. Example", null],
    ["first bank.com", null],
    ["https://", null],
    ["https://10.0.0.1/", null],
    ["127.0.0.1", null],
    ["plain", null],
  ];
  for (const [text, host] of cases) test(JSON.stringify(text), () => assert.equal(hostOf(text), host));

  test("the owner's part of a host", () => {
    for (const host of ["online.my-bank.co.uk", "my-bank.com", "secure.login.my-bank.org"]) {
      assert.equal(labelOf(host), "mybank");
    }
  });
});

describe("Slips are counted", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });

  /** The textbook's table, whole, without any short cut. */
  function plainly(one: string, other: string): number {
    const table = Array.from({ length: one.length + 1 }, (_, i) => [i, ...Array<number>(other.length).fill(0)]);
    table[0] = Array.from({ length: other.length + 1 }, (_, j) => j);
    for (let i = 1; i <= one.length; i++) {
      for (let j = 1; j <= other.length; j++) {
        const same = one[i - 1] === other[j - 1] ? 0 : 1;
        let best = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + same);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
          best = Math.min(best, table[i - 2]![j - 2]! + 1);
        }
        table[i]![j] = best;
      }
    }
    return table[one.length]![other.length]!;
  }

  test("as the textbook counts them, up to the limit", () => {
    fc.assert(
      fc.property(letters, letters, fc.integer({ min: 0, max: 3 }), (one, other, most) => {
        assert.equal(edits(one, other, most), Math.min(plainly(one, other), most + 1));
      }),
      { numRuns: 3000 },
    );
  });

  test("to the nearest beginning, as if each were compared", () => {
    fc.assert(
      fc.property(letters, letters, fc.integer({ min: 0, max: 2 }), (one, other, most) => {
        const all = Array.from({ length: other.length + 1 }, (_, end) => plainly(one, other.slice(0, end)));
        assert.equal(edits(one, other, most, true), Math.min(...all, most + 1));
      }),
      { numRuns: 3000 },
    );
  });

  test("words longer than any name are the same or another", () => {
    const long = "x".repeat(300);
    assert.equal(edits(long, long, 2), 0);
    assert.equal(edits(long, `${long}y`, 2), 3);
  });

  test("letters left out", () => {
    for (const short of ["natl", "ntl", "nat"]) assert.ok(shortens(short, "national"), short);
    for (const other of ["n", "latn", "tnl", "national", "nationals"]) assert.ok(!shortens(other, "national"), other);
  });
});

describe("The directory", () => {
  const bank = (id: string, name: string, rank = 1) => ({ id, name, rank });
  const ids = (directory: ReturnType<typeof filled>, text: string) =>
    ranked(directory.find(text), null, 10).page.map(({ id }) => id);

  function filled() {
    const directory = createDirectory<ReturnType<typeof bank>>();
    directory.put(bank("a", "Bank of Ashton", 5), { names: ["Bank of Ashton"], hosts: ["bankofashton.com"] });
    directory.put(bank("b", "Ashford Credit Union", 9), {
      names: ["Ashford Credit Union", "The Blue One"],
      hosts: ["ashfordcu.org", "blue.example"],
    });
    directory.put(bank("c", "Großweiler Sparkasse"), { names: ["Großweiler Sparkasse"], hosts: [] });
    return directory;
  }

  const finds: [string, string[]][] = [
    ["ashton", ["a"]],
    ["ash", ["b", "a"]],
    ["ashfrod", ["b"]],
    ["blue one", ["b"]],
    ["ACU", ["b"]],
    ["ashford cu", ["b"]],
    ["https://login.blue.example/x", ["b"]],
    ["bankofashton", ["a"]],
    ["bank ofash ton", ["a"]],
    ["grosweiler", ["c"]],
    ["parkass", ["c"]],
    ["zzzz", []],
    ["!!!", []],
    ["", []],
    ["ashton ".repeat(200), ["a"]],
    ["a".repeat(5000), []],
  ];
  for (const [text, wanted] of finds) {
    test(`finds ${wanted.join() || "nothing"} by ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.deepEqual(ids(filled(), text), wanted);
    });
  }

  test("what is replaced is found by its new name alone, and what is removed not at all", () => {
    const directory = filled();
    directory.put(bank("a", "Copperfield Bank"), { names: ["Copperfield Bank"], hosts: [] });
    assert.deepEqual(ids(directory, "ashton"), []);
    assert.deepEqual(ids(directory, "bankofashton.com"), []);
    assert.deepEqual(ids(directory, "copperfield"), ["a"]);
    directory.remove("a");
    directory.remove("never there");
    assert.deepEqual(ids(directory, "copperfield"), []);
    assert.deepEqual([directory.size, directory.waste], [2, 2]);
  });

  test("only what is wanted is found", () => {
    assert.deepEqual(
      filled()
        .find("ash", ({ rank }) => rank > 6)
        .map(({ id }) => id),
      ["b"],
    );
  });

  test("no text makes it throw, and every score is positive", () => {
    const directory = filled();
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.webUrl()), (text) => {
        for (const { score } of directory.find(text)) assert.ok(score > 0);
      }),
    );
  });
});

describe("Pages of what was found", () => {
  const standing = fc.record<Standing>({
    score: fc.integer({ min: 1, max: 3 }),
    rank: fc.integer({ min: 0, max: 2 }),
    name: fc.constantFrom("a", "b"),
    id: fc.uuid(),
  });
  const many = fc.uniqueArray(standing, { selector: ({ id }) => id, maxLength: 30 });

  test("follow one another both ways, as if all had been sorted", () => {
    fc.assert(
      fc.property(many, fc.integer({ min: 1, max: 7 }), (found, limit) => {
        const sorted = found.toSorted(order);
        let place: Parameters<typeof ranked>[1] = null;
        const forward: Standing[] = [];
        for (;;) {
          const { page, remaining }: Ranked<Standing> = ranked(found, place, limit);
          forward.push(...page);
          assert.equal(remaining, sorted.length - forward.length);
          if (remaining === 0) break;
          place = { side: "after", at: page.at(-1)! };
        }
        assert.deepEqual(forward, sorted);
        sorted.forEach((at, index) => {
          const { page, remaining } = ranked(found, { side: "before", at }, limit);
          assert.deepEqual(page, sorted.slice(Math.max(0, index - limit), index));
          assert.equal(remaining, Math.max(0, index - limit));
        });
      }),
    );
  });
});
