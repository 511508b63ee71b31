// The walk over every row and what leads out of it, against the exits that were written by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exitsOf, FACTS, type FactName, nameOf, startOf, WAYS } from "../../scripts/print/walk.ts";
import { rowOf, STATES, type State, terminal } from "../../src/core/status/table.ts";
import { EXITS, NO_EXITS } from "./exits.ts";
import { TROUBLES } from "./life.ts";

/** The hand-written exits of one way, as `cause → state`. */
function written(name: string, own: State): string[] {
  const { troubles, exits } = EXITS[name] ?? { troubles: [], exits: {} };
  const shown = TROUBLES.filter((state) => state !== own && troubles.includes(rowOf(state).status));
  return [
    ...shown.map((state) => `trouble ${state} → ${state}`),
    ...Object.entries(exits).flatMap(([to, causes]) => causes.map((cause) => `${cause} → ${to}`)),
  ].sort();
}

test("each way leads to its row", () => {
  for (const way of WAYS) assert.equal(startOf(way), way.state, nameOf(way));
});

test("every row that is not terminal is walked, and has an exit", () => {
  const walked = new Set<State>(WAYS.map(({ state }) => state));
  assert.deepEqual(
    STATES.filter((state) => !walked.has(state)),
    STATES.filter(terminal),
  );
  for (const way of WAYS) assert.ok(exitsOf(way).length > 0, nameOf(way));
});

test("the hand-written exits are of the ways that are walked", () => {
  assert.deepEqual(Object.keys(EXITS).sort(), WAYS.map(nameOf).sort());
});

for (const way of WAYS) {
  test(`the exits of ${nameOf(way)} are the written ones`, () => {
    const found = exitsOf(way)
      .map(({ cause, to }) => `${cause} → ${to}`)
      .sort();
    assert.deepEqual(found, written(nameOf(way), way.state));
  });
}

test("every fact leads out of some row, but for those that never do", () => {
  const used = new Set(WAYS.flatMap((way) => exitsOf(way).map(({ cause }) => cause)));
  const unused = (Object.keys(FACTS) as FactName[]).filter((name) => !used.has(name));
  assert.deepEqual(unused.sort(), [...NO_EXITS].sort());
});

test("every row but the first is reached from another, and the terminal ones by what ends a life", () => {
  const reached = new Set(WAYS.flatMap((way) => exitsOf(way).map(({ to }) => to)));
  assert.deepEqual(
    STATES.filter((state) => !reached.has(state)),
    ["IN_PROGRESS"],
  );
  const ends = WAYS.flatMap((way) => exitsOf(way)).filter(({ to }) => terminal(to));
  const said = new Set(ends.map(({ cause, to }) => `${cause} → ${to}`));
  assert.deepEqual([...said].sort(), ["clock → EXPIRED", "deletion → DELETED"]);
});
