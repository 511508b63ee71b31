// Lists page both ways, keep their order while rows come, and filter as the contract says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openGateway, type TestGateway } from "./gateway.ts";

let gateway: TestGateway;
const CONNECTIONS = "/bank-linking/connections";
const DAY = 86_400_000;
const MADE = 7;

before(async () => {
  gateway = await openGateway();
  for (let i = 0; i < MADE; i++) {
    await start(`customer ${i}`);
    gateway.clock.at += DAY;
  }
});
after(() => gateway.close());

async function start(externalCustomerId: string): Promise<{ id: string; customerId: string }> {
  return (await gateway.call("POST", "/bank-linking/connect/start", { externalCustomerId })).body;
}

interface Listed {
  id: string;
  key: string;
  externalCustomerId: string;
  createdAt: string;
}

const search = async (query: string): Promise<{ connections: Listed[]; count: number; remaining: number }> =>
  (await gateway.call("GET", `${CONNECTIONS}?${query}`)).body;

test("Forward with `after`, back with `before`: every record once, newest first", async () => {
  const pages = [await search("limit=3")];
  while (pages.at(-1)!.remaining > 0)
    pages.push(await search(`limit=3&after=${pages.at(-1)!.connections.at(-1)!.key}`));
  assert.deepEqual(
    pages.map(({ count, remaining }) => [count, remaining]),
    [
      [3, 4],
      [3, 1],
      [1, 0],
    ],
  );
  const forward = pages.flatMap(({ connections }) => connections);
  assert.deepEqual(
    forward.map((c) => c.externalCustomerId),
    Array.from({ length: MADE }, (_, i) => `customer ${MADE - 1 - i}`),
  );

  const middle = await search(`limit=3&before=${forward.at(-1)!.key}`);
  assert.deepEqual(
    middle.connections.map(({ id }) => id),
    forward.slice(3, 6).map(({ id }) => id),
  );
  assert.equal(middle.remaining, 3);
  const first = await search(`limit=100&before=${middle.connections[0]!.key}`);
  assert.deepEqual(
    first.connections.map(({ id }) => id),
    forward.slice(0, 3).map(({ id }) => id),
  );
  assert.equal(first.remaining, 0);
  assert.equal((await search(`before=${forward[0]!.key}`)).count, 0);
  assert.equal((await search(`after=${forward.at(-1)!.key}`)).count, 0);
});

test("A page is not moved by what was made since", async () => {
  const {
    connections: [newest],
  } = await search("limit=1");
  const before = await search(`after=${newest!.key}`);
  const { id } = await start("customer late");
  assert.deepEqual(await search(`after=${newest!.key}`), before);
  assert.deepEqual(
    (await search(`before=${newest!.key}`)).connections.map((c) => c.id),
    [id],
  );
});

test("Connections are found by customer, status, provider, institution and day", async () => {
  const one = await search("externalCustomerId=customer%202");
  assert.equal(one.count, 1);
  const { body } = await gateway.call("GET", `${CONNECTIONS}/${one.connections[0]!.id}`);
  assert.deepEqual((await search(`customerId=${body.customerId}`)).connections, one.connections);
  assert.equal((await search("externalCustomerId=customer%202&statuses=ACTIVE,DEGRADED")).count, 0);
  assert.equal((await search("externalCustomerId=customer%202&statuses=IN_PROGRESS&statuses=EXPIRED")).count, 1);
  assert.equal((await search("externalCustomerId=nobody")).count, 0);
  assert.equal((await search("serviceProviders=SANDBOX,PLAID")).count, 0);
  const { createdAt } = one.connections[0]!;
  const made = await search(`startDate=${createdAt.slice(0, 10)}&endDate=${createdAt.slice(0, 10)}`);
  assert.deepEqual(
    made.connections.map(({ id }) => id),
    [body.id],
  );

  const linked = (await gateway.call("POST", "/sandbox/connections", { externalCustomerId: "linked" })).body;
  assert.deepEqual(
    (await search("serviceProviders=SANDBOX")).connections.map(({ id }) => id),
    [linked.id],
  );
  assert.deepEqual(
    (await search(`institutionId=${linked.institutionId}`)).connections.map(({ id }) => id),
    [linked.id],
  );
  assert.equal(
    (await search(`institutionName=${encodeURIComponent(linked.institutionName.slice(1, 6).toUpperCase())}`)).count,
    1,
  );
  assert.equal((await search("institutionName=%25")).count, 0, "a percent sign is a sign like another");
});

test("Transactions go account by account, newest first, whatever the size of a page", async () => {
  await gateway.worker.drain();
  const all: { id: string; financialAccountId: string; transactionDate: string; key: string; status: string }[] = [];
  const whole = (await gateway.call("GET", "/bank-linking/transactions?externalCustomerId=linked&limit=1000")).body;
  assert.ok(whole.count > 30);
  for (let url = "/bank-linking/transactions?externalCustomerId=linked&limit=7"; ; ) {
    const { body } = await gateway.call("GET", url);
    all.push(...body.financialAccountTransactions);
    if (body.remaining === 0) break;
    url = `/bank-linking/transactions?externalCustomerId=linked&limit=7&after=${all.at(-1)!.key}`;
  }
  assert.deepEqual(all, whole.financialAccountTransactions);
  const back = await gateway.call(
    "GET",
    `/bank-linking/transactions?externalCustomerId=linked&limit=1000&before=${all.at(-1)!.key}`,
  );
  assert.deepEqual(back.body.financialAccountTransactions, all.slice(0, -1));
  for (const [i, line] of all.entries()) {
    const next = all[i + 1];
    if (next?.financialAccountId === line.financialAccountId) assert.ok(next.transactionDate <= line.transactionDate);
  }
  const day = all[0]!.transactionDate;
  const { body: ofDay } = await gateway.call("GET", `/bank-linking/transactions?startDate=${day}&endDate=${day}`);
  assert.deepEqual(
    ofDay.financialAccountTransactions,
    all.filter((t) => t.transactionDate === day),
  );
  const { body: pending } = await gateway.call("GET", "/bank-linking/transactions?status=PENDING&limit=1000");
  assert.deepEqual(
    pending.financialAccountTransactions,
    all.filter((t) => t.status === "PENDING"),
  );
});

test("Institutions: popular ones first, by part of a name, region, product and provider", async () => {
  const { body: all } = await gateway.call("GET", "/institutions?limit=1000");
  const ranks = all.institutions.map((i: { rank: number }) => i.rank);
  assert.deepEqual(
    ranks,
    ranks.toSorted((a: number, b: number) => b - a),
  );
  const { body: page } = await gateway.call("GET", `/institutions?after=${all.institutions[4].key}&limit=2`);
  assert.deepEqual(page.institutions, all.institutions.slice(5, 7));
  assert.equal(page.remaining, all.count - 7);
  const { body: british } = await gateway.call("GET", "/institutions?regions=gb-eng&limit=1000");
  assert.ok(british.count > 0 && british.count < all.count);
  const { body: numbered } = await gateway.call("GET", "/institutions?products=IDENTIFIERS&limit=1000");
  assert.ok(numbered.count > 0 && numbered.count < all.count);
  assert.equal((await gateway.call("GET", "/institutions?serviceProviders=PLAID")).body.count, 0);
  const one = await gateway.call("GET", `/institutions/${all.institutions[0].id}`);
  assert.deepEqual(one.body, all.institutions[0]);
});

test("Customers: created or retrieved, listed by external id", async () => {
  const first = await gateway.call("POST", "/accounts/customers", {
    externalId: "a customer",
    name: { firstName: "T" },
  });
  const again = await gateway.call("POST", "/accounts/customers", { externalId: "a customer" });
  assert.deepEqual(again.body, first.body);
  assert.deepEqual((await gateway.call("GET", `/accounts/customers/${first.body.id}`)).body, first.body);
  const { body: list } = await gateway.call("GET", "/accounts/customers?limit=3");
  assert.deepEqual(
    list.customers.map((c: { externalId: string }) => c.externalId),
    ["a customer", "customer 0", "customer 1"],
  );
  const { body: next } = await gateway.call("GET", `/accounts/customers?limit=1&after=${list.customers[2].key}`);
  assert.equal(next.customers[0].externalId, "customer 2");
  const ids = [list.customers[1].id, first.body.id].join(",");
  assert.equal((await gateway.call("GET", `/accounts/customers?customerIds=${ids}`)).body.count, 2);
});
