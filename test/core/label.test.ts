import assert from "node:assert/strict";
import { test } from "node:test";
import { beginning } from "../../src/core/label.ts";

test("The beginning of a text can be kept, also where the cut goes through a sign of two units", () => {
  assert.equal(beginning("mira", 40), "mira");
  assert.equal(beginning(`${"a".repeat(38)}💩`, 40), `${"a".repeat(38)}💩`);
  const cut = beginning(`${"a".repeat(39)}💩`, 40);
  assert.equal(cut, `${"a".repeat(39)}\ufffd`);
  assert.ok(cut.isWellFormed());
});
