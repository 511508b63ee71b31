import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { TransactionFact } from "../../src/core/transaction.ts";
import { type Database, openDatabase, type Sql } from "../../src/store/database.ts";
import { markRemoved, saveTransactions } from "../../src/store/transactions.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";
import { coffee } from "./coffee.ts";

let database: TestDatabase;
let db: Database;
let ids = 0;
before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url }, () => undefined);
  await db.run("insert into customer values (1, 'c', 'c', now())");
  await db.run(`insert into provider_connection
    (home, id, customer_id, provider, ref, health, linked_at, reconnected_at)
    values (1, 'p', 'c', 'SANDBOX', 'r', '{}', now(), now())`);
  await db.run(`insert into account
    (home, id, provider_connection_id, ref, name, type, subtype, active, first_listed_at)
    values (1, 'a', 'p', 'a', 'A', 'DEPOSITORY', 'CHECKING', true, now())`);
});
beforeEach(async () => {
  await db.run("delete from transaction");
});
after(async () => {
  await db.close();
  await database.drop();
});

const pending = (ref: string) => coffee(ref, { status: "PENDING", postedDate: null });
const page = (added: TransactionFact[], removed: string[] = [], at = 1) =>
  db.tx("page", async (sql) => {
    await markRemoved(sql, "1", ["a"], removed, at, async () => "2");
    await saveTransactions(
      sql,
      "1",
      added.map((one) => ({ accountId: "a", fact: one })),
      at,
      async () => "2",
      () => `id${++ids}`,
    );
  });
const all = () =>
  db.rows<{ id: string; ref: string; status: string; gone: boolean; amount: string }>(
    "select id, ref, status, amount, removed_at is not null as gone from transaction order by ref",
  );

test("two honest equal purchases stay two", async () => {
  await page([coffee("one"), coffee("two")]);
  assert.deepEqual(
    (await all()).map(({ ref }) => ref),
    ["one", "two"],
  );
});

for (const [name, play] of [
  ["removed and added in one page", async () => page([coffee("posted", { pendingRef: "pending" })], ["pending"])],
  [
    "removed in an earlier page",
    async () => {
      await page([], ["pending"]);
      await page([coffee("posted", { pendingRef: "pending" })]);
    },
  ],
  [
    "removed in a later page",
    async () => {
      await page([coffee("posted", { pendingRef: "pending" })]);
      await page([], ["pending"]);
    },
  ],
  [
    "read twice, the pending one included",
    async () => {
      await page([coffee("posted", { pendingRef: "pending" })], ["pending"]);
      await page([pending("pending")]);
      await page([coffee("posted", { pendingRef: "pending" })], ["pending"]);
    },
  ],
] as const) {
  test(`a pending one that posts under a new id keeps ours: ${name}`, async () => {
    await page([pending("pending")]);
    const [before] = await all();
    await play();
    assert.deepEqual(await all(), [{ ...before, ref: "posted", status: "POSTED", gone: false }]);
  });
}

test("a posted one whose pending one was never read is new", async () => {
  await page([coffee("posted", { pendingRef: "never read" })]);
  assert.deepEqual(
    (await all()).map(({ ref, gone }) => [ref, gone]),
    [["posted", false]],
  );
});

test("what the provider takes back is a tombstone, and is lifted if it comes again", async () => {
  await page([coffee("one")]);
  await page([], ["one"]);
  assert.deepEqual(
    (await all()).map(({ gone }) => gone),
    [true],
  );
  await page([coffee("one", { amount: "13.00" })]);
  assert.deepEqual(
    (await all()).map(({ gone, amount }) => [gone, amount]),
    [[false, "13.00"]],
  );
});

test("an unchanged row is not written again", async () => {
  await page([coffee("one")], [], 1000);
  await page([coffee("one")], [], 2000);
  const row = await db.row<{ at: number }>("select changed_at as at from transaction");
  assert.equal(row?.at, 1000);
});

test("amounts come back digit by digit", async () => {
  await page([coffee("one", { amount: "-0.10" }), coffee("two", { amount: "123456789012345678.123456789" })]);
  assert.deepEqual(
    (await all()).map(({ amount }) => amount),
    ["-0.10", "123456789012345678.123456789"],
  );
});

test("what is kept is found row by row through its key, also where the planner knows nothing", async () => {
  await db.run("truncate transaction");
  await page(Array.from({ length: 300 }, (_, n) => coffee(`${n}`)));
  const plans: string[] = [];
  await db.tx("explained", async (sql) => {
    const spy: Sql = {
      ...sql,
      row: async <Row>(text: string, values?: readonly unknown[]) => {
        const lines = await sql.rows<{ "QUERY PLAN": string }>(`explain ${text}`, values);
        plans.push(lines.map((line) => line["QUERY PLAN"]).join("\n"));
        return sql.row<Row>(text, values);
      },
    };
    const told = [{ accountId: "a", fact: coffee("7") }];
    const never = () => assert.fail("nothing is news");
    assert.deepEqual(await saveTransactions(spy, "1", told, 1, never, never), []);
  });
  assert.match(plans.join(), /Index Scan using transaction_ref on transaction[^]*Index Cond: .*ref = /);
});
