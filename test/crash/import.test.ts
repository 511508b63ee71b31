// An import that dies at any of its points and is run again: one connection, and one way to it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { importConnection, type ImportItem } from "../../src/actions/import-connection.ts";
import { sandboxLink } from "../../src/actions/sandbox.ts";
import { mintStartIds } from "../../src/actions/start-link.ts";
import { open } from "../../src/store/seal.ts";
import { createWorld, type Hands, Killed, type World } from "./world.ts";

let world: World;
let credential = "";
before(async () => {
  world = await createWorld();
  const { gateway, close } = await world.hire();
  const wanted = { externalCustomerId: "elsewhere", institutionId: null, products: null };
  const { providerConnectionId } = await sandboxLink(gateway, wanted, mintStartIds(gateway, "elsewhere"));
  assert.ok(providerConnectionId);
  const { rows } = await world.database.pool.query<{ credential: Buffer }>(
    "select credential from provider_connection where id = $1",
    [providerConnectionId],
  );
  assert.ok(rows[0]);
  credential = open(gateway.ring, rows[0].credential, providerConnectionId);
  await close();
});
after(() => world.end());

const itemOf = (externalCustomerId: string): ImportItem => ({
  externalCustomerId,
  serviceProvider: "SANDBOX",
  credential,
  ref: null,
  institution: null,
  products: null,
});

const bring = ({ gateway }: Hands, customer: string) => {
  gateway.publicUrl = "https://gateway.example.com";
  return importConnection(gateway, itemOf(customer), false);
};

type Left = Record<"connections" | "logins" | "states" | "events", string[]>;

async function left(customer: string) {
  const { rows } = await world.database.pool.query<Left>(
    `select array(select c.id from connection c where c.home = k.home) as connections,
            array(select p.id from provider_connection p where p.home = k.home and p.closed_at is null) as logins,
            array(select c.state from connection c where c.home = k.home) as states,
            array(select e.type from event e where e.home = k.home order by e.sequence) as events
       from customer k where k.external_id = $1`,
    [customer],
  );
  const all = await world.database.pool.query<{ entries: string[] }>("select entries from signpost");
  assert.ok(rows[0], `${customer} is no customer`);
  return { ...rows[0], entries: all.rows.flatMap(({ entries }) => entries) };
}

test("Killed at every point and run again, it has come in exactly once", async () => {
  const calm = await world.hire();
  const whole = await bring(calm, "undisturbed");
  await calm.close();
  assert.deepEqual([whole.outcome, whole.webhook], ["imported", "pointed"]);
  const points = calm.reached;
  assert.ok(points.includes("before commit: signpost") && points.includes("after commit: imported"), points.join(", "));
  const undisturbed = await left("undisturbed");
  assert.deepEqual(undisturbed.states, ["ACTIVE"]);
  let entries = undisturbed.entries.length;

  for (const [at, point] of points.entries()) {
    const customer = `killed at ${at}`;
    const dying = await world.hire(at);
    await assert.rejects(bring(dying, customer), Killed, point);
    await dying.close();
    const next = await world.hire();
    const again = await bring(next, customer);
    assert.ok(["imported", "already"].includes(again.outcome), point);
    assert.equal((await bring(next, customer)).outcome, "already", point);
    await next.close();
    const found = await left(customer);
    assert.deepEqual(found.connections, [again.connectionId], point);
    assert.equal(found.logins.length, 1, point);
    assert.deepEqual([found.states, found.events], [undisturbed.states, undisturbed.events], point);
    // The one in the signpost leads to it: none leads nowhere.
    assert.equal(found.entries.length, ++entries, point);
    assert.ok(found.entries.includes(found.logins[0] ?? ""), point);
  }
});

test("Two imports of one login at the same moment make one connection", async () => {
  const [one, two] = [await world.hire(), await world.hire()];
  const before = (await left("undisturbed")).entries.length;
  const both = await Promise.all([bring(one, "at once"), bring(two, "at once")]);
  await Promise.all([one.close(), two.close()]);
  assert.equal(both[0].connectionId, both[1].connectionId);
  const found = await left("at once");
  assert.deepEqual(found.connections, [both[0].connectionId]);
  assert.equal(found.logins.length, 1);
  assert.equal(found.entries.length, before + 1);
});
