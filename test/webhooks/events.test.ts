// Every event has its cause, is told once, and tells ids, times, states and counts alone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { EventType } from "../../src/core/events.ts";
import { getConnection } from "../../src/store/connections.ts";
import { openDatabase } from "../../src/store/database.ts";
import { takeTallies } from "../../src/store/tallies.ts";
import { openGateway } from "../http/gateway.ts";

const gateway = await openGateway();
const db = openDatabase({ connectionString: gateway.database.url }, () => {});
after(async () => {
  await db.close();
  await gateway.close();
});
const { call, worker, clock } = gateway;
const DAY = 86_400_000;

async function linked(externalCustomerId: string): Promise<string> {
  const { status, body } = await call("POST", "/sandbox/connections", { externalCustomerId });
  assert.equal(status, 200, JSON.stringify(body));
  await worker.drain();
  return body.id;
}

async function told(id: string) {
  const events = await db.rows<{ type: EventType; payload: Record<string, unknown>; sequence: string }>(
    "select type, payload, sequence from event where connection_id = $1 order by sequence",
    [id],
  );
  return events.map(({ type, payload, sequence }) => ({
    type: short(type),
    payload,
    sequence,
    accounts: (payload["financialAccounts"] ?? []) as {
      id: string;
      newAccount: boolean;
      products: string[];
      counts: { added: number; updated: number; removed: string[]; oldest: string | null };
    }[],
  }));
}

const short = (type: EventType) => type.replace("BANK_LINKING_", "");

interface Listed {
  id: string;
}

test("A first link tells its way in order, gap-free, and counts what the lists then show", async () => {
  const id = await linked("first");
  const events = await told(id);
  assert.deepEqual(
    events.map(({ type }) => type),
    [
      "CONNECTION_COMPLETED",
      "CONNECTION_STATUS_CHANGE",
      "ACCOUNTS_UPDATING",
      "ACCOUNTS_ADDED",
      "ACCOUNTS_UPDATED",
      "TRANSACTIONS_AGGREGATED",
      "HISTORICAL_TRANSACTIONS_AGGREGATED",
    ],
  );
  assert.deepEqual(
    events.map(({ sequence }) => Number(sequence)),
    events.map((_, at) => at + 1),
  );
  const { body: listed } = await call("GET", `/bank-linking/accounts?connectionId=${id}&limit=100`);
  const ids = (listed.financialAccounts as Listed[]).map((account) => account.id).sort();
  const of = (type: EventType) => events.find((event) => event.type === short(type))?.accounts ?? [];
  assert.deepEqual(
    of("BANK_LINKING_ACCOUNTS_ADDED")
      .map((a) => a.id)
      .sort(),
    ids,
  );
  const updated = of("BANK_LINKING_ACCOUNTS_UPDATED");
  assert.deepEqual(updated.map((a) => a.id).sort(), ids);
  assert.ok(updated.every(({ newAccount, products }) => newAccount && products.includes("BALANCES")));
  assert.ok(updated.every(({ products }) => !products.includes("TRANSACTIONS")));
  for (const { id: accountId, counts } of of("BANK_LINKING_TRANSACTIONS_AGGREGATED")) {
    const { body } = await call("GET", `/bank-linking/transactions?financialAccountId=${accountId}&limit=1000`);
    const rows = body.financialAccountTransactions as { id: string; transactionDate: string }[];
    assert.equal(counts.added, rows.length);
    assert.deepEqual([counts.updated, counts.removed], [0, []]);
    assert.equal(counts.oldest, rows.at(-1)?.transactionDate ?? null);
  }
});

test("A later run calls no account new, begins its counts anew, and tells no history again", async () => {
  const id = await linked("later");
  const { length } = await told(id);
  clock.at += 3 * DAY;
  await worker.drain();
  const events = (await told(id)).slice(length);
  const types = events.map(({ type }) => type);
  assert.ok(types.includes("ACCOUNTS_UPDATED") && types.includes("TRANSACTIONS_AGGREGATED"), types.join());
  assert.ok(!types.includes("HISTORICAL_TRANSACTIONS_AGGREGATED") && !types.includes("ACCOUNTS_ADDED"), types.join());
  const accounts = events.flatMap((event) => event.accounts);
  assert.ok(accounts.filter((a) => a.newAccount !== undefined).every((a) => !a.newAccount));
  const held = await getConnection(db, id);
  const left = await takeTallies(db, held?.home ?? "", held?.providerConnectionId ?? "");
  assert.equal(left.size, 0);
});

test("New accounts at the bank are told once, however often the provider states them", async () => {
  const id = await linked("more");
  const trouble = await call("POST", `/sandbox/connections/${id}/trouble`, { state: "ACTIVE/NEW_ACCOUNTS_AVAILABLE" });
  assert.equal(trouble.status, 200, JSON.stringify(trouble.body));
  await worker.drain();
  clock.at += 3 * DAY;
  await worker.drain();
  const types = (await told(id)).map(({ type }) => type);
  assert.equal(types.filter((type) => type === "NEW_ACCOUNTS_AVAILABLE").length, 1, types.join());
});

test("A duplicate is told what it is a duplicate of, and the accounts' news go to the one that is kept", async () => {
  const id = await linked("twice");
  const made = await call("POST", `/sandbox/connections/${id}/trouble`, {
    state: "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE",
  });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  await worker.drain();
  const duplicate = (await told(id)).find(({ payload }) => payload["newStatusReason"] === "INACTIVE_DUPLICATE");
  assert.equal(duplicate?.payload["activeDuplicateConnectionId"], made.body.twinId);
  const { length } = await told(id);
  clock.at += 2 * DAY;
  await worker.drain();
  assert.equal((await told(id)).length, length);
  assert.ok((await told(made.body.twinId)).some(({ type }) => type === "ACCOUNTS_UPDATED"));
});

test("A deletion tells the accounts that went with it, and ends the connection's events", async () => {
  const id = await linked("ends");
  const { body } = await call("GET", `/bank-linking/accounts?connectionId=${id}&limit=100`);
  await call("DELETE", `/bank-linking/connections/${id}`);
  await worker.drain();
  const events = (await told(id)).slice(-3);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["CONNECTION_STATUS_CHANGE", "ACCOUNTS_REMOVED", "CONNECTION_DELETED"],
  );
  const ids = (body.financialAccounts as Listed[]).map((account) => account.id);
  assert.deepEqual(
    events[1]?.accounts,
    [...ids].sort().map((one) => ({ id: one })),
    "the accounts that were listed",
  );
});

test("No event keeps what an account holds", async () => {
  const { rows } = await gateway.database.pool.query("select payload::text as text from event");
  const { rows: accounts } = await gateway.database.pool.query("select name, mask from account");
  const { rows: entries } = await gateway.database.pool.query("select distinct description from transaction");
  const texts = rows.map(({ text }) => text as string).join("\n");
  const secrets = [
    ...accounts.flatMap(({ name, mask }) => [name as string, `"${mask as string}"`]),
    ...entries.map(({ description }) => description as string),
  ];
  assert.ok(secrets.length > 20, `${secrets.length}`);
  assert.deepEqual(
    secrets.filter((secret) => texts.includes(secret)),
    [],
  );
});
