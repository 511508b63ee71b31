/** A worker is killed at every point between a provider's webhook and the read that it makes due. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dump } from "./dump.ts";
import { calledIn, live } from "./life.ts";
import { createWorld } from "./world.ts";

async function aLife(killAt?: number) {
  const world = await createWorld();
  try {
    const { points, killed } = await live(world, calledIn, killAt);
    return { left: await dump(world.database.pool), points, killed };
  } finally {
    await world.end();
  }
}

/** Where the webhook itself is; the read that it makes due is killed everywhere else. */
const OWN = /^webhook: (before|after) commit: (inbound kept|inbound checked|hint|inbound heard|begin run)$/;

test("what a killed worker left of a webhook is done once, by another", async (t) => {
  const { left: undisturbed, points } = await aLife();
  const hooks = undisturbed["hooks"] as string[][];
  assert.deepEqual(
    hooks.map((row) => row.join(" ")),
    ["Ada entries", "Ada mended", "Bela entries", "Bela mended"],
  );
  const taken = [...points.keys()].filter((at) => OWN.test(points[at] ?? ""));
  const names = new Set(taken.map((at) => points[at]));
  assert.equal(names.size, 10, [...names].join(", "));
  t.diagnostic(`${taken.length} of ${points.length} points`);
  for (const at of taken) {
    const point = points[at] ?? "";
    await t.test(`${at}: ${point}`, async () => {
      const { left, killed } = await aLife(at);
      assert.equal(killed, point.slice(point.indexOf(": ") + 2));
      assert.deepEqual(left, undisturbed);
    });
  }
});
