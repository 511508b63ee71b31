// Which entries of several catalogues are one bank: by hand, and as properties of any catalogues.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { headsOf, type Listing } from "../../src/core/same-institution.ts";

let made = 0;
const listing = (provider: string, name: string, hosts = "", more: Partial<Listing> = {}): Listing => ({
  id: `i${++made}`,
  provider,
  name,
  hosts: hosts.split(" ").filter(Boolean),
  countries: ["US"],
  isTest: false,
  since: made,
  ...more,
});

/** The names of each bank's entries as `PROVIDER name`, those that stand alone left out. */
function together(...listings: Listing[]): string[] {
  const heads = headsOf(listings);
  const groups = Map.groupBy(listings, ({ id }) => heads.get(id));
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.map(({ provider, name }) => `${provider} ${name}`).join(" + "));
}

describe("One bank", () => {
  const gb = { countries: ["GB"] };
  const cases: [string, Listing[], string[]][] = [
    [
      "by its address",
      [listing("A", "Heron", "heron.com"), listing("B", "Heron Bank", "heron.com")],
      ["A Heron + B Heron Bank"],
    ],
    [
      "by any of its addresses",
      [listing("A", "Heron", "x.com heron.com"), listing("B", "H", "heron.com y.com")],
      ["A Heron + B H"],
    ],
    [
      "by its name, where no address speaks against it",
      [listing("A", "Heron & Co"), listing("B", "heron and co.")],
      ["A Heron & Co + B heron and co."],
    ],
    [
      "by its name, where one has an address",
      [listing("A", "Heron", "heron.com"), listing("B", "Heron")],
      ["A Heron + B Heron"],
    ],
    [
      "of three providers",
      [listing("A", "Heron", "h.com"), listing("B", "Heron"), listing("C", "Crane", "h.com")],
      ["A Heron + B Heron + C Crane"],
    ],
  ];
  for (const [title, listings, wanted] of cases) test(title, () => assert.deepEqual(together(...listings), wanted));

  const apart: [string, Listing[]][] = [
    [
      "namesakes at addresses of their own",
      [listing("A", "Heron", "heron.com"), listing("B", "Heron", "heron-iowa.com")],
    ],
    ["namesakes in two countries", [listing("A", "Heron"), listing("B", "Heron", "", gb)]],
    ["names that differ by a letter", [listing("A", "Ashton Bank"), listing("B", "Ashtown Bank")]],
    ["the same words in another order", [listing("A", "Bank of Ashton"), listing("B", "Ashton Bank")]],
    ["one provider's own two entries", [listing("A", "Heron", "heron.com"), listing("A", "Heron", "heron.com")]],
    [
      "a bank that is not real",
      [listing("A", "Heron", "heron.com"), listing("B", "Heron", "heron.com", { isTest: true })],
    ],
    ["who has no country yet", [listing("A", "Heron", "", { countries: [] }), listing("B", "Heron")]],
    ["an address in two countries", [listing("A", "Heron", "heron.com"), listing("B", "Heron", "heron.com", gb)]],
    [
      "whoever could be either of two namesakes",
      [listing("A", "Heron", "heron.com"), listing("B", "Heron", "heron-iowa.com"), listing("C", "Heron")],
    ],
    [
      "whoever could be either of one provider's two",
      [listing("A", "Heron"), listing("A", "Heron"), listing("B", "Heron")],
    ],
    [
      "who shares a data centre's address",
      [listing("A", "Heron", "centre.com"), listing("A", "Crane", "centre.com"), listing("B", "Stork", "centre.com")],
    ],
    [
      "who is a namesake of one bank here and of another there",
      [
        listing("A", "Heron", "", { countries: ["US", "GB"] }),
        listing("B", "Heron", "heron.com"),
        listing("C", "Heron", "heron.co.uk", gb),
      ],
    ],
  ];
  for (const [title, listings] of apart) test(`is not ${title}`, () => assert.deepEqual(together(...listings), []));

  test("what only its name ties to too many is tied by its address alone", () => {
    const listings = [
      listing("A", "Heron", "heron.com", { countries: ["US", "GB"] }),
      listing("B", "Crane", "heron.com"),
      listing("B", "Heron", "", gb),
    ];
    assert.deepEqual(together(...listings), ["A Heron + B Crane"]);
  });

  test("stands under the entry that was learnt first", () => {
    const [late, early] = [listing("A", "Heron", "h.com", { since: 9 }), listing("B", "Heron", "h.com", { since: 2 })];
    assert.equal(headsOf([late, early]).get(late.id), early.id);
  });
});

describe("Of any catalogues", () => {
  const any = fc.uniqueArray(
    fc.record<Listing>({
      id: fc.stringMatching(/^[a-z]{6}$/),
      provider: fc.constantFrom("A", "B", "C"),
      name: fc.constantFrom("Heron", "heron, inc.", "Crane", "Bank of Crane"),
      hosts: fc.uniqueArray(fc.constantFrom("h.com", "c.com", "x.com"), { maxLength: 2 }),
      countries: fc.subarray(["US", "GB"]),
      isTest: fc.boolean(),
      since: fc.integer({ min: 0, max: 3 }),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  );
  const groupsOf = (listings: readonly Listing[]) => {
    const heads = headsOf(listings);
    return [...Map.groupBy(listings, ({ id }) => heads.get(id)!).entries()];
  };
  const always = (name: string, check: (listings: Listing[]) => void): void => {
    test(name, () => fc.assert(fc.property(any, check), { numRuns: 2000 }));
  };

  always("order does not matter", (listings) => {
    const turned = listings.toReversed();
    const swapped = [...listings.slice(listings.length / 2), ...listings.slice(0, listings.length / 2)];
    for (const other of [turned, swapped]) {
      for (const [id, head] of headsOf(listings)) assert.equal(headsOf(other).get(id), head);
    }
  });

  always("each entry has one bank, which the first of its entries stands for", (listings) => {
    assert.equal(headsOf(listings).size, listings.length);
    for (const [head, group] of groupsOf(listings)) {
      const first = group.toSorted((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))[0]!;
      assert.equal(first.id, head);
    }
  });

  always("no bank has two entries of one provider, or is both real and not", (listings) => {
    for (const [, group] of groupsOf(listings)) {
      assert.equal(new Set(group.map(({ provider }) => provider)).size, group.length);
      assert.equal(new Set(group.map(({ isTest }) => isTest)).size, 1);
    }
  });

  always("whose addresses have nothing in common are never tied by their names alone", (listings) => {
    for (const [, group] of groupsOf(listings)) {
      const placed = group.filter(({ hosts }) => hosts.length > 0);
      const [first] = placed;
      if (!first) continue;
      // From the first address to all others, from entry to entry, by addresses alone.
      const reached = new Set([first]);
      for (let size = 0; size !== reached.size; ) {
        size = reached.size;
        for (const one of placed) {
          if ([...reached].some((other) => one.hosts.some((host) => other.hosts.includes(host)))) reached.add(one);
        }
      }
      assert.equal(reached.size, placed.length);
    }
  });

  always("two providers' only entries at one address, in one country, are one bank", (listings) => {
    const heads = headsOf(listings);
    for (const host of ["h.com", "c.com", "x.com"]) {
      const at = listings.filter(({ hosts }) => hosts.includes(host));
      if (at.length !== 2) continue;
      const [one, other] = at as [Listing, Listing];
      const plain = at.every(({ hosts, countries }) => hosts.length === 1 && countries.includes("US"));
      if (plain && one.provider !== other.provider && one.isTest === other.isTest) {
        assert.equal(heads.get(one.id), heads.get(other.id));
      }
    }
  });
});
