// The small parts by themselves: durations, amounts, masks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { STATES } from "../../src/core/status/table.ts";
import { STEPS, whyGatewayActs } from "../../src/core/status/next-step.ts";
import { durationOf, durationText } from "../../src/http/duration.ts";
import { masked, maskedText } from "../../src/http/log.ts";
import { amount, rendered } from "../../src/http/money.ts";
import { contentsOf } from "./masks.ts";

test("Durations are read and written as ISO 8601 has them", () => {
  const told: [string, number | null][] = [
    ["PT4H", 14_400_000],
    ["P1D", 86_400_000],
    ["P2W", 1_209_600_000],
    ["P1DT2H3M4.5S", 93_784_500],
    ["PT0S", 0],
    ["P", null],
    ["PT", null],
    ["P1DT", null],
    ["P1Y", null],
    ["P1M", null],
    ["-PT1H", null],
    ["4h", null],
    ["", null],
  ];
  for (const [text, length] of told) assert.equal(durationOf(text), length, text);
  for (const text of ["PT4H", "P1D", "P14D", "P1DT2H3M4.5S", "PT0S", "PT0.25S"]) {
    assert.equal(durationText(durationOf(text) ?? -1), text);
  }
});

test("An amount goes out digit by digit, as a number", () => {
  const told: [string, string][] = [
    ["12.30", "12.30"],
    ["-0.05", "-0.05"],
    ["9007199254740993.01", "9007199254740993.01"],
    ["007", "7"],
    ["0.10", "0.10"],
  ];
  for (const [kept, out] of told) assert.equal(JSON.stringify({ amount: rendered(kept) }), `{"amount":${out}}`);
  assert.ok(amount.safeParse(rendered("1")).success);
  assert.ok(!amount.safeParse(1).success);
});

test("Secrets are masked by name and by shape, at any depth", () => {
  const text = JSON.stringify(masked(contentsOf("s3cret")));
  assert.doesNotMatch(text, /s3cret/);
  assert.match(text, /RECONNECT_REQUIRED\/OTHER/);
  assert.match(text, /con_kept/);
  assert.equal(maskedText("/connect?connectToken=abc&x=1"), "/connect?connectToken=[masked]&x=1");
});

test("Every state says who acts; a sentence each, and none for what is over", () => {
  for (const state of STATES) {
    assert.match(STEPS[state].what, /^[A-Z].*\.$/, state);
    const isOver = state === "EXPIRED" || state === "DELETED";
    assert.equal(whyGatewayActs(state) === null, isOver, state);
  }
});
