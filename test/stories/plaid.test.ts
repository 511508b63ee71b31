/**
 * A bank behind Plaid, from its link to its end, through the public API alone. The official client asks, a played Plaid
 * answers, and Plaid's own document judges both. The clock is real beside Plaid, so reads are asked for.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, mock, test } from "node:test";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import {
  amend,
  createWorld,
  failNext,
  finishLink,
  plaidErrorOf,
  post,
  spend,
  standing,
  withdraw,
  type Item,
  type World,
} from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { specJudge, WHY_NO_JUDGE } from "../providers/plaid/spec-judge.ts";
import { startGateway, type Json, type TestGateway } from "./gateway.ts";
import { tracesOf } from "./traces.ts";
import {
  accountsOf,
  connectionPath,
  deleted,
  eventually,
  refreshed,
  startLink,
  startRepair,
  timelineOf,
  toldOf,
  transactionsOf,
  type Transaction,
} from "./walk.ts";

const PAGE = 7;
const world: World = createWorld({ pageSize: PAGE });
let plaid: PlayedPlaid;
let gateway: TestGateway;

/** All that was written to the log and all that was answered, for the last test. */
let logged = "";
let answers = "";

before(async () => {
  const write = fs.writeSync.bind(fs) as (fd: number, ...rest: unknown[]) => number;
  mock.method(fs, "writeSync", (fd: number, text: unknown, ...rest: unknown[]) => {
    if (fd !== 2) return write(fd, text, ...rest);
    logged += String(text);
    return Buffer.byteLength(String(text));
  });
  plaid = await playPlaid(world);
  const { clientId, secret } = world;
  gateway = await startGateway({
    PLAID_CLIENT_ID: clientId,
    PLAID_SECRET: secret,
    PLAID_BASE_URL: plaid.url,
    BOWLINE_LOG_LEVEL: "trace",
  });
  const { ask } = gateway;
  const listening: TestGateway["ask"] = async (...request) => {
    const answered = await ask(...request);
    answers += JSON.stringify([answered.body, [...answered.headers]]);
    return answered;
  };
  gateway = {
    ...gateway,
    ask: listening,
    good: async (method, path, body) => {
      const { status, body: told } = await listening(method, path, body);
      assert.ok(status < 300, `${method} ${path} answered ${status}: ${JSON.stringify(told)}`);
      return told;
    },
  };
});
after(async () => {
  await gateway.stop();
  await plaid.close();
  mock.restoreAll();
});

const MUTATION = plaidErrorOf("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", "TRANSACTIONS_ERROR");

let customers = 0;

/** What Plaid's Link hands to the page after the customer has chosen a bank and logged in. */
async function publicToken(): Promise<string> {
  const response = await fetch(`${plaid.url}/sandbox/public_token/create`, {
    method: "POST",
    headers: { "plaid-client-id": world.clientId, "plaid-secret": world.secret },
    body: JSON.stringify({ institution_id: "ins_900001", initial_products: ["transactions"] }),
  });
  return ((await response.json()) as { public_token: string }).public_token;
}

async function link(): Promise<{ id: string; item: Item }> {
  const sitting = await startLink(gateway, `customer ${++customers}`, { products: ["BALANCES", "TRANSACTIONS"] });
  const { linkToken } = await sitting.choose();
  assert.ok(world.linkTokens.has(linkToken ?? ""), "the page needs Plaid's own token, and gets it");
  const { status, body } = await sitting.complete({ publicToken: await publicToken() });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body["connectionId"], body["institutionName"]], [sitting.connectionId, "First Heron Bank"]);
  const item = world.items.at(-1);
  assert.ok(item);
  await read(sitting.connectionId);
  return { id: sitting.connectionId, item };
}

const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const read = (id: string) =>
  eventually(async () => ((await get(id))["lastSuccessAt"] === null ? null : true), `a first good read of ${id}`);

/** A transaction as both sides know it. */
const words = (t: Transaction) =>
  [t.description, Number(t.amount), t.status, t.transactionDate, t.postedDate].join(" · ");
const truthOf = (item: Item): string[] =>
  standing(item)
    .map(({ name, amount, pending, date, authorized_date }) =>
      [name, amount, pending ? "PENDING" : "POSTED", authorized_date ?? date, pending ? null : date].join(" · "),
    )
    .sort();
const listOf = async (id: string): Promise<string[]> => (await transactionsOf(gateway, id)).map(words).sort();

const callsTo = (path: string, item: Item): number =>
  plaid.exchanges.filter((one) => one.path === path && one.body["access_token"] === item.accessToken).length;

test("a link brings the accounts, the balances and a month of transactions, page by page", async () => {
  const { id, item } = await link();
  const accounts = await accountsOf(gateway, id);
  assert.deepEqual(accounts.map(({ name, balances }) => `${name}: ${Number(balances?.currentAmount)}`).sort(), [
    "Blue Card: 412.07",
    "Everyday Checking: 110.1",
    "Rainy Days: 2104.55",
  ]);
  assert.deepEqual(await listOf(id), truthOf(item));
  assert.ok(callsTo("/transactions/sync", item) > standing(item).length / PAGE, "it took pages");
  const twins = (await transactionsOf(gateway, id)).filter(({ description }) => description === "City Metro");
  assert.equal(new Set(twins.map((one) => one.id)).size, 2, "two honest equal purchases stay two");

  const cursor = plaid.exchanges.length;
  await refreshed(gateway, id);
  const again = plaid.exchanges.slice(cursor).filter(({ path }) => path === "/transactions/sync");
  assert.equal(again.length, 1, "the second read goes on at the cursor");
  assert.ok(again[0]?.body["cursor"]);
  assert.deepEqual(await toldOf(gateway, id), ["COMPLETED", "ACTIVE"]);
  await deleted(gateway, id);
});

test("pending posts under our id, removed goes, amended changes, and nothing else moves", async () => {
  const { id, item } = await link();
  const before = new Map((await transactionsOf(gateway, id)).map((one) => [one.id, one]));
  const find = (name: string) => {
    const found = standing(item).find((one) => one.name === name);
    assert.ok(found);
    return found;
  };
  const pending = [...before.values()].find(({ status }) => status === "PENDING");
  assert.ok(pending);
  post(world, item, find("Green Grocer"), 25.4);
  amend(item, find("Harbour Rent"), { amount: 1250 });
  withdraw(item, find("Saltmarsh Wages"));
  const tea = spend(world, item, {
    account_id: item.accounts[0]?.account_id ?? "",
    amount: 3.5,
    name: "Tea",
    at: Date.now(),
  });
  await refreshed(gateway, id);

  const now = await transactionsOf(gateway, id);
  const posted = now.find((one) => one.id === pending.id);
  assert.deepEqual([posted?.status, Number(posted?.amount), posted?.description], ["POSTED", 25.4, "Green Grocer"]);
  assert.deepEqual(await listOf(id), truthOf(item));
  assert.deepEqual(
    now.filter((one) => !before.has(one.id)).map(({ description }) => description),
    [tea.name],
  );
  const gone = [...before.keys()].filter((one) => !now.some((still) => still.id === one));
  assert.deepEqual(
    gone.map((one) => before.get(one)?.description),
    ["Saltmarsh Wages"],
  );
  await deleted(gateway, id);
});

test("what came and went while pages changed under the reader does not stay", async () => {
  const { id, item } = await link();
  const account_id = item.accounts[0]?.account_id ?? "";
  const before = await listOf(id);
  for (const page of [1, 2, 3]) {
    const buy = (name: string) => spend(world, item, { account_id, amount: 9.99, name, at: Date.now() });
    const hold = buy("Hold");
    const pending = buy("Fuel");
    pending.pending = true;
    for (let i = 0; i < 3 * PAGE; i++) buy(`Stamp ${page} ${i}`);
    failNext(world, "/transactions/sync", MUTATION, 400, 1, page);
    const failure = world.failures.at(-1);
    assert.ok(failure);
    failure.with = () => {
      // Of what came and went since the cursor the log says nothing any more.
      item.log = item.log.filter((one) => !("added" in one && [hold, pending].includes(one.added)));
      const { transaction_id: pending_transaction_id } = pending;
      spend(world, item, { account_id, amount: 9.5, name: "Fuel", at: Date.now(), pending_transaction_id });
    };
    await refreshed(gateway, id);
    assert.equal(failure.times, 0, "it was met");
    assert.deepEqual(await listOf(id), truthOf(item), `after page ${page}`);
  }
  assert.equal((await listOf(id)).length, before.length + 3 * (3 * PAGE + 1));
  await deleted(gateway, id);
});

/** Errors as they stand on an Item, with what they mean for the customer. */
const STANDING: readonly [code: string, type: string, reason: string | null, state: string][] = [
  ["ITEM_LOGIN_REQUIRED", "ITEM_ERROR", null, "RECONNECT_REQUIRED/LOGIN_REQUIRED"],
  ["ITEM_LOGIN_REQUIRED", "ITEM_ERROR", "OAUTH_CONSENT_EXPIRED", "RECONNECT_REQUIRED/TOKEN_EXPIRED"],
  ["ITEM_LOGIN_REQUIRED", "ITEM_ERROR", "OAUTH_INVALID_TOKEN", "RECONNECT_REQUIRED/TOKEN_EXPIRED"],
  ["ITEM_LOGIN_REQUIRED", "ITEM_ERROR", "OAUTH_USER_REVOKED", "RECONNECT_REQUIRED/OTHER"],
  ["INSTITUTION_DOWN", "INSTITUTION_ERROR", null, "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE"],
  ["A_CODE_OF_NEXT_YEAR", "ITEM_ERROR", null, "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE"],
];

test("every error that stands on the Item moves the connection, beside its code, and leaves again", async () => {
  const { id, item } = await link();
  const states: string[] = [];
  for (const [code, type, reason, state] of STANDING) {
    item.error = plaidErrorOf(code, type, reason);
    const { outcome } = await refreshed(gateway, id);
    assert.equal(outcome, "FAILED", code);
    const { cause } = await get(id);
    assert.deepEqual([await gateway.stateOf(id), (cause as Json)["code"]], [state, code]);
    item.error = null;
    assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
    states.push(state, "ACTIVE");
  }
  // Recovery without the customer announces the change of status and no completion.
  assert.deepEqual(await toldOf(gateway, id), ["COMPLETED", "ACTIVE", ...states]);
  const { rows } = await gateway.sql.query("select provider, code from unmapped_code");
  assert.deepEqual(rows, [{ provider: "PLAID", code: "A_CODE_OF_NEXT_YEAR" }], "the operator is told what no map has");
  await deleted(gateway, id);
});

test("refused keys are one incident of the operator's and nobody's reconnection", async () => {
  const [first, second] = [await link(), await link()];
  const { secret } = world;
  world.secret = "rotated";
  for (const { id } of [first, second]) {
    assert.equal((await refreshed(gateway, id)).outcome, "FAILED");
    assert.equal(await gateway.stateOf(id), "ACTIVE");
  }
  const open = "select kind, subject, closed_at is null as open, count::int from incident";
  assert.deepEqual((await gateway.sql.query(open)).rows, [
    { kind: "provider-refuses-us", subject: "PLAID", open: true, count: 2 },
  ]);
  world.secret = secret;
  assert.equal((await refreshed(gateway, first.id)).outcome, "SUCCEEDED");
  const closed = async () => ((await gateway.sql.query<{ open: boolean }>(open)).rows[0]?.open ? null : true);
  await eventually(closed, "an end of the incident");
  for (const { id } of [first, second]) assert.deepEqual(await toldOf(gateway, id), ["COMPLETED", "ACTIVE"]);
  await deleted(gateway, first.id, second.id);
});

test("a limit is no trouble: the state stays, and who comes too early is told when to come", async () => {
  const { id } = await link();
  const limit = plaidErrorOf("ACCOUNTS_LIMIT", "RATE_LIMIT_EXCEEDED");
  failNext(world, "/accounts/get", limit, 429);
  const { outcome, notBefore } = await refreshed(gateway, id);
  assert.equal(outcome, "NOT_BEFORE");
  const { status, statusReason, nextRefreshAllowedAt } = await get(id);
  assert.deepEqual([status, statusReason, nextRefreshAllowedAt], ["ACTIVE", null, notBefore]);
  const early = await gateway.ask("POST", `${connectionPath(id)}/refresh`, {});
  assert.deepEqual([early.status, early.body["code"]], [429, "TOO_EARLY"]);
  const seconds = Number(early.headers.get("retry-after"));
  assert.ok(seconds > 0 && seconds <= 60, `Retry-After ${seconds}`);
  await deleted(gateway, id);

  // Where Plaid says when, that is when.
  const other = await link();
  failNext(world, "/accounts/get", limit, 429);
  const told = world.failures.at(-1);
  assert.ok(told);
  told.headers = { "retry-after": "1" };
  assert.equal((await refreshed(gateway, other.id)).outcome, "NOT_BEFORE");
  const allowed = async () =>
    (await gateway.ask("POST", `${connectionPath(other.id)}/refresh`, {})).status === 202 ? true : null;
  await eventually(allowed, "a refresh that is allowed again");
  assert.deepEqual(await toldOf(gateway, other.id), ["COMPLETED", "ACTIVE"]);
  await deleted(gateway, other.id);
});

test("a repair heals in place: the same connection, accounts, transactions and Item", async () => {
  const { id, item } = await link();
  const ids = async () =>
    [...(await accountsOf(gateway, id)), ...(await transactionsOf(gateway, id))].map((one) => one.id).sort();
  const before = await ids();
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  await refreshed(gateway, id);
  const reference = (await get(id))["serviceProviderDetails"];

  // Cancelled: the customer closes Link, and the page has nothing to hand on.
  const closed = await startRepair(gateway, id);
  await closed.choose();
  assert.equal(await gateway.stateOf(id), "RECONNECT_REQUIRED/LOGIN_REQUIRED");

  const sitting = await startRepair(gateway, id);
  const { linkToken = "" } = await sitting.choose();
  assert.equal(world.linkTokens.get(linkToken)?.repairs, item, "Link opens in update mode");
  const items = world.items.length;
  finishLink(world, linkToken);
  const { status, body } = await sitting.complete({});
  assert.deepEqual([status, body["connectionId"]], [200, id]);
  await gateway.until(id, "ACTIVE");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.deepEqual([await ids(), world.items.length], [before, items]);
  assert.deepEqual((await get(id))["serviceProviderDetails"], reference);
  const told = await toldOf(gateway, id);
  assert.deepEqual(told, ["COMPLETED", "ACTIVE", "RECONNECT_REQUIRED/LOGIN_REQUIRED", "COMPLETED", "ACTIVE"]);
  assert.equal((await sitting.complete({})).status, 200, "repeated, it answers what it answered");
  assert.equal((await toldOf(gateway, id)).length, told.length);
  await deleted(gateway, id);
});

test("errors inside Link change no connection and stand in its timeline", async () => {
  const { id, item } = await link();
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  await refreshed(gateway, id);
  const told = await toldOf(gateway, id);
  const sitting = await startRepair(gateway, id);
  failNext(world, "/link/token/create", plaidErrorOf("INVALID_FIELD", "INVALID_REQUEST"));
  const authorization = `Bearer ${sitting.token}`;
  const refused = await gateway.ask("POST", "/bank-linking/connect/institution", {}, { authorization });
  assert.ok(refused.status >= 400, JSON.stringify(refused.body));
  assert.deepEqual(await toldOf(gateway, id), told);
  const session = (await timelineOf(gateway, id)).find(({ kind }) => kind === "session");
  assert.equal((session?.detail["raw"] as Json | undefined)?.["code"], "INVALID_FIELD");

  // A public token that was exchanged already, in a first link: refused, and told to whoever waits.
  const late = await startLink(gateway, "late");
  await late.choose();
  const answer = await late.complete({ publicToken: [...world.publicTokens.keys()][0] ?? "" });
  assert.deepEqual([answer.status, answer.body["code"]], [422, "PROVIDER_REFUSED"]);
  assert.equal(await gateway.stateOf(late.connectionId), "IN_PROGRESS");
  assert.equal(((await late.session()).body["failure"] as Json)["code"], "INVALID_PUBLIC_TOKEN");
  await deleted(gateway, id, late.connectionId);
});

test("a forced refresh asks the bank, which is billed, only where it names a product", async () => {
  const { id, item } = await link();
  const plain = await refreshed(gateway, id);
  assert.deepEqual([plain.outcome, plain.servedFromCache], ["SUCCEEDED", true]);
  assert.equal(callsTo("/transactions/refresh", item), 0);
  const named = await refreshed(gateway, id, { products: ["TRANSACTIONS"] });
  assert.equal(named.outcome, "SUCCEEDED");
  assert.deepEqual([...new Set(named.parts.map(({ product }) => product))], ["TRANSACTIONS"]);
  assert.equal(callsTo("/transactions/refresh", item), 1);
  const strange = await gateway.ask("POST", `${connectionPath(id)}/refresh`, { products: ["OWNERS"] });
  assert.equal(strange.status, 400);
  assert.equal(callsTo("/transactions/refresh", item), 1);
  await deleted(gateway, id);
});

test("a delete ends the access at Plaid, however long Plaid is away, and then destroys the credential", async () => {
  const { id, item } = await link();
  failNext(world, "/item/remove", plaidErrorOf("INTERNAL_SERVER_ERROR", "API_ERROR"), 500);
  const [left] = await deleted(gateway, id);
  assert.equal(left?.["status"], "DELETED");
  const held = async () => {
    const sql = "select credential is null as destroyed from provider_connection where ref = $1";
    return (await gateway.sql.query<{ destroyed: boolean }>(sql, [item.itemId])).rows;
  };
  const due = async () => {
    const sql = "select attempt from task where kind = 'revoke' and attempt > 0 and lease_until < now()";
    return (await gateway.sql.query(sql)).rows[0] ?? null;
  };
  await eventually(due, "a first try that failed");
  assert.deepEqual([item.removed, await held()], [false, [{ destroyed: false }]]);
  // The wait between two tries is a minute of the real clock.
  await gateway.sql.query("update task set run_at = now() where kind = 'revoke'");
  await eventually(async () => ((await held())[0]?.destroyed ? true : null), "an end of the credential");
  assert.equal(item.removed, true);
  const accounts = await gateway.ask("GET", `/bank-linking/accounts?connectionId=${id}`);
  assert.equal(accounts.status, 410);
  assert.deepEqual(await toldOf(gateway, id), ["COMPLETED", "ACTIVE", "DELETED", "DELETED"]);
});

test("no access token is in an answer, in a log line or, in clear, in any table", async () => {
  const { id, item } = await link();
  await refreshed(gateway, id);
  assert.ok(logged.includes("refuses the gateway's own keys"), "the log was listened to");
  assert.ok(answers.includes(item.itemId), "the answers were listened to");
  // What is not secret is found, in the played Plaid's cursors even under base64: the search can see.
  const columns = ["cursor", "cursor_base", "ref"].map((column) => `provider_connection.${column}`);
  // What was answered stands in the activity log, too, as soon as that is written.
  const found = (await tracesOf(gateway.sql, item.itemId)).filter((column) => column !== "activity.detail");
  assert.deepEqual(found, [...columns, "signpost.ref"]);
  assert.ok(world.items.length > 5);
  for (const { accessToken } of world.items) {
    assert.ok(!logged.includes(accessToken));
    assert.ok(!answers.includes(accessToken));
    assert.deepEqual(await tracesOf(gateway.sql, accessToken), []);
  }
  assert.ok(!logged.includes(world.secret) && !answers.includes(world.secret));
  await deleted(gateway, id);
});

test("everything that passed between the gateway and Plaid is as Plaid's own document has it", {
  skip: specJudge() ? false : WHY_NO_JUDGE,
}, () => {
  assert.ok(plaid.exchanges.length > 50);
  assert.deepEqual(faultsOf(plaid), []);
});
