// Walks the contract's table against a running gateway: each row that says that it is there is asked for, and what
// comes back is looked at. The table is src/core/contract; docs/compatibility.md is printed from it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as events from "../../src/core/contract/events.ts";
import { OBJECTS } from "../../src/core/contract/objects.ts";
import { BESIDE, OPERATIONS, type Operation } from "../../src/core/contract/operations.ts";
import { isThere, type Row } from "../../src/core/contract/row.ts";
import { EVENT_TYPES } from "../../src/core/events.ts";
import { PRODUCTS } from "../../src/core/products.ts";
import { open } from "../../src/store/seal.ts";
import { openReceiver, type Received } from "../webhooks/receiver.ts";
import { KEY, openGateway, type TestGateway } from "./gateway.ts";

type Json = Record<string, Awaited<ReturnType<TestGateway["call"]>>["body"]>;
type Query = Record<string, string>;
/** What finds something, and what must find nothing; null: nothing that can be asked for is without it. */
type Probe = readonly [hit: Query, miss: Query | null];

interface Asked {
  path?: string;
  query?: Record<string, Probe>;
  base?: Query;
  body?: Json;
  /** What the body is echoed as. */
  status?: number;
}

let gateway: TestGateway;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let document: { paths: Record<string, Record<string, Json>>; components: Json };
let asks: Record<string, () => Asked | Promise<Asked>>;

const named = (rows: readonly Row[] = []): string[] => rows.filter(isThere).map(([name]) => name);
const missing = (rows: readonly Row[] = []): string[] => rows.filter((row) => !isThere(row)).map(([name]) => name);
const absent = (rows: readonly Row[] = []): Row[] => rows.filter((row) => !isThere(row));
const PAGING = ["before", "after", "limit"];
const NONE = "2222222222222222222222";
/** Of which nothing was ever asked: what was asked for in vain is in the activity log, too. */
const UNASKED = "3333333333333333333333";

const call = async (method: string, url: string, body?: Json) => gateway.call(method as "GET", url, body);
async function good(method: string, url: string, body?: Json): Promise<Json> {
  const answer = await call(method, url, body);
  assert.ok(answer.status < 300, `${method} ${url}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

before(async () => {
  gateway = await openGateway();
  receiver = await openReceiver();
  document = gateway.app.swagger() as unknown as typeof document;
  const profile = await good("POST", "/notifications/webhooks", { name: "walk", url: receiver.url });
  const banks = await good("GET", "/institutions?name=Investments");
  const institutionId = banks["institutions"][0].id;
  // Some logins are drawn without one kind of row or another: several are linked, and the first whole one is walked.
  const link = async (externalCustomerId: string) => {
    const made = await good("POST", "/sandbox/connections", { externalCustomerId, institutionId, products: PRODUCTS });
    await gateway.worker.drain();
    return made;
  };
  const first = await link("walker one");
  gateway.clock.at += 86_400_000;
  await gateway.worker.drain();
  const of = async (path: string, list: string) => (await good("GET", `${path}?connectionId=${first["id"]}`))[list];
  const accounts: Json[] = await of("/bank-linking/accounts", "financialAccounts");
  const account = accounts.find(({ type }) => type === "DEPOSITORY");
  const [transaction] = await of("/bank-linking/transactions", "financialAccountTransactions");
  const [holding] = await of("/bank-linking/investments/holdings", "investmentHoldings");
  const [trade] = await of("/bank-linking/investments/transactions", "investmentTransactions");
  assert.ok(account && transaction && holding && trade, "the walked login has a row of every kind");
  const broken = await link("walker two");
  const trouble = { state: "RECONNECT_REQUIRED/LOGIN_REQUIRED" };
  await good("POST", `/sandbox/connections/${broken["id"]}/trouble`, trouble);
  await gateway.worker.drain();
  asks = asksOf({ first, broken, account, transaction, holding, trade, institutionId, profile });
});
after(async () => {
  await gateway.close();
  await receiver.close();
});

type World = Record<"first" | "broken" | "account" | "transaction" | "holding" | "trade" | "profile", Json> & {
  institutionId: string;
};

function asksOf(w: World): typeof asks {
  const other = { customerId: `cus_${NONE}`, connectionId: `con_${NONE}`, accountId: `acc_${NONE}` };
  const byCustomer: Record<string, Probe> = {
    customerId: [{ customerId: w.first["customerId"] }, { customerId: other.customerId }],
    externalCustomerId: [{ externalCustomerId: "walker one" }, { externalCustomerId: "nobody" }],
  };
  const byConnection: Record<string, Probe> = {
    connectionId: [{ connectionId: w.first["id"] }, { connectionId: other.connectionId }],
  };
  const byAccount = (id: string): Record<string, Probe> => ({
    financialAccountId: [{ financialAccountId: id }, { financialAccountId: other.accountId }],
  });
  const byDay = (day: string): Record<string, Probe> => ({
    startDate: [{ startDate: day }, { startDate: "2099-01-01" }],
    endDate: [{ endDate: day }, { endDate: "2000-01-01" }],
  });
  const providers: Probe = [{ serviceProviders: "SANDBOX,MX" }, { serviceProviders: "MX" }];
  const person = {
    name: { firstName: "Wal", lastName: "Ker" },
    email: "wal@example.com",
    phone: "+12025550101",
    dateOfBirth: "1980-01-01",
    type: "BUSINESS",
  };
  const address = { lineOne: "1 Way", lineTwo: "2", city: "C", region: "R", postalCode: "1", country: "US" };
  const home = { type: "BILLING", ...address, status: "INACTIVE" };
  const hook = { name: "another", url: receiver.url, eventTypes: [EVENT_TYPES[0]], eventVersion: "2023-12-19" };
  const span = { start: "2026-01-01T00:00:00Z", end: "2027-01-01T00:00:00Z" };
  const customer = async (externalId: string) =>
    (await good("POST", "/accounts/customers", { externalId, ...person })) as { id: string };
  let request = "";
  return {
    "POST /bank-linking/connect/start": () => ({
      body: {
        externalCustomerId: "walker three",
        products: ["TRANSACTIONS"],
        optionalProducts: ["OWNERS"],
        regions: ["US"],
        institutionId: w.institutionId,
        allowRedirect: false,
        institutionSearchString: "Inv",
        accountPreferenceOverride: { any: 1 },
        redirectUrl: "https://app.example/back",
      },
    }),
    "POST /bank-linking/connect/repair": () => ({ body: { connectionId: w.broken["id"] } }),
    "GET /bank-linking/connections": () => ({
      query: {
        ...byCustomer,
        institutionId: [{ institutionId: w.institutionId }, { institutionId: `ins_${NONE}` }],
        institutionName: [{ institutionName: "vestment" }, { institutionName: "no such bank" }],
        statuses: [{ statuses: "ACTIVE,RECONNECT_REQUIRED" }, { statuses: "UNRECOVERABLE" }],
        serviceProviders: providers,
        ...byDay("2026-11-22"),
      },
    }),
    "GET /bank-linking/connections/{connectionId}": () => ({ path: w.first["id"] }),
    "DELETE /bank-linking/connections/{connectionId}": async () => ({
      path: (await good("POST", "/bank-linking/connect/start", { externalCustomerId: "goes" }))["id"],
    }),
    "POST /bank-linking/connections/{connectionId}/refresh": () => ({
      path: w.first["id"],
      body: { products: ["TRANSACTIONS"], connectionId: w.first["id"] },
    }),
    "POST /bank-linking/connections/{connectionId}/update": async () => {
      const narrow = { externalCustomerId: "narrow", institutionId: w.institutionId, products: ["BALANCES"] };
      return { path: (await good("POST", "/sandbox/connections", narrow))["id"], body: { products: ["OWNERS"] } };
    },
    "POST /bank-linking/connections/import": async () => {
      const held = await gateway.gateway.db.row<{ id: string; credential: Buffer }>(
        "select p.id, p.credential from provider_connection p join connection c on c.provider_connection_id = p.id" +
          " and c.home = p.home where c.id = $1",
        [w.first["id"]],
      );
      assert.ok(held);
      const accessToken = open(gateway.gateway.ring, held.credential, held.id);
      const one = { externalCustomerId: "walker one", serviceProvider: "SANDBOX", accessToken };
      return { body: { connections: [one], dryRun: true } };
    },
    "GET /bank-linking/accounts": () => ({
      query: {
        ...byCustomer,
        ...byConnection,
        institutionId: [{ institutionId: w.institutionId }, { institutionId: `ins_${NONE}` }],
      },
    }),
    "GET /bank-linking/accounts/{financialAccountId}": () => ({ path: w.account["id"] }),
    "POST /bank-linking/accounts/{financialAccountId}/processors/create-token": () => ({
      path: w.account["id"],
      body: { processor: "DWOLLA", serviceProvider: "SANDBOX" },
    }),
    "GET /bank-linking/transactions": () => ({
      query: {
        ...byCustomer,
        ...byConnection,
        ...byAccount(w.transaction["financialAccountId"]),
        status: [{ status: w.transaction["status"] }, null],
        category: [{ category: w.transaction["category"] }, { category: "TAXES" }],
        ...byDay(w.transaction["transactionDate"]),
      },
    }),
    "GET /bank-linking/transactions/{transactionId}": () => ({ path: w.transaction["id"] }),
    "GET /bank-linking/investments/holdings": () => ({
      query: { ...byCustomer, ...byConnection, ...byAccount(w.holding["financialAccountId"]) },
    }),
    "GET /bank-linking/investments/holdings/{investmentHoldingId}": () => ({ path: w.holding["id"] }),
    "GET /bank-linking/investments/transactions": () => ({
      query: {
        ...byCustomer,
        ...byConnection,
        ...byAccount(w.trade["financialAccountId"]),
        statuses: [{ statuses: w.trade["status"] }, null],
        ...byDay(w.trade["transactionDate"]),
      },
    }),
    "GET /bank-linking/investments/transactions/{investmentTransactionId}": () => ({ path: w.trade["id"] }),
    "GET /institutions": () => ({
      query: {
        name: [{ name: "Investments" }, { name: "qqqxxzzvvww" }],
        serviceProviders: providers,
        regions: [{ regions: "US" }, { regions: "FR" }],
        products: [{ products: "TRANSACTIONS" }, null],
      },
    }),
    "GET /institutions/{institutionId}": () => ({ path: w.institutionId }),
    "POST /accounts/customers": () => ({ body: { externalId: "walker four", ...person, addresses: [home] } }),
    "GET /accounts/customers": async () => {
      const { id } = await customer("walker five");
      return {
        query: {
          customerIds: [{ customerIds: id }, { customerIds: other.customerId }],
          externalId: [{ externalId: "walker five" }, { externalId: "nobody" }],
          email: [{ email: person.email }, { email: "no@example.com" }],
          phone: [{ phone: person.phone }, { phone: "+12025550199" }],
          status: [{ status: "ACTIVE" }, { status: "INACTIVE" }],
          type: [
            { type: "BUSINESS", externalId: "walker five" },
            { type: "INDIVIDUAL", externalId: "walker five" },
          ],
        },
      };
    },
    "DELETE /accounts/customers/{customerId}": async () => ({
      path: (await customer("walker six")).id,
      query: { serviceProviders: [{ serviceProviders: "PLAID" }, null] },
    }),
    "POST /accounts/customers/{customerId}/addresses": async () => ({
      path: (await customer("walker seven")).id,
      body: home,
    }),
    "POST /notifications/webhooks": () => ({ body: hook }),
    "GET /notifications/webhooks": () => ({ query: {} }),
    "GET /notifications/webhooks/{webhookProfileId}": () => ({ path: w.profile["id"] }),
    "PATCH /notifications/webhooks/{webhookProfileId}": async () => ({
      path: (await good("POST", "/notifications/webhooks", hook))["id"],
      body: { ...hook, name: "changed", status: "DISABLED" },
    }),
    "GET /activity-log": async () => {
      const asked = await call("GET", `/bank-linking/accounts/${w.account["id"]}`);
      request = String(asked.headers["x-request-id"]);
      const never = { start: "2098-01-01T00:00:00Z", end: "2099-01-01T00:00:00Z" };
      const long = { start: "2000-01-01T00:00:00Z", end: "2001-01-01T00:00:00Z" };
      return {
        base: span,
        query: {
          start: [span, never],
          end: [span, long],
          actions: [{ actions: "INBOUND_REQUEST" }, { actions: "INSTITUTION_CONNECTION_IMPORT_FAILED" }],
          requestId: [{ requestId: request }, { requestId: "none" }],
          customerId: [{ customerId: w.first["customerId"] }, { customerId: `cus_${UNASKED}` }],
          externalCustomerId: [{ externalCustomerId: "walker one" }, { externalCustomerId: "never asked for" }],
          connectionIds: [{ connectionIds: w.first["id"] }, { connectionIds: `con_${UNASKED}` }],
          financialAccountIds: [{ financialAccountIds: w.account["id"] }, { financialAccountIds: `acc_${UNASKED}` }],
          eventType: [{ eventType: EVENT_TYPES[0] }, { eventType: "BANK_LINKING_NEW_ACCOUNTS_AVAILABLE" }],
        },
      };
    },
    "GET /activity-log/details": async () => {
      const { activities } = await good("GET", `/activity-log?${new URLSearchParams(span).toString()}`);
      return { query: { key: [{ key: activities[0].key }, null] } };
    },
  };
}

const there = OPERATIONS.filter(({ is }) => is !== "absent");

test("Every operation that is there is walked, is in the document, and says why it is not the same", () => {
  assert.deepEqual(Object.keys(asks).sort(), there.map(({ route }) => route).sort());
  const rows = [...Object.values(OBJECTS), events.EVENTS, events.PAYLOAD, events.RULES].flat() as readonly Row[];
  for (const row of [...rows, ...OPERATIONS.flatMap((one) => [...(one.query ?? []), ...(one.body ?? [])])])
    assert.ok(row[1] === "same" || (row[2] ?? "").length > 0, `${row[0]} says no why`);
  for (const { route, is, why } of OPERATIONS) assert.ok(is === "same" || why, `${route} says no why`);
  for (const [route] of BESIDE) assert.ok(operationOf(route), `${route} is not in the document`);
});

function operationOf(route: string): Json | undefined {
  const [method = "", path = ""] = route.split(" ");
  return document.paths[path]?.[method.toLowerCase()];
}

const bodyFields = (route: string): string[] => {
  const schema = operationOf(route)?.["requestBody"]?.content?.["application/json"]?.schema ?? {};
  const name =
    String(schema.$ref ?? "")
      .split("/")
      .at(-1) ?? "";
  const resolved: Json = schema.$ref ? document.components["schemas"][name] : schema;
  const shapes: Json[] = resolved["anyOf"] ?? [resolved];
  return shapes.flatMap((shape) => Object.keys(shape["properties"] ?? {}));
};

for (const operation of there) {
  test(`${operation.route} is as the table says`, async () => walk(operation));
}

async function walk(operation: Operation): Promise<void> {
  const { route, query = [], body = [], answer = [], object, list } = operation;
  const found = operationOf(route);
  assert.ok(found, "it is in the document");
  const parameters = (found["parameters"] ?? []) as { in: string; name: string }[];
  const inQuery = parameters.filter((one) => one.in === "query").map(({ name }) => name);
  for (const name of named(query)) assert.ok(inQuery.includes(name), `${name} is in the document`);
  for (const name of missing(query)) assert.ok(!inQuery.includes(name), `${name} is not there`);
  for (const name of named(body)) assert.ok(bodyFields(route).includes(name), `${name} is in the document`);

  const asked = await asks[route]?.();
  assert.ok(asked);
  const [method = "", template = ""] = route.split(" ");
  const path = template.replace(/\{\w+\}/, asked.path ?? "");
  const probed = Object.keys(asked.query ?? {}).sort();
  assert.deepEqual(
    probed,
    named(query)
      .filter((name) => !PAGING.includes(name))
      .sort(),
    "each filter is probed",
  );
  assert.deepEqual(
    named(body).filter((name) => !(name in (asked.body ?? {}))),
    [],
    "each field is sent",
  );

  const urlOf = (more: Query) => `${path}?${new URLSearchParams({ ...asked.base, ...more }).toString()}`;
  const first = list === undefined ? (Object.values(asked.query ?? {})[0]?.[0] ?? {}) : {};
  const told = await good(method, urlOf(first), asked.body);
  for (const name of named(answer)) assert.ok(name in told, `${name} is answered`);
  const records: Json[] = list === undefined ? [told] : told[list];
  assert.ok(records.length > 0, "there is something to look at");
  const rows: readonly Row[] = object === undefined ? [] : OBJECTS[object];
  for (const record of records) {
    for (const name of named(rows)) assert.ok(name in record, `${name} is in it`);
    for (const name of missing(rows)) assert.ok(!(name in record), `${name} is not in it`);
    for (const [name, , why = ""] of rows) {
      const [, word] = /^always (\w+)/.exec(why) ?? [];
      if (word) assert.deepEqual(record[name], word in ALWAYS ? ALWAYS[word] : word, `${name} is ${why}`);
    }
  }
  for (const row of absent(query)) refused(row, await call(method, urlOf({ ...first, [row[0]]: "x" }), asked.body));
  for (const row of absent(body)) refused(row, await call(method, urlOf(first), { ...asked.body, [row[0]]: "x" }));
  for (const [name, sent] of Object.entries(asked.body ?? {})) {
    if (name in told && !["addresses", "connections"].includes(name))
      assert.deepEqual(told[name], sent, `${name} is taken`);
  }
  if (list === undefined) return;
  for (const [name, [hit, miss]] of Object.entries(asked.query ?? {})) {
    assert.ok((await good(method, urlOf(hit)))["count"] > 0, `${name} finds what there is`);
    if (miss) assert.equal((await good(method, urlOf(miss)))["count"], 0, `${name} finds nothing else`);
  }
  await pages(urlOf, list);
}

const ALWAYS: Readonly<Record<string, unknown>> = { null: null, empty: [] };

function refused([name, , why = ""]: Row, { status, body }: Awaited<ReturnType<typeof call>>): void {
  assert.deepEqual([status, body["code"]], [501, "NOT_BUILT"], `${name}: ${JSON.stringify(body)}`);
  assert.ok(body["message"].includes(name) && body["message"].includes(why), body["message"]);
}

async function pages(urlOf: (more: Query) => string, list: string): Promise<void> {
  const one = await good("GET", urlOf({ limit: "1" }));
  assert.equal(one[list].length, 1);
  assert.equal(one["count"], 1);
  const [{ key }] = one[list];
  const next = await good("GET", urlOf({ limit: "1", after: key }));
  const back = await good("GET", urlOf({ limit: "1", before: next[list][0]?.key ?? key }));
  if (next[list].length > 0) assert.equal(back[list][0].id, one[list][0].id);
  else assert.equal(one["remaining"], 0);
  const both = await call("GET", urlOf({ before: key, after: key }));
  assert.equal(both.status, 400);
}

test("An endpoint may ask for each event that there is, and is told of each that there is not", async () => {
  for (const row of events.EVENTS) {
    const eventTypes = [row[0].replace("*", "SOMETHING")];
    const made = await call("POST", "/notifications/webhooks", { name: "asks", url: receiver.url, eventTypes });
    const kept = asks["PATCH /notifications/webhooks/{webhookProfileId}"];
    assert.ok(kept);
    const path = `/notifications/webhooks/${(await kept()).path}`;
    const changed = await call("PATCH", path, { eventTypes });
    for (const answer of [made, changed]) {
      if (isThere(row)) assert.deepEqual([answer.status, answer.body["eventTypes"]], [200, eventTypes], row[0]);
      else refused(row, answer);
    }
  }
});

test("Events, envelopes and headers are as the table says, and so are errors", async () => {
  assert.deepEqual(named(events.EVENTS).sort(), [...EVENT_TYPES, "WEBHOOK_TEST"].sort());
  const { webhookProfiles } = await good("GET", "/notifications/webhooks?limit=100");
  const profile = webhookProfiles.find((one: Json) => one["name"] === "walk");
  await good("POST", `/notifications/webhooks/${profile.id}/test`, {});
  await gateway.worker.drain();
  const types = new Set(receiver.received.map(({ json }) => json.eventType));
  for (const type of ["WEBHOOK_TEST", EVENT_TYPES[0], EVENT_TYPES[1], "BANK_LINKING_TRANSACTIONS_AGGREGATED"])
    assert.ok(types.has(type), `${type} came`);
  for (const { json } of receiver.received) {
    for (const name of named(events.ENVELOPE)) assert.ok(name in json, name);
    if (json.eventType === "WEBHOOK_TEST") continue;
    for (const name of named(events.PAYLOAD)) assert.ok(name in json.payload, `${json.eventType}: ${name}`);
  }

  // A try that failed, so that the next one says how many there were.
  receiver.setAnswer(() => ({ status: 500 }));
  await good("POST", "/sandbox/connections", { externalCustomerId: "retried" });
  await gateway.worker.drain();
  receiver.setAnswer(() => ({ status: 200 }));
  gateway.clock.at += 3_600_000;
  await gateway.worker.drain();
  const again = receiver.received.find(({ headers }) => headers["meld-retry-count"] !== undefined) as Received;
  assert.ok(again, "a delivery was tried again");
  for (const name of named(events.DELIVERY_HEADERS)) assert.ok(again.headers[name], name);

  const { headers, body } = await call("GET", `/bank-linking/connections/con_${NONE}`);
  for (const name of named(events.ANSWER_HEADERS)) assert.ok(headers[name], name);
  assert.deepEqual(Object.keys(body).sort(), named(events.ERROR_BODY).sort());

  const sent: Record<string, string> = {
    authorization: `BASIC ${KEY}`,
    "meld-version": "2030-01-01",
    "x-idempotency-key": "walk",
  };
  assert.deepEqual(Object.keys(sent).sort(), named(events.REQUEST_HEADERS).sort());
  const start = { method: "POST", url: "/bank-linking/connect/start", headers: sent } as const;
  const [one, two] = [
    await gateway.inject({ ...start, payload: { externalCustomerId: "heads" } }),
    await gateway.inject({ ...start, payload: { externalCustomerId: "heads" } }),
  ];
  assert.deepEqual([one.statusCode, one.json().id], [200, two.json().id]);
});
