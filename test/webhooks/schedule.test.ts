// When a delivery is tried again: at least ten tries over at least 75 hours, however the jitter falls.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR } from "../../src/core/status/policy.ts";
import { isLongFailure, nextTry, pauseOf, retryAfterOf, slotsOf, WAITS } from "../../src/webhooks/schedule.ts";

/** All the tries of a delivery that is never received. */
function tries(chance: number, retryAfter: number | null = null): number[] {
  const at = [0];
  for (;;) {
    const next = nextTry(at.length, at.at(-1) ?? 0, chance, retryAfter);
    if (next === null) return at;
    at.push(next);
  }
}

for (const chance of [0, 0.25, 0.5, 0.999]) {
  test(`At least ten tries over at least 75 hours, each later than the one before (chance ${chance})`, () => {
    const at = tries(chance);
    assert.ok(at.length >= 10, `${at.length} tries`);
    assert.ok((at.at(-1) ?? 0) >= 75 * HOUR, `${(at.at(-1) ?? 0) / HOUR} hours`);
    assert.ok(at.every((one, i) => i === 0 || one > (at[i - 1] ?? 0)));
  });
}

test("Waits are spread by a fifth either way", () => {
  for (const [i, wait] of WAITS.entries()) {
    assert.equal(nextTry(i + 1, 0, 0, null), Math.round(wait * 0.8));
    assert.equal(nextTry(i + 1, 0, 0.5, null), wait);
    assert.ok((nextTry(i + 1, 0, 255 / 256, null) ?? 0) <= wait * 1.2);
  }
});

test("Retry-After makes a wait longer and never shorter, and not longer than a day", () => {
  assert.equal(nextTry(1, 0, 0.5, HOUR), HOUR);
  assert.equal(nextTry(1, 0, 0.5, 0), WAITS[0]);
  assert.equal(nextTry(1, 0, 0.5, 400 * DAY), DAY);
  assert.equal(nextTry(WAITS.length + 1, 0, 0.5, HOUR), null);
});

test("Retry-After is read as seconds or as a date, and otherwise not at all", () => {
  const wall = Date.parse("Fri, 02 Jan 2026 03:04:05 GMT");
  assert.equal(retryAfterOf("120", wall), 120_000);
  assert.equal(retryAfterOf("Fri, 02 Jan 2026 03:05:05 GMT", wall), 60_000);
  assert.equal(retryAfterOf("Fri, 02 Jan 2026 03:00:00 GMT", wall), 0);
  for (const wrong of [undefined, "", "soon", "-5", "1.5", "99999999999999"])
    assert.equal(retryAfterOf(wrong, wall), null, `${wrong}`);
});

test("An endpoint that fails keeps one place, with pauses that grow to five minutes", () => {
  assert.deepEqual(
    [0, 2, 3, 50].map((failures) => slotsOf(failures)),
    [8, 8, 1, 1],
  );
  assert.deepEqual(
    [0, 2, 3, 4, 50, 5000].map((failures) => pauseOf(failures)),
    [0, 0, 10_000, 20_000, 300_000, 300_000],
  );
});

test("A long failure is many and long, not one of them", () => {
  assert.equal(isLongFailure(9, 0, 30 * DAY), false);
  assert.equal(isLongFailure(1000, 0, 4 * DAY), false);
  assert.equal(isLongFailure(10, 0, 5 * DAY), true);
});
