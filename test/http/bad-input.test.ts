// What is wrong with a request is told by name, with the mend, and as one shape.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KEY, openGateway, type TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let connection: { id: string; customerId: string; key: string };
let account: { id: string; key: string };

before(async () => {
  gateway = await openGateway();
  connection = (await gateway.call("POST", "/sandbox/connections", { externalCustomerId: "rui" })).body;
  await gateway.worker.drain();
  [account] = (await gateway.call("GET", "/bank-linking/accounts?externalCustomerId=rui")).body.financialAccounts;
});
after(() => gateway.close());

const CONNECTIONS = "/bank-linking/connections";
/** Well-formed and of nobody. */
const NOBODY = "2222222222222222222222";

type Case = [
  method: "GET" | "POST" | "DELETE" | "PATCH",
  url: string | (() => string),
  body: unknown,
  status: number,
  message: RegExp,
];

const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
const TROUBLES: readonly [body: unknown, message: RegExp][] = [
  [{ state: LOGIN, accounts: ["x"] }, /^\[accounts.0\] is no id; send an account's/],
  [{ state: LOGIN, accounts: "all" }, /^\[accounts\] is of another type; send a JSON array or a (whole )?number\.$/],
  [{ state: LOGIN, accounts: 0 }, /^\[accounts\] is too small; send at least 1\.$/],
  [{ state: LOGIN, accounts: 99 }, /^\[accounts\] 99 are wanted; this connection has \d+\.$/],
  [{ state: "DEGRADED/INTERACTIVE_REFRESH", accounts: 1 }, /^\[accounts\] DEGRADED.* is a whole connection's; send it/],
  [
    { state: LOGIN, accounts: [`acc_${NOBODY}`] },
    /^\[accounts\] acc_2+ is no account of this .*; GET \/bank-linking\//,
  ],
  [{ accounts: 1 }, /^\[state\] is missing; send one of /],
  [{ state: "SAD" }, /^\[state\] is none of the known values/],
];

const CASES: Case[] = [
  // Ids: of another kind, of no kind, unknown.
  [
    "GET",
    () => `${CONNECTIONS}/${account.id}`,
    undefined,
    400,
    /^\[connectionId\] is an account's id \(acc_…\); send a connection's \(con_…\)/,
  ],
  ["GET", `${CONNECTIONS}/42`, undefined, 400, /^\[connectionId\] is no id/],
  ["GET", `${CONNECTIONS}/${"a".repeat(5000)}`, undefined, 400, /^\[connectionId\] is no id/],
  ["GET", `${CONNECTIONS}/%00`, undefined, 400, /^\[connectionId\] is no id/],
  ["GET", `${CONNECTIONS}/con_${NOBODY}`, undefined, 404, /There is no connection con_/],
  ["DELETE", `${CONNECTIONS}/con_${NOBODY}`, undefined, 404, /con_/],
  ["DELETE", `${CONNECTIONS}/x`, undefined, 400, /^\[connectionId\]/],
  ["GET", `${CONNECTIONS}/con_${NOBODY}/timeline`, undefined, 404, /con_/],
  ["GET", `${CONNECTIONS}/x/timeline`, undefined, 400, /^\[connectionId\]/],
  ["GET", `${CONNECTIONS}/con_${NOBODY}/refreshes`, undefined, 404, /con_/],
  ["GET", () => `${CONNECTIONS}/${connection.id}/refreshes/rfr_${NOBODY}`, undefined, 404, /There is no refresh rfr_/],
  [
    "GET",
    () => `${CONNECTIONS}/${connection.id}/refreshes/${connection.id}`,
    undefined,
    400,
    /^\[refreshId\] is a connection's id/,
  ],
  ["POST", `${CONNECTIONS}/con_${NOBODY}/refresh`, {}, 404, /con_/],
  ["POST", `${CONNECTIONS}/x/refresh`, {}, 400, /^\[connectionId\]/],
  ["GET", `/bank-linking/accounts/acc_${NOBODY}`, undefined, 404, /acc_/],
  [
    "GET",
    () => `/bank-linking/accounts/${connection.id}`,
    undefined,
    400,
    /^\[financialAccountId\] is a connection's id/,
  ],
  ["GET", `/bank-linking/transactions/txn_${NOBODY}`, undefined, 404, /txn_/],
  ["GET", "/bank-linking/transactions/x", undefined, 400, /^\[transactionId\] is no id/],
  ["GET", `/institutions/ins_${NOBODY}`, undefined, 404, /ins_/],
  ["GET", "/institutions/x", undefined, 400, /^\[institutionId\]/],
  ["GET", `/accounts/customers/cus_${NOBODY}`, undefined, 404, /cus_/],
  ["GET", () => `/accounts/customers/${connection.id}`, undefined, 400, /^\[customerId\] is a connection's id/],
  // Filters.
  ["GET", `${CONNECTIONS}?status=ACTIVE`, undefined, 400, /^\[status\] is no parameter .*it takes .*statuses/],
  ["GET", "/bank-linking/transactions?statuses=PENDING", undefined, 400, /^\[statuses\] is no parameter .*status,/],
  ["GET", () => `${CONNECTIONS}/${connection.id}?x=1`, undefined, 400, /^\[x\] is no parameter .*leave it out/],
  ["GET", () => `${CONNECTIONS}?customerId=${account.id}`, undefined, 400, /^\[customerId\] is an account's id/],
  ["GET", `${CONNECTIONS}?externalCustomerId=`, undefined, 400, /^\[externalCustomerId\]/],
  ["GET", `${CONNECTIONS}?externalCustomerId=a%00b`, undefined, 400, /^\[externalCustomerId\] has a NUL/],
  ["GET", `${CONNECTIONS}?externalCustomerId=a&externalCustomerId=b`, undefined, 400, /^\[externalCustomerId\]/],
  ["GET", `${CONNECTIONS}?institutionId=x`, undefined, 400, /^\[institutionId\] is no id/],
  [
    "GET",
    `${CONNECTIONS}?statuses=ACTIVE,BROKEN`,
    undefined,
    400,
    /^\[statuses.1\] is none of the known values; send one of IN_PROGRESS/,
  ],
  ["GET", `${CONNECTIONS}?statuses=`, undefined, 400, /^\[statuses/],
  ["GET", `${CONNECTIONS}?serviceProviders=NOBODY`, undefined, 400, /^\[serviceProviders.0\].*SANDBOX/],
  ["GET", `${CONNECTIONS}?startDate=2026-02-30`, undefined, 400, /^\[startDate\] must be a day of the calendar/],
  [
    "POST",
    "/sandbox/connections",
    { externalCustomerId: "x", products: [] },
    400,
    /^\[products\] is empty; leave it out/,
  ],
  ["GET", `${CONNECTIONS}?endDate=22.11.2026`, undefined, 400, /^\[endDate\]/],
  [
    "GET",
    `${CONNECTIONS}?startDate=2026-03-02&endDate=2026-03-01`,
    undefined,
    400,
    /^\[startDate\] lies after endDate/,
  ],
  [
    "GET",
    () => `/bank-linking/accounts?customerId=${connection.customerId}&externalCustomerId=rui`,
    undefined,
    400,
    /^\[externalCustomerId\] excludes customerId/,
  ],
  ["GET", "/bank-linking/accounts?connectionId=x", undefined, 400, /^\[connectionId\]/],
  ["GET", "/bank-linking/transactions?status=GONE", undefined, 400, /^\[status.0\].*PENDING/],
  [
    "GET",
    "/bank-linking/transactions?category=SOCKS",
    undefined,
    400,
    /^\[category\].*GROCERIES|^\[category\].*SHOPPING/,
  ],
  ["GET", "/bank-linking/transactions?startDate=2026-13-01", undefined, 400, /^\[startDate\]/],
  [
    "GET",
    "/activity-log?start=2026-01-01T00:00:00Z&end=2027-01-01T00:00:00Z&eventType=NOPE",
    undefined,
    400,
    /^\[eventType\] is no type of event; send one of BANK_LINKING_/,
  ],
  ["GET", "/institutions?regions=Germany", undefined, 400, /^\[regions.0\] must be an ISO 3166 code/],
  ["GET", "/institutions?products=GOLD", undefined, 400, /^\[products.0\]/],
  ["GET", "/accounts/customers?customerIds=x", undefined, 400, /^\[customerIds.0\]/],
  // Pages.
  ...["-1", "0", "101", "1.5", "ten", ""].map(
    (limit): Case => ["GET", `${CONNECTIONS}?limit=${limit}`, undefined, 400, /^\[limit\].*send 1 to 100/],
  ),
  ["GET", "/bank-linking/transactions?limit=1001", undefined, 400, /^\[limit\].*1000/],
  ["GET", "/institutions?limit=1001", undefined, 400, /^\[limit\].*1000/],
  ["GET", `${CONNECTIONS}?after=abc`, undefined, 400, /^\[after\] is no key of this list/],
  ["GET", () => `${CONNECTIONS}?before=${account.key}`, undefined, 400, /^\[before\] is no key of this list/],
  ["GET", () => `${CONNECTIONS}?after=${connection.key.slice(0, -2)}`, undefined, 400, /^\[after\]/],
  [
    "GET",
    () => `${CONNECTIONS}?after=${connection.key}&before=${connection.key}`,
    undefined,
    400,
    /^\[before\] and \[after\] exclude each other/,
  ],
  [
    "GET",
    "/institutions?limit=1&limit=2",
    undefined,
    400,
    /^\[limit\] is missing or named more than once; send it once/,
  ],
  ["GET", "/incidents?limit=0", undefined, 400, /^\[limit\].*send 1 to 100/],
  ["GET", "/incidents?after=x", undefined, 400, /^\[after\] is no key of this list/],
  ["GET", "/unmapped-codes?limit=many", undefined, 400, /^\[limit\].*send 1 to 100/],
  ["GET", () => `/unmapped-codes?before=${account.key}`, undefined, 400, /^\[before\] is no key of this list/],
  // Bodies.
  ...TROUBLES.map(
    ([body, message]): Case => ["POST", () => `/sandbox/connections/${connection.id}/trouble`, body, 400, message],
  ),
  ["POST", "/bank-linking/connect/start", undefined, 400, /^\[body\].*JSON object/],
  ["POST", "/bank-linking/connect/start", [], 400, /^\[body\].*JSON object/],
  ["POST", "/bank-linking/connect/start", {}, 400, /^\[externalCustomerId\] is missing/],
  ["POST", "/bank-linking/connect/start", { externalCustomerId: "" }, 400, /^\[externalCustomerId\] is too short/],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "  " },
    400,
    /^\[externalCustomerId\] must not be blank/,
  ],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: 7 },
    400,
    /^\[externalCustomerId\] is of another type; send a text\.$/,
  ],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "x".repeat(256) },
    400,
    /^\[externalCustomerId\] is too long; send at most 255/,
  ],
  ["POST", "/bank-linking/connect/start", { externalCustomerId: "a\u0000b" }, 400, /^\[externalCustomerId\] has a NUL/],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a\ud800b" },
    400,
    /^\[externalCustomerId\].*surrogate/,
  ],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a", products: ["GOLD"] },
    400,
    /^\[products.0\].*BALANCES/,
  ],
  ["POST", "/bank-linking/connect/start", { externalCustomerId: "a", products: "BALANCES" }, 400, /^\[products\]/],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a", products: [] },
    400,
    /^\[products\] and \[optionalProducts\] are both empty/,
  ],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a", products: ["OWNERS"], optionalProducts: ["OWNERS"] },
    400,
    /^\[optionalProducts\] OWNERS is in products too/,
  ],
  ["POST", "/bank-linking/connect/start", { externalCustomerId: "a", regions: ["USA"] }, 400, /^\[regions.0\]/],
  ["POST", "/bank-linking/connect/start", { externalCustomerId: "a", regions: ["XX-1"] }, 400, /^\[regions.0\].*3166/],
  ["POST", "/bank-linking/connect/start", {}, 400, /^\[externalCustomerId\] is missing; send a text\.$/],
  ["POST", "/bank-linking/connect/start", undefined, 400, /^\[body\] is missing; send a JSON object\.$/],
  [
    "POST",
    () => `/bank-linking/accounts/${account.id}/processors/create-token`,
    {},
    400,
    /^\[processor\] is missing; send one of /,
  ],
  [
    "POST",
    "/api-keys",
    { label: "a\tb\n", scope: "read" },
    400,
    /^\[label\] has a tab, .*; send one line of plain text\.$/,
  ],
  ["POST", "/api-keys", { label: "a\u202eb", scope: "read" }, 400, /^\[label\] has a tab/],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a", redirectUrl: "javascript:alert(1)" },
    400,
    /^\[redirectUrl\] must be an https address/,
  ],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a", allowRedirect: "yes" },
    400,
    /^\[allowRedirect\] is of another type; send true or false\.$/,
  ],
  [
    "POST",
    "/bank-linking/connect/start",
    { externalCustomerId: "a", institutionId: `ins_${NOBODY}` },
    404,
    /^\[institutionId\]/,
  ],
  ["POST", "/bank-linking/connect/repair", {}, 400, /^\[connectionId\] is missing/],
  ["POST", "/bank-linking/connect/repair", { connectionId: `con_${NOBODY}` }, 404, /^\[connectionId\]/],
  ["POST", "/bank-linking/connect/repair", () => ({ connectionId: connection.id }), 409, /ACTIVE can't be reconnected/],
  [
    "POST",
    () => `${CONNECTIONS}/${connection.id}/refresh`,
    { products: ["INVESTMENT_HOLDINGS"] },
    400,
    /^\[products\]/,
  ],
  ["POST", () => `${CONNECTIONS}/${connection.id}/refresh`, { products: [1] }, 400, /^\[products.0\]/],
  ["POST", "/accounts/customers", { externalId: 5 }, 400, /^\[externalId\]/],
  ["POST", "/sandbox/connections", {}, 400, /^\[externalCustomerId\]/],
  [
    "POST",
    "/sandbox/connections",
    { externalCustomerId: "a", institutionId: "bank" },
    400,
    /^\[institutionId\] is no id/,
  ],
  ["POST", () => `/sandbox/connections/${connection.id}/trouble`, { state: "BROKEN" }, 400, /^\[state\].*DEGRADED/],
  [
    "POST",
    () => `/sandbox/connections/${connection.id}/trouble`,
    { state: "DELETED" },
    400,
    /DELETE \/bank-linking\/connections/,
  ],
  [
    "POST",
    () => `/sandbox/connections/${connection.id}/trouble`,
    { state: "RECONNECT_REQUIRED/OTHER", accounts: "all" },
    400,
    /^\[accounts\]/,
  ],
  ["DELETE", `/sandbox/connections/con_${NOBODY}/trouble`, undefined, 404, /con_/],
  ["POST", "/sandbox/clock", { advance: "4 hours" }, 400, /^\[advance\] must be an ISO 8601 duration/],
  ["POST", "/sandbox/clock", { advance: "P1Y" }, 400, /^\[advance\]/],
  ["POST", "/sandbox/clock", { advance: "P9999D" }, 400, /^\[advance\] is too long; send at most P400D/],
  // Paths and methods.
  ["GET", "/nothing/here", undefined, 404, /openapi\.json/],
  ["PATCH", CONNECTIONS, {}, 405, /does not answer PATCH; use GET/],
  ["GET", "/bank-linking/connect/start", undefined, 405, /use POST/],
  ["GET", "/%E0%A4%A", undefined, 400, /^\[path\]/],
];

for (const [method, url, body, status, message] of CASES) {
  const label = typeof url === "string" ? url : String(url).replace("() => ", "");
  test(`${method} ${label} ${JSON.stringify(body) ?? ""} → ${status} ${message.source}`.slice(0, 150), async () => {
    const payload = typeof body === "function" ? body() : body;
    const answer = await gateway.call(method, typeof url === "string" ? url : url(), payload);
    assert.match(answer.body.message, message);
    assert.equal(answer.status, status, answer.body.message);
    assert.equal(answer.body.requestId, answer.headers["x-request-id"]);
  });
}

const raw = (headers: Record<string, string>, payload: string | Buffer) =>
  gateway.inject({
    method: "POST",
    url: "/bank-linking/connect/start",
    headers: { authorization: `Bearer ${KEY}`, ...headers },
    payload,
  });

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

test("A body that is no JSON, no UTF-8, no JSON type or too large", async () => {
  const json = { "content-type": "application/json" };
  const told: [Record<string, string>, string | Buffer, number, string, RegExp][] = [
    [json, "{not json", 400, "BAD_REQUEST", /^\[body\] is not valid JSON/],
    [json, Buffer.from([0x22, 0xff, 0x22]), 400, "BAD_REQUEST", /^\[body\] is not UTF-8 text/],
    [{ "content-type": "text/plain" }, "hello", 415, "UNSUPPORTED_MEDIA_TYPE", /application\/json/],
    [
      { "content-type": "application/x-www-form-urlencoded" },
      "a=b",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      /application\/json/,
    ],
    [
      { ...json, "idempotency-key": "nested" },
      `{"externalCustomerId":"a","accountPreferenceOverride":{"a":${nested(150_000)}}}`,
      400,
      "BAD_REQUEST",
      /64 levels/,
    ],
    [json, nested(300_000), 400, "BAD_REQUEST", /^\[body\] is nested deeper than 64 levels/],
    [json, `"${"x".repeat(1024 * 1024)}"`, 413, "PAYLOAD_TOO_LARGE", /1 MiB/],
  ];
  for (const [headers, payload, status, code, message] of told) {
    const answer = await raw(headers, payload);
    assert.deepEqual([answer.statusCode, answer.json().code], [status, code]);
    assert.match(answer.json().message, message);
  }
});

test("Unknown fields, nulls for unset ones and a prototype's name are accepted", async () => {
  const text = '{"externalCustomerId":"sam","products":null,"institutionId":null,"__proto__":{"x":1},"new":[1]}';
  const answer = await raw({ "content-type": "application/json; charset=utf-8" }, text);
  assert.equal(answer.statusCode, 200);
});

test("A body as deep as may be, with brackets in its texts, is taken, and with its key kept", async () => {
  const override = `{"\\"[":${nested(62)},"x":"${"[{".repeat(80)}"}`;
  const text = `{"externalCustomerId":"tom","accountPreferenceOverride":${override}}`;
  const answer = await raw({ "content-type": "application/json", "idempotency-key": "deep" }, text);
  assert.equal(answer.statusCode, 200, answer.body);
});

test("The last day that there is is a day", async () => {
  const { status, body } = await gateway.call("GET", `${CONNECTIONS}?endDate=9999-12-31`);
  assert.equal(status, 200, body.message);
  assert.ok(body.count >= 1);
});
