/**
 * The simulated fleet, as much of it as fits into the time that a run of all tests has for it: nothing may break, every
 * planted bug must be caught, and most of what works by itself must have been run. `npm run simulate` for more.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
// Looked for by the runner, which gives every file that reaches it a database server.
import "../database.ts";
import { coverageOf } from "./coverage.ts";
import { runSeeds } from "./crew.ts";
import { catchAll, type Hunted } from "./hunt.ts";
import type { Told } from "./life.ts";
import { MUTANTS } from "./mutants.ts";

const SECONDS = 240;
const LEAST = 300;
const ROOMS = ["src/actions", "src/jobs", "src/queue", "src/webhooks"];
/** What is run of them in percent: it may only rise. */
const LEAST_COVERED = 90;

test("the same seed tells the same story", async () => {
  const hashes: string[] = [];
  await runSeeds({ next: listed([7, 7]), told: ({ hash }) => void hashes.push(hash), width: 2 });
  assert.equal(hashes.length, 2);
  assert.equal(hashes[0], hashes[1]);
});

test("every planted bug is caught within 200 seeds", async () => {
  const missed: string[] = [];
  const hunted: Hunted[] = [];
  await catchAll({ told: (one) => void hunted.push(one) });
  for (const { name, caught } of hunted) if (caught === null) missed.push(name);
  assert.deepEqual(missed, []);
  assert.equal(hunted.length, MUTANTS.length);
  assert.ok(MUTANTS.length >= 12);
});

test("nothing breaks, in as many seeds as fit", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-simulated-"));
  const begun = performance.now();
  const broken: string[] = [];
  let seeds = 0;
  try {
    await runSeeds({
      next: () => (seeds < LEAST || performance.now() - begun < SECONDS * 1000 ? ++seeds : null),
      told: (one: Told) => {
        if (one.broken !== null) broken.push(`npm run simulate -- --seeds 1 --from ${one.seed} --log: ${one.broken}`);
      },
      coverage: folder,
    });
    const covered = coverageOf(folder, ROOMS);
    const sum = (key: "run" | "lines") => covered.reduce((total, one) => total + one[key], 0);
    const percent = (100 * sum("run")) / sum("lines");
    console.log(`${seeds} seeds; ${percent.toFixed(1)} % of the lines of ${ROOMS.join(", ")} were run`);
    assert.deepEqual(broken, []);
    assert.ok(percent >= LEAST_COVERED, `${percent} % of the lines were run`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function listed(seeds: readonly number[]): () => number | null {
  const left = [...seeds];
  return () => left.shift() ?? null;
}
