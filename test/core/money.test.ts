// Money goes through as it came: to the last digit, never as a float's guess at it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decimalOf, isDecimal, negated } from "../../src/core/money.ts";

/** A decimal as it is written, of at most 15 significant digits: `1234` and 3 places are `1.234`. */
function written(digits: number, places: number): string {
  const text = String(digits).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  const part = text.slice(text.length - places).replace(/0+$/, "");
  return part === "" || places === 0 ? whole : `${whole}.${part}`;
}

const amount = fc
  .tuple(
    fc.oneof(
      fc.nat({ max: 999_999 }),
      fc.maxSafeNat().map((n) => n % 1e15),
    ),
    fc.nat({ max: 25 }),
    fc.boolean(),
  )
  .map(([digits, places, owed]) => (owed && digits > 0 ? `-${written(digits, places)}` : written(digits, places)));

test("a number of up to 15 digits is written out as the provider sent it, without exponent", () => {
  const numRuns = 5000;
  fc.assert(
    fc.property(amount, (text) => assert.equal(decimalOf(Number(text)), text)),
    { numRuns },
  );
  fc.assert(
    fc.property(amount, (text) => assert.equal(decimalOf(JSON.parse(text) as number), text)),
    { numRuns },
  );
});

test("very large and very small numbers are written out in full", () => {
  const cases: [number, string][] = [
    [1e21, "1000000000000000000000"],
    [1.5e22, "15000000000000000000000"],
    [-1.25e21, "-1250000000000000000000"],
    [1e-7, "0.0000001"],
    [-1.5e-7, "-0.00000015"],
    [0.1 + 0.2, "0.30000000000000004"],
    [5e-324, `0.${"0".repeat(323)}5`],
    [Number.MAX_VALUE, `17976931348623157${"0".repeat(292)}`],
  ];
  for (const [value, text] of cases) assert.equal(decimalOf(value), text);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = decimalOf(value);
      assert.ok(isDecimal(text), text);
      assert.ok(Number(text) === value, text);
    }),
  );
});

test("a decimal that comes as text keeps every digit and every zero", () => {
  const long = "123456789012345678901234567890.10";
  for (const text of ["0", "1.50", "-1.50", "0.00", long, `-${long}`]) assert.equal(decimalOf(text), text);
  assert.equal(decimalOf(" 12.30\n"), "12.30");
});

test("there is no minus zero, however it comes", () => {
  for (const text of ["-0", "-0.00", "-000"]) assert.equal(isDecimal(text), false, text);
  assert.equal(decimalOf(-0), "0");
  assert.deepEqual(["-0", "-0.00", "-000"].map(decimalOf), ["0", "0.00", "000"]);
  assert.deepEqual(["0", "0.00"].map(negated), ["0", "0.00"]);
});

test("what is no amount is refused, and never becomes one", () => {
  const none = [
    "",
    " ",
    "-",
    "-.",
    "+5",
    "5.",
    ".5",
    "1e3",
    "0x10",
    "1,000.00",
    "1 000",
    "1_000",
    "--1",
    "NaN",
    "1.2.3",
    "٣",
  ];
  for (const text of none) {
    assert.equal(isDecimal(text), false, text);
    assert.throws(() => decimalOf(text), { name: "RangeError", message: /is no decimal amount/ });
  }
  for (const value of [Number.NaN, Infinity, -Infinity]) assert.throws(() => decimalOf(value), RangeError);
  assert.throws(() => decimalOf(Number.NaN), /"NaN"/, "the refusal names what came");
  // What JSON allows and its type does not: a provider may send it all the same.
  for (const value of [null, undefined, true, {}, []]) assert.throws(() => decimalOf(value as never), RangeError);
});

test("turning the sign twice gives the same amount, and once the opposite one", () => {
  fc.assert(
    fc.property(amount, (text) => {
      assert.equal(negated(negated(text)), text);
      assert.equal(Number(negated(text)), 0 - Number(text));
      assert.ok(isDecimal(negated(text)));
    }),
  );
  assert.deepEqual(["5.10", "-5.10"].map(negated), ["-5.10", "5.10"]);
});
