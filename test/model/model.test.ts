/**
 * The gateway beside a model of it that was written a second time, from the design: random histories of links,
 * refreshes, repairs, deletions, bad banks and passing time, and after each step all that an application can see.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { commands, type Seen, WRONG } from "./commands.ts";
import { emptyModel } from "./model.ts";
import { openWorld, type World } from "./world.ts";

/** How many histories a run of all tests has time for, and how many of the 23 rows they have to come through. */
const USUAL = 60;
const LEAST_ROWS = 20;
const RUNS = Number(process.env["BOWLINE_MODEL_RUNS"] ?? USUAL);
const FIRST = 3;
const SEED = Number(process.env["BOWLINE_MODEL_SEED"] ?? FIRST);
/** Another seed may come less far. */
const isUsual = SEED === FIRST && RUNS >= USUAL;
const PATH = process.env["BOWLINE_MODEL_PATH"];

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

function propertyOf(seen: Seen) {
  const histories = fc.commands(commands(seen), {
    maxCommands: 20,
    size: "max",
    ...(PATH && { replayPath: PATH }),
  });
  return fc.asyncProperty(histories, async (history) => {
    const setup = () => ({ model: emptyModel(world.now()), real: world });
    try {
      await fc.asyncModelRun(setup, history);
    } finally {
      await world.clear();
    }
  });
}

test("A gateway does what the model says, in random histories", async (t) => {
  const seen: Seen = { rows: new Set(), ways: new Set(), apart: new Set() };
  await fc.assert(propertyOf(seen), { numRuns: RUNS, seed: SEED });
  if (isUsual) assert.ok(seen.rows.size >= LEAST_ROWS, [...seen.rows].join(", "));
  if (isUsual)
    assert.deepEqual(
      Object.keys(WRONG).filter((name) => !seen.apart.has(name)),
      [],
      "a wrong model would pass",
    );
  t.diagnostic(`seed ${SEED}: ${RUNS} histories, ${seen.rows.size} rows, ${seen.ways.size} ways from row to row`);
});

test("Nothing of the model comes from what it judges", () => {
  const folder = import.meta.dirname;
  for (const file of readdirSync(folder)) {
    const imports = readFileSync(join(folder, file), "utf8").match(/from "[^"]+"/g) ?? [];
    assert.deepEqual(
      imports.filter((one) => one.includes("/src/")),
      [],
      file,
    );
  }
});
