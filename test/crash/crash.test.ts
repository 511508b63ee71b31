/**
 * A worker is killed before and after every commit and every provider call of every lifecycle action, and another one
 * goes on. The points are those that the code itself reached in an undisturbed run; nobody lists them by hand. Where an
 * action passes the same point often, its first passage is taken, and of the pages of a history the last one too.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { dump } from "./dump.ts";
import { live, wholeLife } from "./life.ts";
import { createWorld } from "./world.ts";

/** The one place where a crash loses what can't be asked for again: recorded as an orphan, and linked anew. */
const ORPHANS = /^link: (after call: SANDBOX finishLink|before commit: obtained)$/;

let undisturbed: Record<string, unknown>;
let points: string[];

async function aLife(killAt?: number) {
  const world = await createWorld();
  try {
    const { points: reached, killed } = await live(world, wholeLife, killAt);
    const { rows } = await world.database.pool.query("select kind, count from incident order by kind");
    const { rows: events } = await world.database.pool.query("select id from event");
    const told = [...new Set(world.received)].sort();
    assert.deepEqual(
      told,
      events.map(({ id }) => id as string).sort(),
      "every event was received, and nothing that is none",
    );
    return { left: await dump(world.database.pool), reached, killed, incidents: rows as { kind: string }[] };
  } finally {
    await world.end();
  }
}

before(async () => {
  const life = await aLife();
  undisturbed = life.left;
  points = life.reached;
});

test("an undisturbed life reaches every kind of point, and another one is the same", async () => {
  const reached = new Set(points.map((point) => point.slice(point.indexOf(" ") + 1)));
  const commits = [
    "start link",
    "hold",
    "intend",
    "obtained",
    "named",
    "signpost",
    "finished",
    "begin run",
    "accounts",
    "identifiers",
    "owners",
    "transactions",
    "observe run",
    "begin probe",
    "observe probe",
    "refresh",
    "start repair",
    "session begun",
    "delete",
    "revoked",
    "place events",
    "publish events",
    "fan out",
  ];
  const calls = [
    "startLink",
    "finishLink",
    "readConnection",
    "refresh",
    "readAccounts",
    "readIdentifiers",
    "readOwners",
    "readTransactions",
    "startRepair",
    "finishRepair",
    "remove",
  ];
  const expected = [
    ...commits.map((name) => `commit: ${name}`),
    ...calls.map((verb) => `call: SANDBOX ${verb}`),
    "call: webhook",
  ];
  assert.deepEqual(
    expected.flatMap((name) => [`before ${name}`, `after ${name}`]).filter((name) => !reached.has(name)),
    [],
  );
  assert.deepEqual((await aLife()).left, undisturbed);
});

test("a worker killed at any point leaves what an undisturbed one leaves", async (t) => {
  const isPage = (point: string) => point.endsWith("ransactions");
  const taken = [...points.keys()].filter((at) => {
    const point = points[at] ?? "";
    return points.indexOf(point) === at || (isPage(point) && points.lastIndexOf(point) === at);
  });
  t.diagnostic(`${taken.length} of ${points.length} points`);
  assert.ok(taken.length > 80, `${taken.length} points`);
  for (const at of taken) {
    const point = points[at] ?? "";
    await t.test(`${at}: ${point}`, async () => {
      const { left, killed, incidents } = await aLife(at);
      assert.equal(killed, point.slice(point.indexOf(": ") + 2));
      assert.deepEqual(left, undisturbed);
      assert.deepEqual(
        incidents.map(({ kind }) => kind),
        ORPHANS.test(point) ? ["orphan"] : [],
      );
    });
  }
});
