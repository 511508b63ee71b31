import assert from "node:assert/strict";
import { test } from "node:test";
import { sandboxLink } from "../../src/actions/sandbox.ts";
import { mintStartIds } from "../../src/actions/start-link.ts";
import { createWorld, Killed } from "../crash/world.ts";

const DAY = 86_400_000;
const SECOND = 1000;

interface Login {
  cursor: string | null;
  base: string | null;
  asOf: number | null;
}

/** A link whose first worker dies at its `killAt`-th point. A day later another one goes on. */
async function linkAndRead(killAt?: number) {
  const world = await createWorld();
  const { gateway, worker, close } = await world.hire();
  const doomed = await world.hire(killAt);
  const login = async (): Promise<Login | undefined> => {
    const { rows } = await world.database.pool.query<Login>(
      `select cursor, cursor_base as base, (health -> 'dataAsOf' ->> 'TRANSACTIONS')::float8 as "asOf"
        from provider_connection`,
    );
    return rows[0];
  };
  try {
    const link = { externalCustomerId: "ada", institutionId: null, products: null };
    await sandboxLink(gateway, link, mintStartIds(gateway, "ada"));
    await doomed.worker.drain().catch((error: unknown) => assert.ok(error instanceof Killed));
    const left = await login();
    world.pass(DAY);
    await worker.drain();
    return { points: doomed.reached, left, ended: await login(), now: gateway.door.now() };
  } finally {
    await doomed.close();
    await close();
    await world.end();
  }
}

test("a history that was left half read is read to its end, and then on to now", async () => {
  const { points } = await linkAndRead();
  const afterOnePage = points.indexOf("after commit: transactions");
  assert.ok(points.lastIndexOf("after commit: transactions") > afterOnePage, "more pages than one");
  const { left, ended, now } = await linkAndRead(afterOnePage);
  assert.notEqual(left?.cursor, null, "a page was kept");
  assert.equal(left?.base, null, "and the walk is not at its end");
  assert.equal(left?.asOf, null);
  assert.equal(ended?.cursor, ended?.base);
  assert.ok((ended?.asOf ?? 0) > now - SECOND, "not as of the day on which the walk began");
});
