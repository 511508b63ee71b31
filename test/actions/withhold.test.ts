import assert from "node:assert/strict";
import { test } from "node:test";
import { sandboxLink } from "../../src/actions/sandbox.ts";
import { mintStartIds } from "../../src/actions/start-link.ts";
import { getConnection } from "../../src/store/connections.ts";
import { createWorld } from "../crash/world.ts";

const DAY = 86_400_000;

test("a provider that is not configured any more does not leave its connections looking healthy", async () => {
  const world = await createWorld();
  const { gateway, worker, close } = await world.hire();
  try {
    const link = { externalCustomerId: "ada", institutionId: null, products: null };
    const { id } = await sandboxLink(gateway, link, mintStartIds(gateway, "ada"));
    await worker.drain();
    const providers = gateway.providers as Map<string, never>;
    const kept = [...providers];
    providers.clear();
    const states: unknown[] = [];
    for (let day = 0; day < 4; day++) {
      world.pass(DAY);
      await worker.drain();
      states.push((await getConnection(gateway.db, id))?.state);
    }
    // It is tried once a day, so three of those have to pass.
    assert.deepEqual(states, ["ACTIVE", "ACTIVE", "ACTIVE", "UNDETERMINED/INTERNAL_ERROR"]);

    for (const [name, provider] of kept) providers.set(name, provider);
    world.pass(DAY);
    await worker.drain();
    assert.equal((await getConnection(gateway.db, id))?.state, "ACTIVE", "read again, it is well");
  } finally {
    await close();
    await world.end();
  }
});
