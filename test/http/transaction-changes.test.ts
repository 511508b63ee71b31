// The change feed of transactions: all that changed since a cursor, each once, and nothing missed beside slow commits.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TransactionFact } from "../../src/core/transaction.ts";
import { lockCustomer, takeChange } from "../../src/store/customers.ts";
import { markRemoved, saveTransactions } from "../../src/store/transactions.ts";
import { openGateway, type TestGateway } from "./gateway.ts";
import { coffee } from "../store/coffee.ts";

interface Told {
  changes: {
    change: string;
    transactionId: string;
    financialAccountId: string;
    transaction: { id: string; amount: number; status: string } | null;
    key: string;
  }[];
  cursor: string;
  count: number;
  remaining: number;
}

let gateway: TestGateway;
let connection: { id: string; customerId: string };
let home: string;
let account: string;
let path: string;

before(async () => {
  gateway = await openGateway();
  connection = (await gateway.call("POST", "/sandbox/connections", { externalCustomerId: "follows" })).body;
  await gateway.worker.drain();
  path = `/bank-linking/connections/${connection.id}/transactions/changes`;
  const { body } = await gateway.call("GET", `/bank-linking/accounts?connectionId=${connection.id}`);
  account = body.financialAccounts[0].id;
  home =
    (await gateway.gateway.db.row<{ home: string }>("select home from account where id = $1", [account]))?.home ?? "";
});
after(() => gateway.close());

async function read(after?: string, limit = 1000): Promise<Told> {
  const { status, body } = await gateway.call("GET", `${path}?limit=${limit}${after ? `&after=${after}` : ""}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** As a run writes a page. `hold` keeps the commit back until it resolves. */
let ids = 0;
const write = (added: TransactionFact[], removed: string[] = [], hold?: Promise<void>, begun?: () => void) =>
  gateway.gateway.db.tx("page", async (sql) => {
    await lockCustomer(sql, home, connection.customerId);
    let taken: Promise<string> | undefined;
    const change = () => (taken ??= takeChange(sql, home, connection.customerId));
    await markRemoved(sql, home, [account], removed, gateway.clock.at, change);
    const rows = added.map((fact) => ({ accountId: account, fact }));
    await saveTransactions(sql, home, rows, gateway.clock.at, change, () => `txn_${String(++ids).padStart(22, "z")}`);
    begun?.();
    await hold;
  });

test("It begins with all there is, page by page, and ends where nothing is left", async () => {
  const { body } = await gateway.call("GET", `/bank-linking/transactions?connectionId=${connection.id}&limit=1000`);
  const all = await read();
  assert.ok(all.count > 5 && all.changes.every(({ change }) => change === "ADDED"));
  assert.deepEqual(
    all.changes.map(({ transactionId }) => transactionId).sort(),
    body.financialAccountTransactions.map(({ id }: { id: string }) => id).sort(),
  );
  const { changes } = await read(undefined, 3);
  const next = await read(changes.at(-1)?.key, 2);
  assert.deepEqual(
    [...changes, ...next.changes].map(({ transactionId }) => transactionId),
    all.changes.slice(0, 5).map(({ transactionId }) => transactionId),
  );
  assert.equal(next.remaining, all.count - 5);
  const end = await read(all.cursor);
  assert.deepEqual([end.count, end.cursor], [0, all.cursor]);
});

test("Added, updated and removed are told since the cursor, each once, and what stayed is not", async () => {
  const { cursor } = await read();
  await write([coffee("one"), coffee("two"), coffee("three")]);
  const first = await read(cursor);
  assert.deepEqual(
    first.changes.map(({ change }) => change),
    ["ADDED", "ADDED", "ADDED"],
  );
  await write([coffee("one", { amount: "9.99" }), coffee("two")], ["three"]);
  await write([coffee("four")]);
  const second = await read(first.cursor);
  assert.deepEqual(
    second.changes.map(({ change, transaction }) => [change, transaction?.amount ?? null]),
    [
      ["UPDATED", 9.99],
      ["REMOVED", null],
      ["ADDED", Number(coffee("four").amount)],
    ],
  );
  // From further back each is told once, as it is now.
  const both = await read(cursor);
  assert.deepEqual(both.changes.map(({ change }) => change).sort(), ["ADDED", "ADDED", "ADDED", "REMOVED"]);
  const before = await gateway.gateway.db.row("select changes from customer where id = $1", [connection.customerId]);
  await write([coffee("one", { amount: "9.99" })]);
  assert.equal((await read(second.cursor)).count, 0, "what did not change is not told");
  assert.deepEqual(
    await gateway.gateway.db.row("select changes from customer where id = $1", [connection.customerId]),
    before,
    "and moves no number",
  );
});

test("A slow commit is not passed by a fast one: a reader in between misses neither", async () => {
  const { cursor } = await read();
  let release = (): void => undefined;
  let started = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    started = resolve;
  });
  const slow = write([coffee("slow")], [], held, started);
  await begun;
  const fast = write([coffee("fast")]);
  const between = await read(cursor);
  assert.equal(between.count, 0, "nothing is committed yet");
  release();
  await Promise.all([slow, fast]);
  const seen = await read(between.cursor);
  assert.equal(seen.count, 2);
});

test("Many writers and a reader that never waits: in the end it has everything once", async () => {
  let { cursor } = await read();
  const told: string[] = [];
  let isOver = false;
  const reader = (async () => {
    for (;;) {
      const last = isOver;
      const { changes, cursor: next, remaining } = await read(cursor, 4);
      cursor = next;
      told.push(...changes.map(({ transactionId }) => transactionId));
      if (last && remaining === 0) return;
    }
  })();
  const names = Array.from({ length: 40 }, (_, n) => `crowd ${n}`);
  await Promise.all(names.map((name) => write([coffee(name)])));
  isOver = true;
  await reader;
  assert.equal(told.length, 40);
  assert.equal(new Set(told).size, 40);
});

test("It is of one connection, and ends with it", async () => {
  const { cursor } = await read();
  const other = (await gateway.call("POST", "/bank-linking/connect/start", { externalCustomerId: "other" })).body;
  const empty = await gateway.call("GET", `/bank-linking/connections/${other.id}/transactions/changes`);
  assert.deepEqual([empty.status, empty.body.count], [200, 0]);
  assert.equal(typeof empty.body.cursor, "string");
  const wrong = await gateway.call("GET", `/bank-linking/connections/${other.id}/transactions/changes?after=${cursor}`);
  assert.match(wrong.body.message, /^\[after\] is a cursor of another connection/);
  assert.match((await gateway.call("GET", `${path}?after=x`)).body.message, /^\[after\] is no key of this list/);
  await gateway.call("DELETE", `/bank-linking/connections/${connection.id}`);
  assert.equal((await gateway.call("GET", path)).status, 410);
});
