// The activity log: what is in it, what is not, who finds what, and that nobody waits for it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openRecorder } from "../../src/actions/activity.ts";
import { sweep } from "../../src/actions/sweep.ts";
import { getTask } from "../../src/store/tasks.ts";
import { KEY, openGateway, type TestGateway } from "./gateway.ts";

interface Listed {
  id: string;
  action: string;
  actor: { type: string; id: string | null; name: string | null };
  entity: { type: string; id: string } | null;
  attributes: Record<string, unknown>;
  details: { request: { body: unknown; query?: unknown }; response: { body: unknown } } | null;
  occurredAt: string;
  key: string;
}

let gateway: TestGateway;
let linked: { id: string; customerId: string };
let accountId: string;
const EVER = "start=2026-01-01T00:00:00Z&end=2027-01-01T00:00:00Z";

before(async () => {
  gateway = await openGateway();
  linked = (await gateway.call("POST", "/sandbox/connections", { externalCustomerId: "Ada Almond" })).body;
  await gateway.worker.drain();
  gateway.clock.at += 1000;
  const { body } = await gateway.call("GET", `/bank-linking/accounts?connectionId=${linked.id}`);
  // Lists go by ids, which are drawn anew each time; a card has no numbers.
  accountId = body.financialAccounts.find((one: { identifiers: unknown }) => one.identifiers !== null).id;
});
after(() => gateway.close());

async function search(query: string): Promise<Listed[]> {
  const { status, body } = await gateway.call("GET", `/activity-log?${EVER}&limit=100&${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body.activities;
}

test("Each request is there with who asked, what came of it, and its bodies masked", async () => {
  const asked = await gateway.call("GET", `/bank-linking/accounts/${accountId}`);
  assert.equal(asked.status, 200);
  const { accountNumber } = asked.body.identifiers.ach;
  const [found] = await search(`requestId=${String(asked.headers["x-request-id"])}`);
  assert.ok(found);
  assert.deepEqual([found.action, found.actor.type, found.actor.name], ["INBOUND_REQUEST", "API_KEY", "test"]);
  assert.deepEqual(found.entity, { type: "FINANCIAL_ACCOUNT", id: accountId });
  const { method, route, status } = found.attributes;
  assert.deepEqual([method, route, status], ["GET", "/bank-linking/accounts/:financialAccountId", 200]);
  assert.equal(found.details, null, "a list tells no bodies");

  for (const path of [`/activity-log/${found.id}`, `/activity-log/details?key=${found.key}`]) {
    const { body } = await gateway.call("GET", path);
    const told = body.details.response.body;
    assert.deepEqual(
      [told.id, told.type, told.identifiers, told.owners, told.balances],
      [accountId, asked.body.type, "[masked]", "[masked]", "[masked]"],
      path,
    );
    assert.ok(!JSON.stringify(body).includes(accountNumber));
  }
});

test("Calls to the provider are there, found by connection and customer, and tell nobody's data", async () => {
  const asked = "actions=OUTBOUND_REQUEST_SERVICE_PROVIDER";
  const found = await search(`${asked}&connectionIds=${linked.id}`);
  const verbs = new Set(found.map(({ attributes }) => attributes["verb"]));
  for (const verb of ["readAccounts", "readIdentifiers", "readOwners", "readTransactions"])
    assert.ok(verbs.has(verb), verb);
  assert.deepEqual(
    (await search(`${asked}&customerId=${linked.customerId}`)).map(({ id }) => id),
    (await search(`${asked}&externalCustomerId=Ada%20Almond`)).map(({ id }) => id),
  );
  const numbers = found.find(({ attributes }) => attributes["verb"] === "readIdentifiers");
  const { body } = await gateway.call("GET", `/activity-log/${numbers?.id}`);
  assert.deepEqual(body.details.response.body.reply.rows[0], {
    acct: "[masked]",
    scheme: "us",
    number: "[masked]",
    route: "[masked]",
  });
  assert.equal(body.attributes.status, 200);
});

test("No secret, number or owner's data is anywhere in the table", async () => {
  await gateway.gateway.activity?.written();
  const { connectToken } = (await gateway.call("POST", "/bank-linking/connect/start", { externalCustomerId: "bo" }))
    .body;
  const token = { authorization: `Bearer ${connectToken}` };
  gateway.clock.at += 1;
  await gateway.call("GET", "/bank-linking/connect/session", undefined, token);
  const { body: accounts } = await gateway.call("GET", `/bank-linking/accounts?connectionId=${linked.id}`);
  await gateway.gateway.activity?.written();
  const rows = await gateway.gateway.db.rows<object>("select actor, summary, detail from activity");
  assert.ok(rows.length > 10);
  const all = JSON.stringify(rows);
  const secrets = [KEY, connectToken, "farm-key-of-this-test", "@example.com", "Customer "];
  for (const account of accounts.financialAccounts) {
    if (account.identifiers?.ach) secrets.push(account.identifiers.ach.accountNumber);
    for (const owner of account.owners ?? []) secrets.push(...owner.names, owner.phoneNumbers[0].data);
  }
  assert.ok(secrets.length > 7);
  for (const secret of secrets) assert.ok(!all.includes(secret), `${secret} is in the log`);
  // The customer's own request knows its connection.
  const asked = await search("actions=INBOUND_REQUEST&externalCustomerId=bo");
  const own = asked.find(({ actor }) => actor.type === "CUSTOMER");
  assert.equal(own?.entity?.type, "CONNECTION");
});

test("What no database keeps as a text costs no line, and a secret in a strange place is masked", async () => {
  const good = await gateway.call("POST", "/accounts/customers", { externalId: "beside" });
  const bad = await gateway.call("POST", "/accounts/customers", {
    externalId: "a\u0000b",
    "c\u0000": "\ud800",
    secretly: "hidden",
  });
  assert.equal(bad.status, 400);
  const key = "bow_0123456789abcdefghijklmnopqrstuv";
  const strange = await gateway.call("GET", `/bank-linking/connections?institutionName=${key}`);
  for (const { headers } of [good, bad, strange]) {
    const [found] = await search(`requestId=${String(headers["x-request-id"])}`);
    assert.ok(found);
    const { body } = await gateway.call("GET", `/activity-log/${found.id}`);
    assert.doesNotMatch(JSON.stringify(body), /hidden|bow_0123/);
    if (headers === good.headers) assert.equal(body.details.response.body.accountId, good.body.accountId);
  }
});

test("A field that no schema names is masked with all that is in it, whatever was answered", async () => {
  const start = { externalCustomerId: "named", institutionSearchString: "Copper" };
  const free = {
    ...start,
    accountPreferenceOverride: { name: "Hidden Moss", list: ["hidden one"], deep: { id: "hidden" } },
  };
  const late = { ...start, previousConnectionId: "hidden too", ssn: "hidden", name: { type: "hidden" } };
  const asked = [
    await gateway.call("POST", "/bank-linking/connect/start", free),
    await gateway.call("POST", "/bank-linking/connect/start", late),
    await gateway.call("POST", "/bank-linking/connect/start", '"a hidden text"', {
      "content-type": "application/json",
    }),
  ];
  assert.deepEqual(
    asked.map(({ status }) => status),
    [200, 501, 400],
  );
  for (const { headers, status } of asked) {
    const [found] = await search(`requestId=${String(headers["x-request-id"])}`);
    const { body } = await gateway.call("GET", `/activity-log/${found?.id}`);
    assert.doesNotMatch(JSON.stringify(body), /hidden/i);
    if (status !== 400) assert.equal(body.details.request.body.institutionSearchString, "Copper");
    if (status === 501) assert.match(body.details.response.body.message, /previousConnectionId/);
  }
});

test("Within a millisecond the log is in the order in which things happened", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 8; n++)
    ids.push(String((await gateway.call("GET", "/institutions?limit=1")).headers["x-request-id"]));
  const found = (await search("actions=INBOUND_REQUEST")).map(({ attributes }) => String(attributes["requestId"]));
  assert.deepEqual(
    found.filter((id) => ids.includes(id)),
    ids.toReversed(),
  );
});

test("What the customer met in the widget is there, and filters and pages hold", async () => {
  const started = (await gateway.call("POST", "/bank-linking/connect/start", { externalCustomerId: "cy" })).body;
  const token = { authorization: `Bearer ${started.connectToken}` };
  const { body: banks } = await gateway.call("GET", "/institutions?limit=1");
  const choice = { institutionId: banks.institutions[0].id };
  assert.equal((await gateway.call("POST", "/bank-linking/connect/institution", choice, token)).status, 200);
  const steps = await search(`actions=WIDGET_EVENT&connectionIds=${started.id}`);
  assert.deepEqual(
    steps.map(({ attributes, entity }) => [attributes["step"], entity?.id]),
    [["begin", started.id]],
  );
  // A wrong password at the bank's page: the page tells it, and told twice it stands there once.
  for (let time = 0; time < 2; time++) {
    // What happens within one millisecond has no order.
    gateway.clock.at += 5;
    const told = { id: "one", name: "login refused", code: "BANK-2001" };
    assert.equal((await gateway.call("POST", "/bank-linking/connect/events", told, token)).status, 200);
  }
  const [refused, ...rest] = await search(`actions=WIDGET_EVENT&connectionIds=${started.id}`);
  assert.deepEqual([refused?.attributes["event"], refused?.attributes["code"]], ["login refused", "BANK-2001"]);
  assert.equal(rest.length, 1);
  const { body: still } = await gateway.call("GET", `/bank-linking/connections/${started.id}`);
  assert.equal(still.status, "IN_PROGRESS");

  const all = await search("");
  assert.ok(all.length >= 10);
  const times = all.map(({ occurredAt }) => Date.parse(occurredAt));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
    "newest first",
  );
  const first = await gateway.call("GET", `/activity-log?${EVER}&limit=4`);
  const next = await gateway.call("GET", `/activity-log?${EVER}&limit=4&after=${first.body.activities[3].key}`);
  const ids = [...first.body.activities, ...next.body.activities].map(({ id }: Listed) => id);
  assert.equal(new Set(ids).size, 8);
  assert.deepEqual(
    ids,
    all.slice(0, 8).map(({ id }) => id),
  );
  assert.ok(first.body.remaining >= all.length - 4 || first.body.remaining >= 96);

  const found = await search(`financialAccountIds=${accountId}`);
  assert.ok(found.length > 0 && found.every(({ attributes }) => attributes["financialAccountId"] === accountId));
  assert.deepEqual(await search("requestId=nobodys"), []);
  assert.deepEqual(await search("eventType=BANK_LINKING_ACCOUNTS_REMOVED"), []);
  const past = await gateway.call("GET", "/activity-log?start=2020-01-01T00:00:00Z&end=2020-02-01T00:00:00Z");
  assert.equal(past.body.count, 0);
});

test("Strangers are not taken down, and the log's own reading is not", async () => {
  const { headers } = await gateway.inject({ url: "/bank-linking/accounts", headers: { authorization: "Bearer no" } });
  assert.deepEqual(await search(`requestId=${String(headers["x-request-id"])}`), []);
  const own = await gateway.call("GET", `/activity-log?${EVER}`);
  assert.deepEqual(await search(`requestId=${String(own.headers["x-request-id"])}`), []);
});

const bad: [query: string, told: RegExp][] = [
  ["end=2026-01-01T00:00:00Z", /^\[start\]/],
  ["start=2026-01-02&end=2026-01-03", /^\[start\] must be a date and time with its zone/],
  ["start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z", /^\[start\] lies after end/],
  [`${EVER}&actions=SINGING`, /^\[actions.0\]/],
  [`${EVER}&customerId=cus_2222222222222222222222&externalCustomerId=x`, /^\[externalCustomerId\] excludes/],
  [`${EVER}&after=strange`, /^\[after\] is no key/],
];

test("Bad input is told by its name", async () => {
  for (const [query, told] of bad) {
    const { status, body } = await gateway.call("GET", `/activity-log?${query}`);
    assert.equal(status, 400, query);
    assert.match(body.message, told);
  }
  assert.equal((await gateway.call("GET", "/activity-log/act_2222222222222222222222")).status, 404);
  assert.equal((await gateway.call("GET", "/activity-log/strange")).status, 404);
  const { body } = await gateway.call("GET", "/activity-log/details?key=strange");
  assert.match(body.message, /^\[key\] is no activity's key/);
});

test("Nobody waits for it: where it can't be written, requests are answered, and what is lost is counted", async () => {
  const client = await gateway.database.pool.connect();
  try {
    await gateway.gateway.activity?.written();
    await client.query("begin");
    await client.query("lock table activity in access exclusive mode");
    for (let asked = 0; asked < 40; asked++) {
      assert.equal((await gateway.call("GET", `/bank-linking/connections/${linked.id}`)).status, 200);
    }
  } finally {
    await client.query("rollback");
    client.release();
  }
  await gateway.gateway.activity?.written();
  assert.equal(gateway.noted.dropped, 0, "what fits is kept until it can be written");
});

test("It holds so many lines and no more, and counts what it drops", async () => {
  const counted = { written: 0, dropped: 0 };
  let isAway = true;
  const db = {
    ...gateway.gateway.db,
    run: async (...asked: Parameters<typeof gateway.gateway.db.run>) => {
      if (isAway) throw new Error("away");
      return gateway.gateway.db.run(...asked);
    },
  };
  const recorder = openRecorder(
    () => ({ ...gateway.gateway, db }),
    (end, lines) => {
      counted[end] += lines;
    },
  );
  const noted = {
    at: gateway.clock.at,
    action: "INBOUND_REQUEST",
    actor: { type: "GATEWAY", id: null, name: null },
    summary: {},
    detail: () => null,
    weight: 10,
  } as const;
  for (let i = 0; i < 2_100; i++) recorder.add(noted);
  assert.equal(counted.dropped, 100);
  await recorder.written();
  assert.deepEqual(counted, { written: 0, dropped: 2_100 });
  recorder.add({ ...noted, weight: 9_000_000 });
  assert.equal(counted.dropped, 2_101, "one that weighs more than all may is dropped");
  isAway = false;
  recorder.add(noted);
  await recorder.written();
  assert.equal(counted.written, 1);
});

test("It goes with the connection, and with its time", async () => {
  const mine = async () =>
    Number(
      (
        await gateway.gateway.db.row<{ count: string }>(
          "select count(*) from activity where detail is not null and customer_id = $1",
          [linked.customerId],
        )
      )?.count,
    );
  await gateway.gateway.activity?.written();
  assert.ok((await mine()) > 0);
  assert.equal((await gateway.call("DELETE", `/bank-linking/connections/${linked.id}`)).status, 200);
  await gateway.gateway.activity?.written();
  const left = await gateway.gateway.db.rows<{ summary: { route?: string } }>(
    "select summary, detail from activity where connection_id = $1",
    [linked.id],
  );
  assert.deepEqual(
    left.map(({ summary }) => summary.route),
    ["/bank-linking/connections/:connectionId"],
    "that it was deleted stays",
  );
  assert.ok(left.every((row) => (row as { detail?: unknown }).detail === null));

  gateway.clock.at += 31 * 86_400_000;
  const task = { home: "0", subject: "retention", kind: "sweep" } as never;
  assert.equal(await getTask(gateway.gateway.db, "0", "retention", "sweep"), null);
  await sweep(gateway.gateway, task);
  assert.equal((await gateway.gateway.db.rows("select 1 from activity")).length, 0);
});
