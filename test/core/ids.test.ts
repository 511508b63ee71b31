// An id says what it names and carries its home, there and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Home, homeOf, type Kind, kindOf, makeId, PREFIXES } from "../../src/core/ids.ts";

const KINDS = Object.keys(PREFIXES) as Kind[];
const own = fc.uint8Array({ minLength: 8, maxLength: 8 });
const home = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const kind = fc.constantFrom(...KINDS);
const zero = new Uint8Array(8);
const full = new Uint8Array(8).fill(255);

test("no two kinds share a prefix, and a prefix is three small letters", () => {
  assert.equal(new Set(Object.values(PREFIXES)).size, KINDS.length);
  for (const prefix of Object.values(PREFIXES)) assert.match(prefix, /^[a-z]{3}$/);
});

test("an id is its prefix and 22 letters of base58, and gives back its kind and its home", () => {
  fc.assert(
    fc.property(kind, home, own, (one, at, bytes) => {
      const id = makeId(one, at, bytes);
      assert.match(id, /^[a-z]{3}_[1-9A-HJ-NP-Za-km-z]{22}$/);
      assert.equal(homeOf(one, id), at);
      assert.equal(kindOf(id), one);
    }),
    { numRuns: 1000 },
  );
});

test("at the edges of 64 bits the home is not turned round", () => {
  const edges: Home[] = ["0", "1", "-1", "9223372036854775807", "-9223372036854775808"];
  for (const edge of edges) {
    for (const bytes of [zero, full]) assert.equal(homeOf("connection", makeId("connection", edge, bytes)), edge);
  }
  assert.equal(makeId("connection", "0", zero), `con_${"1".repeat(22)}`);
});

test("different homes and different own parts are different ids", () => {
  const different = fc.uniqueArray(fc.tuple(home, own), { selector: ([at, bytes]) => `${at} ${String(bytes)}` });
  fc.assert(
    fc.property(different, (parts) => {
      const ids = new Set(parts.map(([at, bytes]) => makeId("account", at, bytes)));
      assert.equal(ids.size, parts.length);
    }),
  );
});

test("an id of another kind is refused by its prefix", () => {
  for (const made of KINDS) {
    const id = makeId(made, "42", zero);
    for (const asked of KINDS) assert.equal(homeOf(asked, id), made === asked ? "42" : null, `${id} as ${asked}`);
  }
});

test("what is no id has no home and no kind", () => {
  const id = makeId("connection", "42", zero);
  const letters = id.slice(4);
  const none = [
    "",
    "con_",
    "con",
    letters,
    id.slice(0, -1),
    `${id}1`,
    ` ${id}`,
    `${id} `,
    `${id}\n`,
    id.toUpperCase(),
    `CON_${letters}`,
    `con-${letters}`,
    `xyz_${letters}`,
    "__proto___1111111111111111",
    `con_${letters.slice(2)}😀`,
    // Letters that base58 leaves out because they are read for others.
    ...["0", "O", "l", "I", "é"].map((letter) => `con_${letters.slice(1)}${letter}`),
    // Larger than 128 bits: it would lead to a home that no id has.
    `con_${"z".repeat(22)}`,
  ];
  for (const text of none) {
    assert.equal(homeOf("connection", text), null, text);
    assert.equal(kindOf(text), null, text);
  }
  fc.assert(fc.property(fc.string(), (text) => assert.equal(kindOf(text), null)));
});

test("the largest id is 128 bits, and one more is none", () => {
  const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const largest = makeId("connection", "-1", full);
  assert.equal(homeOf("connection", largest), "-1");
  const last = ALPHABET.indexOf(largest.at(-1) ?? "");
  assert.ok(last + 1 < ALPHABET.length, "its last letter can be raised by one");
  assert.equal(homeOf("connection", largest.slice(0, -1) + ALPHABET[last + 1]), null);
});

test("an own part that is not 8 bytes, and a home that is no number of 64 bits, make no id", () => {
  for (const length of [0, 7, 9, 16]) {
    assert.throws(() => makeId("connection", "42", new Uint8Array(length)), { name: "RangeError", message: /8 bytes/ });
  }
  for (const far of ["9223372036854775808", "-9223372036854775809", "1e3", "here", ""]) {
    assert.throws(() => makeId("connection", far, zero), { name: "RangeError", message: /64 bits/ }, far);
  }
});
