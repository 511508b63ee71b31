// The feed beside slow commits: a reader at a cursor misses nothing, sees nothing twice, and each connection in order.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { makeId } from "../../src/core/ids.ts";
import { type Database, openDatabase, type Sql } from "../../src/store/database.ts";
import { appendEvent } from "../../src/store/events.ts";
import { headOf, isBehind, placeEvents, publish, readFeed } from "../../src/store/feed.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";

const NOW = Date.UTC(2026, 0, 1);
const CONNECTIONS = 6;

let database: TestDatabase;
let db: Database;
let made = 0;
const door = {
  random: (bytes: number) => {
    made++;
    return Buffer.concat([Buffer.alloc(bytes - 4), Buffer.from(Uint32Array.of(made).buffer)]);
  },
};
const connection = (n: number) => makeId("connection", String(n), Buffer.alloc(8, n));

before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url, max: 40 }, () => undefined);
  for (let n = 1; n <= CONNECTIONS; n++) {
    await db.run("insert into customer values ($1, $2, $2, now())", [n, `c${n}`]);
    await db.run(
      `insert into connection (home, id, customer_id, state_since, policy_version, wake_at, products,
         optional_products, regions, allow_redirect, started_at)
       values ($1, $2, $3, now(), 1, 'infinity', '{}', '{}', '{}', true, now())`,
      [n, connection(n), `c${n}`],
    );
  }
});
beforeEach(async () => {
  await db.run("delete from event");
  await db.run("update connection set sequence = 0");
  await db.run("update feed set position = 0");
});
after(async () => {
  await db.close();
  await database.drop();
});

const append = (sql: Sql, n: number, at = NOW) =>
  appendEvent(sql, door, String(n), connection(n), "BANK_LINKING_CONNECTION_STATUS_CHANGE", {}, at);

async function place(most = 100): Promise<void> {
  const upto = await placeEvents(db, most);
  if (upto !== null) await publish(db, upto);
}

const read = async (after: string, most = 1000) => readFeed(db, after, await headOf(db), null, most);

/** A change that has written its event and commits when it is told to. */
function slow(n: number): { written: Promise<void>; commit(): Promise<void> } {
  const written = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const done = db.tx("slow", async (sql) => {
    await append(sql, n);
    written.resolve();
    await go.promise;
  });
  return {
    written: written.promise,
    commit: async () => {
      go.resolve();
      await done;
    },
  };
}

test("What commits late comes after what a reader has seen, and not before it", async () => {
  const late = slow(1);
  await late.written;
  await db.tx("quick", (sql) => append(sql, 2));
  await place();
  const first = await read("0");
  assert.deepEqual(
    first.map((event) => event.connectionId),
    [connection(2)],
  );
  await late.commit();
  await place();
  const rest = await read(first.at(-1)?.position ?? "");
  assert.deepEqual(
    rest.map((event) => event.connectionId),
    [connection(1)],
  );
  assert.equal(await isBehind(db), false);
});

test("A reader beside slow commits and two that place sees every event once, each connection's in order", async () => {
  const seen: { id: string; connectionId: string; sequence: string }[] = [];
  let cursor = "0";
  const look = async () => {
    for (const event of await read(cursor, 7)) {
      seen.push(event);
      cursor = event.position ?? cursor;
    }
  };
  const open: { commit(): Promise<void> }[] = [];
  const rounds = 25;
  let expected = 0;
  for (let round = 0; round < rounds; round++) {
    // One slow change a connection at most: the next one waits for it.
    const free = Array.from({ length: CONNECTIONS }, (_, i) => i + 1);
    const slowOnes = free.filter((n) => (n * 7 + round * 5) % 3 === 0).map(slow);
    await Promise.all(slowOnes.map(({ written }) => written));
    const others = free.filter((n) => (n * 7 + round * 5) % 3 !== 0);
    await Promise.all(others.map((n) => db.tx("quick", (sql) => append(sql, n, NOW + ((round * 31) % 17)))));
    expected += CONNECTIONS;
    open.push(...slowOnes);
    await Promise.all([place(3), place(3), look()]);
    // The one that began last commits first.
    for (const one of open.splice(0).reverse()) await Promise.all([one.commit(), place(2), look()]);
  }
  while (await isBehind(db)) await place(5);
  while (seen.length < expected) {
    const { length } = seen;
    await look();
    assert.ok(seen.length > length, `${seen.length} of ${expected} were seen`);
  }
  assert.equal(new Set(seen.map(({ id }) => id)).size, expected);
  for (let n = 1; n <= CONNECTIONS; n++) {
    const own = seen.filter(({ connectionId }) => connectionId === connection(n));
    assert.deepEqual(
      own.map(({ sequence }) => Number(sequence)),
      Array.from({ length: rounds }, (_, at) => at + 1),
    );
  }
});

test("Within a connection the order is the sequence, whatever the clocks said, however small the batch", async () => {
  for (const at of [5000, 3000, 4000, 1000]) await append(db, 1, NOW + at);
  await append(db, 2, NOW + 3500);
  while (await isBehind(db)) await place(1);
  const own = (await read("0")).filter(({ connectionId }) => connectionId === connection(1));
  assert.deepEqual(
    own.map(({ sequence }) => sequence),
    ["1", "2", "3", "4"],
  );
});

test("What was placed by one that died is published by the next, once, and is not seen before", async () => {
  await append(db, 1);
  await append(db, 2);
  assert.equal(await placeEvents(db, 100), 2n);
  assert.deepEqual(await read("0"), []);
  await append(db, 3);
  assert.equal(await isBehind(db), true);
  await place();
  assert.equal((await read("0")).length, 2);
  await place();
  const all = await read("0");
  assert.deepEqual(
    all.map(({ position }) => position),
    ["1", "2", "3"],
  );
});

test("While one places, another does nothing", async () => {
  await append(db, 1);
  await db.tx("holding", async (sql) => {
    await sql.row("select 1 from feed where name = 'events' for update");
    assert.equal(await placeEvents(db, 100), null);
  });
  assert.equal(await placeEvents(db, 100), 1n);
});
