// When a connection is read next. Which states wait how is rule 8, in rules-of-runs.test.ts; here are the numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planAfter, plannedBy } from "../../src/core/schedule.ts";
import { backoffCap, DAY, HOUR, MINUTE } from "../../src/core/status/policy.ts";
import { STATES } from "../../src/core/status/table.ts";
import { BEGIN } from "./life.ts";

const now = BEGIN;
const cadence = 6 * HOUR;
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const wait = (attempt: number, by: number) =>
  planAfter("UNDETERMINED/AGGREGATION_TIMEOUT", now, cadence, attempt, by, null);

test("in every state something is due, later than now and once: a full run or a probe", () => {
  fc.assert(
    fc.property(fc.constantFrom(...STATES), fc.nat({ max: 5000 }), chance, (state, attempt, by) => {
      const plan = planAfter(state, now, cadence, attempt, by, null);
      const due = [plan.aggregateAt, plan.probeAt].filter((at) => at !== Infinity);
      assert.equal(due.length, 1);
      assert.ok(due.every((at) => at > now && Number.isInteger(at)));
      assert.ok(Number.isInteger(plan.attempt) && plan.attempt >= 0);
    }),
    { numRuns: 1000 },
  );
});

test("waits are spread by a tenth either way", () => {
  const at = (by: number) => planAfter("ACTIVE", now, cadence, 0, by, null).aggregateAt - now;
  assert.deepEqual([at(0), at(0.5), at(1)], [5.4 * HOUR, 6 * HOUR, 6.6 * HOUR]);
  const probe = (by: number) => planAfter("UNRECOVERABLE/OTHER", now, cadence, 0, by, null).probeAt - now;
  assert.deepEqual([probe(0), probe(0.5), probe(1)], [21.6 * HOUR, DAY, 26.4 * HOUR]);
});

test("after passing trouble the wait begins with ten minutes, doubles, and never passes a day, spread included", () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 7].map((attempt) => (wait(attempt, 0.5).aggregateAt - now) / MINUTE);
  assert.deepEqual(waits, [10, 20, 40, 80, 160, 320, 640, 1280]);
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), chance, (attempt, by) => {
      const length = wait(attempt, by).aggregateAt - now;
      assert.ok(length >= 9 * MINUTE && length <= backoffCap, String(length));
    }),
  );
  assert.equal(wait(1_000_000, 0.999).aggregateAt, now + backoffCap, "and it is still a number after years of it");
});

test("attempts are counted through passing trouble and begin anew after anything else", () => {
  for (const state of STATES) {
    const passing = /^(DEGRADED|UNDETERMINED)/.test(state) && state !== "DEGRADED/INTERACTIVE_REFRESH";
    assert.equal(planAfter(state, now, cadence, 4, 0.5, null).attempt, passing ? 5 : 0, state);
  }
});

test("a login that is said to stand is read again soon where passing trouble kept the run from deciding", () => {
  const [over, busy, odd] = [
    "RECONNECT_REQUIRED/TOKEN_EXPIRED",
    "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
    "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS",
  ] as const;
  assert.equal(plannedBy(over, true, [busy]), busy);
  assert.equal(plannedBy(over, true, [null, busy]), busy, "a limit decides nothing");
  for (const met of [[], [null], [over], [busy, over], [odd], [busy, odd]])
    assert.equal(plannedBy(over, true, met), over);
  for (const state of STATES) {
    assert.equal(plannedBy(state, false, [busy]), state, "nobody has said that it stands");
    if (!state.startsWith("RECONNECT_REQUIRED")) assert.equal(plannedBy(state, true, [busy]), state);
  }
});

test("a provider's own time to come back delays what is due, and hurries nothing", () => {
  for (const state of STATES) {
    const free = planAfter(state, now, cadence, 0, 0.5, null);
    assert.deepEqual(planAfter(state, now, cadence, 0, 0.5, now - DAY), free);
    assert.deepEqual(planAfter(state, now, cadence, 0, 0.5, now + 1), free);
    const held = planAfter(state, now, cadence, 0, 0.5, now + 90 * DAY);
    assert.equal(Math.min(held.aggregateAt, held.probeAt), now + 90 * DAY, state);
    assert.deepEqual(
      [held.aggregateAt === Infinity, held.probeAt === Infinity, held.attempt],
      [free.aggregateAt === Infinity, free.probeAt === Infinity, free.attempt],
      state,
    );
  }
});
