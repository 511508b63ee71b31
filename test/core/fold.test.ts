// The record that runs are folded into: what a run writes, and which of two words of one instant is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, type Met, type Observation, rankOf, UNSEEN } from "../../src/core/status/health.ts";
import { DAY, HOUR } from "../../src/core/status/policy.ts";
import { project } from "../../src/core/status/project.ts";
import { BEGIN, known, TROUBLES } from "./life.ts";

const YEARS = 3650 * DAY;
const good = {
  run: "run 1",
  at: BEGIN,
  kind: "run",
  listed: ["a1"],
  successes: ["a1/BALANCES"],
  troubles: [],
} as const;
const successes = (seen: Observation) =>
  Object.entries(fold(UNSEEN, seen).cells).flatMap(([scope, { success }]) => (success === seen.at ? [scope] : []));

test("a success of an account's product is one of the account and of the connection, and of no product", () => {
  assert.deepEqual(successes(good).sort(), ["*", "a1", "a1/BALANCES"]);
  assert.deepEqual(successes({ ...good, successes: ["BALANCES"] }).sort(), ["*", "BALANCES"]);
  assert.deepEqual(successes({ ...good, successes: ["a1"] }).sort(), ["*", "a1"]);
  assert.deepEqual(successes({ ...good, successes: [] }), []);
});

test("a run that met any trouble of the whole connection writes no success", () => {
  for (const state of TROUBLES) {
    const seen = { ...good, troubles: [{ scope: "*", state, raw: { code: "C" } }] };
    assert.deepEqual(successes(seen), [], state);
    assert.ok(successes({ ...good, troubles: [{ scope: "a2", state, raw: { code: "C" } }] }).includes("*"), state);
  }
});

test("a trouble is written into its own cell, at its own rank, beside those of other ranks", () => {
  const seen = {
    ...good,
    successes: [],
    troubles: TROUBLES.map((state) => ({ scope: "a1", state, raw: { code: "A" } })),
  };
  const { cells } = fold(UNSEEN, seen);
  assert.deepEqual(Object.keys(cells), ["a1"]);
  const kept = Object.entries(cells.a1?.troubles ?? {}).map(([rank, { state }]) => [rank, state]);
  assert.equal(kept.length, new Set(TROUBLES.map(rankOf)).size);
  for (const [rank, state] of kept) assert.equal(rankOf(state as Met["state"]), rank);
});

test("a disabled institution is a property of the connection, and an ordinary trouble of anything smaller", () => {
  const state = "UNRECOVERABLE/INSTITUTION_DISABLED";
  const of = (scope: string) =>
    fold(UNSEEN, { ...good, successes: [], troubles: [{ scope, state, raw: { code: "A" } }] });
  assert.deepEqual([of("*").institutionDisabled?.value, of("*").cells], [true, {}]);
  assert.deepEqual([of("a1").institutionDisabled, Object.keys(of("a1").cells)], [undefined, ["a1"]]);
});

test("the provider cannot have read the bank after it told us that it had", () => {
  const told = (BALANCES: number) => fold(UNSEEN, { ...good, dataAsOf: { BALANCES } }).dataAsOf.BALANCES;
  assert.deepEqual([told(BEGIN - 1), told(BEGIN), told(BEGIN + 1)], [BEGIN - 1, BEGIN, BEGIN]);
});

test("what is told at one instant is told apart by a total order, for every pair and triple of it", () => {
  const at = BEGIN;
  const bare = { at, kind: "run", successes: [], troubles: [] } as const;
  const sightings = TROUBLES.map(
    (state, n): Observation => ({
      ...bare,
      run: `run ${n}`,
      troubles: [{ scope: "a1", state, raw: { code: "A" } }],
    }),
  );
  const wordings = ["A", "B"]
    .flatMap((code) => [{ code }, { code, message: "one" }])
    .map(
      (raw): Observation => ({
        ...bare,
        run: "run",
        troubles: [{ scope: "a1", state: "UNDETERMINED/INTERNAL_ERROR", raw }],
      }),
    );
  const ends = [null, 0, at, at + 1, at + YEARS].flatMap((consentExpiresAt) =>
    ["run 1", "run 2"].map((run): Observation => ({ ...bare, run, consentExpiresAt })),
  );
  const flags = [true, false].flatMap((value) =>
    ["run 1", "run 2"].map(
      (run): Observation => ({
        ...bare,
        run,
        interactive: value,
        newAccounts: value,
        unavailable: { OWNERS: value },
      }),
    ),
  );
  const breaks = [at, at + 1].flatMap((end) =>
    ["A", "B"].map((code): Observation => ({ ...bare, run: code, disconnect: { at: end, raw: { code } } })),
  );
  for (const rivals of [sightings, wordings, ends, breaks, flags]) {
    for (const a of rivals) {
      for (const b of rivals) {
        assert.deepEqual(known([a, b]), known([b, a]));
        for (const c of rivals) assert.deepEqual(known([a, b, c]), known([c, b, a]));
        for (const c of rivals) assert.deepEqual(known([a, b, c]), known([b, c, a]));
      }
    }
  }
});

test("a statement for the good outlasts one for the bad of the same instant", () => {
  const at = BEGIN;
  const bad: Observation = {
    run: "run 2",
    at,
    kind: "run",
    successes: [],
    interactive: true,
    newAccounts: true,
    unavailable: { OWNERS: true },
    troubles: [{ scope: "*", state: "UNRECOVERABLE/INSTITUTION_DISABLED", raw: { code: "A" } }],
  };
  const good: Observation = {
    run: "run 1",
    at,
    kind: "run",
    successes: [],
    troubles: [],
    interactive: false,
    newAccounts: false,
    unavailable: { OWNERS: false },
    institutionDisabled: false,
  };
  const health = known([good, bad]);
  const { interactive, newAccounts, unavailable, institutionDisabled } = health;
  const values = [interactive, newAccounts, unavailable.OWNERS, institutionDisabled].map((said) => said?.value);
  assert.deepEqual(values, [false, false, false, false]);
});

test("of the failures the latest three are kept, each run once, newest first", () => {
  const failed = (run: string, hours: number): Observation => ({
    run,
    at: BEGIN + hours * HOUR,
    kind: "run",
    successes: [],
    troubles: [{ scope: "*", state: "UNDETERMINED/INTERNAL_ERROR", raw: { code: "A" } }],
  });
  const five = [failed("a", 1), failed("b", 2), failed("c", 3), failed("d", 3), failed("e", 4)];
  const kept = (seen: readonly Observation[]) => known(seen).failures.map(({ run, at }) => [run, (at - BEGIN) / HOUR]);
  const latest = [
    ["e", 4],
    ["d", 3],
    ["c", 3],
  ];
  assert.deepEqual(kept(five), latest);
  assert.deepEqual(kept([...five].reverse()), latest);
  assert.deepEqual(kept([...five, ...five]), latest);
  assert.deepEqual(kept([failed("a", 1), failed("a", 1), failed("a", 1)]), [["a", 1]]);
  // A run that tells the same failure twice, the second time with a later stamp, has still failed once.
  assert.deepEqual(kept([failed("a", 1), failed("a", 2)]), [["a", 2]]);
  assert.deepEqual(kept([failed("a", 2), failed("a", 1)]), [["a", 2]]);
});

test("a run that wanted the customer is no failure, whatever else it met", () => {
  const troubles = [{ scope: "a1", state: "UNDETERMINED/INTERNAL_ERROR", raw: { code: "A" } }] as const;
  const seen = { ...good, successes: [], troubles };
  assert.equal(fold(UNSEEN, seen).failures.length, 1);
  assert.deepEqual(fold(UNSEEN, { ...seen, needsCustomer: true }).failures, []);
});

test("a disabled institution keeps the provider's own code, and shows it as the cause", () => {
  const raw = { code: "BANK_IS_GONE", requestId: "r1" };
  const told = { scope: "*", state: "UNRECOVERABLE/INSTITUTION_DISABLED", raw } as const;
  const health = fold(UNSEEN, { run: "run", at: 5, kind: "run", successes: [], troubles: [told] });
  assert.deepEqual(health.institutionDisabled?.raw, raw);
  const acts = { startedAt: 0, finishedAt: 1, linkedAt: 1, reconnectedAt: 1, superseded: false, asked: [], cadence: 1 };
  assert.deepEqual(project(health, acts, 6).cause, { scope: "*", at: 5, run: "run", raw });
});
