// The page of bounds says where each is and which test goes past it, and shows a value as a person reads it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { BOUNDS, valueOf } from "../../scripts/print/bounds.ts";

test("Each bound is one, is said once, and names a place and a test that are there", () => {
  assert.ok(BOUNDS.length >= 60, `${BOUNDS.length} bounds`);
  assert.equal(new Set(BOUNDS.map(({ what }) => what)).size, BOUNDS.length);
  for (const { what, value, in: place, by } of BOUNDS) {
    assert.ok(Number.isSafeInteger(value) && value > 0, `${what}: ${value}`);
    for (const path of [place, ...(by === undefined ? [] : [by])])
      assert.ok(existsSync(join(ROOT, path)), `${what}: ${path}`);
    if (by !== undefined) assert.match(by, /\.test\.ts$/);
  }
});

test("A bound that answers with an error is gone past by a test", () => {
  for (const { what, seen, by } of BOUNDS)
    if (/^(4\d\d|503)\b/.test(seen)) assert.ok(by !== undefined, `${what} is refused with ${seen}, by no test`);
});

test("No value is typed a second time", () => {
  for (const name of ["asked", "done", "kept"]) {
    const text = readFileSync(join(ROOT, `scripts/bounds/${name}.ts`), "utf8");
    assert.deepEqual(text.match(/value: [^,\n]*\d[\d_]{2,}[^,\n]*/g), null);
  }
});

test("Values are shown in the largest unit that divides them", () => {
  assert.deepEqual(
    [
      valueOf({ value: 14 * 86_400_000, unit: "time" }),
      valueOf({ value: 36 * 3_600_000, unit: "time" }),
      valueOf({ value: 1_500, unit: "time" }),
      valueOf({ value: 16 * 1024 * 1024, unit: "bytes" }),
      valueOf({ value: 4_097, unit: "bytes" }),
      valueOf({ value: 10_000, unit: "at most" }),
      valueOf({ value: 64, unit: "levels" }),
    ],
    ["14 d", "36 h", "1,500 ms", "16 MiB", "4,097 bytes", "10,000", "64 levels"],
  );
});
