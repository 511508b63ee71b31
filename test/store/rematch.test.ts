// A new link tells the history again under ids of its own: each row is found again once, and nothing doubles.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import fc from "fast-check";
import type { TransactionFact } from "../../src/core/transaction.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { accountsToRematch, dropUntold, joinEarlier } from "../../src/store/rematch.ts";
import { moveAccounts } from "../../src/store/relink.ts";
import { saveTransactions } from "../../src/store/transactions.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";
import { coffee } from "./coffee.ts";

let database: TestDatabase;
let db: Database;
let ids = 0;
before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url }, () => undefined);
  await db.run("insert into customer values (1, 'c', 'c', now())");
  for (const link of ["old", "new"])
    await db.run(
      `insert into provider_connection (home, id, customer_id, provider, ref, health, linked_at, reconnected_at)
       values (1, $1, 'c', 'SANDBOX', $1, '{}', now(), now())`,
      [link],
    );
});
beforeEach(async () => {
  await db.run("delete from account");
  await db.run(`insert into account
    (home, id, provider_connection_id, ref, name, type, subtype, active, first_listed_at)
    values (1, 'a', 'old', '1', 'A', 'DEPOSITORY', 'CHECKING', true, now()),
           (1, 'b', 'old', '2', 'B', 'DEPOSITORY', 'CHECKING', true, now())`);
});
after(async () => {
  await db.close();
  await database.drop();
});

const pending = (ref: string, more: Partial<TransactionFact> = {}) =>
  coffee(ref, { status: "PENDING", postedDate: null, ...more });
const page = (facts: TransactionFact[]) =>
  db.tx("page", async (sql) => {
    const incoming = facts.map((one) => ({ accountId: "a", fact: one }));
    await joinEarlier(sql, "1", incoming);
    return saveTransactions(
      sql,
      "1",
      incoming,
      1,
      async () => "2",
      () => `id${++ids}`,
    );
  });
const relink = () => db.tx("relink", (sql) => moveAccounts(sql, "1", "old", "new", [{ id: "a", ref: "1" }]));
const end = () => db.tx("end", (sql) => dropUntold(sql, "1", ["a"], 2, "3"));
const standing = () =>
  db.rows<{ id: string; ref: string; status: string }>(
    "select id, ref, status from transaction where account_id = 'a' and removed_at is null order by ref, id",
  );

test("an account that did not come along can be told by no list of the new link", async () => {
  await relink();
  const rows = await db.rows<{ id: string; ref: string }>(
    "select id, ref from account where provider_connection_id = 'new' order by id",
  );
  assert.deepEqual(rows, [
    { id: "a", ref: "1" },
    { id: "b", ref: "of an earlier link: b 2" },
  ]);
});

test("each row is found again once: two equal purchases stay two, and a third is a third", async () => {
  await page([coffee("o1"), coffee("o2"), coffee("o3", { description: "Tea" })]);
  const before = await standing();
  await relink();
  assert.deepEqual(await accountsToRematch(db, "1", "new"), ["a"]);
  assert.deepEqual(await page([coffee("n1"), coffee("n2", { description: "Tea" })]), [], "what is the same is no news");
  assert.deepEqual(
    (await page([coffee("n3"), coffee("n4")])).map(({ added, updated }) => [added, updated]),
    [[1, 0]],
  );
  assert.deepEqual(await end(), []);
  const now = await standing();
  assert.deepEqual(
    before.map(({ id }) => id).filter((id) => !now.some((one) => one.id === id)),
    [],
  );
  assert.deepEqual(now.map(({ ref }) => ref).sort(), ["n1", "n2", "n3", "n4"]);
  assert.deepEqual(await accountsToRematch(db, "1", "new"), []);
});

test("a page read twice joins nothing twice", async () => {
  await page([coffee("o1"), coffee("o2")]);
  await relink();
  await page([coffee("n1")]);
  await page([coffee("n1")]);
  await page([coffee("n2")]);
  await end();
  assert.deepEqual(
    (await standing()).map(({ ref }) => ref),
    ["n1", "n2"],
  );
});

test("what was pending is what it was posted as; posted is joined to posted first", async () => {
  await page([pending("o1"), coffee("o2")]);
  const [was] = await standing();
  await relink();
  await page([coffee("n1", { pendingRef: "unheard of" }), coffee("n2")]);
  await end();
  const now = await standing();
  assert.deepEqual(
    now.map(({ status }) => status),
    ["POSTED", "POSTED"],
  );
  assert.ok(now.some(({ id }) => id === was?.id));
});

test("a pending one and the posted one that replaces it, told together, are one row", async () => {
  await page([pending("o1")]);
  const [was] = await standing();
  await relink();
  await page([pending("n1"), coffee("n2", { pendingRef: "n1" })]);
  await end();
  assert.deepEqual(await standing(), [{ id: was?.id, ref: "n2", status: "POSTED" }]);
});

test("ids that outlive a link say it themselves", async () => {
  await page([coffee("o1"), coffee("o2")]);
  const before = await standing();
  await relink();
  await page([coffee("o2"), coffee("o1")]);
  await end();
  assert.deepEqual(await standing(), before);
});

test("what the new history passes over is gone; what it does not reach, and its oldest day, stay", async () => {
  const on = (ref: string, transactionDate: string, more: Partial<TransactionFact> = {}) =>
    coffee(ref, { transactionDate, description: `On ${ref.slice(1)}`, ...more });
  await page([on("o1", "2025-06-01"), on("o2", "2026-01-01"), on("o3", "2026-01-05"), on("o4", "2026-01-06")]);
  await page([pending("o5", { transactionDate: "2026-01-01" })]);
  await relink();
  await page([on("n0", "2026-01-01"), on("n4", "2026-01-06")]);
  const gone = await end();
  assert.deepEqual(gone.map(({ date, how }) => `${date} ${how}`).sort(), ["2026-01-01 removed", "2026-01-05 removed"]);
  assert.deepEqual(
    (await standing()).map(({ ref }) => ref),
    ["n0", "n4", "o1", "o2"],
  );
});

test("however a history is cut into pages, as many rows stand as the bank has, and each stays that can", async () => {
  const draws = fc.array(
    fc.record({ day: fc.constantFrom("2026-01-02", "2026-01-03"), amount: fc.constantFrom("1.00", "2.00") }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(draws, draws, fc.integer({ min: 1, max: 4 }), async (before, now, size) => {
      await db.run("delete from transaction");
      await db.run("update account set provider_connection_id = 'old', ref = id");
      const facts = (all: typeof before, mark: string) =>
        all.map(({ day, amount }, at) => coffee(`${mark}${at}`, { transactionDate: day, amount }));
      await page(facts(before, "o"));
      const was = await standing();
      await relink();
      // An older day, so that the window reaches over both.
      const told = [...facts(now, "n"), coffee("n-old", { transactionDate: "2025-12-01" })];
      for (let at = 0; at < told.length; at += size) await page(told.slice(at, at + size));
      await end();
      const stands = await standing();
      assert.equal(stands.length, told.length);
      const key = (one: (typeof before)[number]) => `${one.day} ${one.amount}`;
      const kinds = [...new Set(before.map(key))];
      const common = kinds.reduce((sum, kind) => {
        const count = (all: typeof before) => all.filter((one) => key(one) === kind).length;
        return sum + Math.min(count(before), count(now));
      }, 0);
      assert.equal(stands.filter(({ id }) => was.some((one) => one.id === id)).length, common);
    }),
    { numRuns: 60 },
  );
});
