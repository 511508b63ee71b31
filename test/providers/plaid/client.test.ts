/** What may go wrong on the wire, and what must never come out of it. */
import assert from "node:assert/strict";
import test from "node:test";
import { exactly, money } from "../../../src/providers/plaid/exact.ts";
import { plaid } from "../../../src/providers/plaid/plaid.ts";
import type { Call } from "../../../src/providers/provider.ts";
import { failNext, plaidErrorOf } from "./fixture/world.ts";
import { facts, play, START, trouble } from "./played.ts";

const OUTAGE = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";

const unreadable: Record<string, { status: number; body: string; code: string }> = {
  "an outage page": { status: 503, body: "<html>down</html>", code: "HTTP_503" },
  "an outage in JSON of nobody": { status: 500, body: '{"oops":true}', code: "HTTP_500" },
  "a page instead of an answer": { status: 200, body: "<html>hello</html>", code: "UNREADABLE_ANSWER" },
  "half an answer": { status: 200, body: '{"accounts": [', code: "UNREADABLE_ANSWER" },
  nothing: { status: 200, body: "", code: "UNREADABLE_ANSWER" },
  "another shape": { status: 200, body: '{"accounts": {}, "item": null}', code: "UNREADABLE_ANSWER" },
  "a refusal without a code": { status: 403, body: '{"error_type":"X"}', code: "UNREADABLE_ANSWER" },
  "a redirect": { status: 302, body: "", code: "UNREADABLE_ANSWER" },
};

for (const [name, { status, body, code }] of Object.entries(unreadable)) {
  test(`${name} is the provider's trouble`, async () => {
    await using played = await play();
    const { held } = await played.link();
    played.world.failures.push({ path: "/accounts/get", status, body, times: 1 });
    const met = trouble(await played.provider.readAccounts.run(played.call, held));
    assert.deepEqual([met.scope, met.state, met.raw.code], ["provider", OUTAGE, code]);
    assert.equal(met.raw.httpStatus, status);
  });
}

test("an empty object is no word of Plaid's: a removal that it did not confirm is none", async () => {
  await using played = await play();
  const { held } = await played.link();
  played.world.failures.push({ path: "/item/remove", status: 200, body: "{}", times: 1 });
  const met = trouble(await played.provider.remove!.run(played.call, held));
  assert.deepEqual([met.state, met.raw.code, met.gone], [OUTAGE, "UNREADABLE_ANSWER", undefined]);
});

test("a limit says when to come back: as told, or after its minute", async () => {
  await using played = await play();
  const { held } = await played.link();
  const call: Call = { ...played.call, wall: () => 1_000_000 };
  failNext(played.world, "/accounts/get", plaidErrorOf("ACCOUNTS_LIMIT", "RATE_LIMIT_EXCEEDED"), 429);
  const minute = trouble(await played.provider.readAccounts.run(call, held));
  assert.deepEqual([minute.scope, minute.notBefore], ["quota", 1_060_000]);
  const told = { path: "/accounts/get", status: 429, body: "slow down", headers: { "retry-after": "120" }, times: 1 };
  played.world.failures.push(told);
  const later = trouble(await played.provider.readAccounts.run(call, held));
  assert.deepEqual([later.scope, later.raw.code, later.notBefore], ["quota", "HTTP_429", 1_120_000]);
});

test("wrong keys are the operator's alarm, and no connection's fault", async () => {
  await using played = await play();
  const { held } = await played.link();
  const baseUrl = played.plaid.url;
  const wrong = plaid({ clientId: "fixture-client", secret: "wrong", environment: "sandbox", baseUrl });
  for (const answer of [
    await wrong.readAccounts.run(played.call, held),
    await wrong.startLink.run(played.call, START),
    await wrong.startRepair!.run(played.call, { ...held, ...START }),
  ]) {
    const met = trouble(answer);
    assert.deepEqual([met.scope, met.state, met.raw.code], ["application", null, "INVALID_API_KEYS"]);
  }
});

test("what the transport throws goes through untouched, and holds no key", async () => {
  await using played = await play();
  const { held } = await played.link();
  const broken = new TypeError("fetch failed");
  const call: Call = { ...played.call, fetch: () => Promise.reject(broken) };
  await assert.rejects(played.provider.readAccounts.run(call, held), (thrown: unknown) => {
    assert.equal(thrown, broken);
    const all = JSON.stringify(thrown, Object.getOwnPropertyNames(thrown));
    for (const secret of [played.world.secret, held.credential]) assert.equal(all.includes(secret), false);
    return true;
  });
});

test("one verb is one request, over call.fetch alone, with the keys in its headers and not in its body", async () => {
  await using played = await play();
  const { held } = await played.link();
  const sent: { url: string; init: RequestInit }[] = [];
  const fetching: Call["fetch"] = (url, init = {}) => {
    sent.push({ url, init });
    return played.call.fetch(url, init);
  };
  facts(await played.provider.readAccounts.run({ ...played.call, fetch: fetching }, held));
  assert.deepEqual(
    sent.map(({ url }) => url),
    [`${played.plaid.url}/accounts/get`],
  );
  const headers = new Headers(sent[0]?.init.headers);
  assert.equal(headers.get("plaid-client-id"), played.world.clientId);
  assert.equal(headers.get("plaid-secret"), played.world.secret);
  assert.equal(headers.get("plaid-version"), "2020-09-14");
  assert.equal(sent[0]?.init.body, JSON.stringify({ access_token: held.credential }));
});

test("an error that quotes a token is kept without it", async () => {
  await using played = await play();
  const { held } = await played.link();
  const error = { ...plaidErrorOf("INVALID_FIELD", "INVALID_REQUEST"), error_message: `bad: ${held.credential}!` };
  failNext(played.world, "/accounts/get", error);
  const met = trouble(await played.provider.readAccounts.run(played.call, held));
  assert.equal(met.raw.message, "bad: access-…!");
});

test("an amount comes as it was written, however many digits it has", async () => {
  await using played = await play();
  const { held } = await played.link();
  const told = facts(await played.provider.readAccounts.run(played.call, held));
  assert.equal(told.accounts.length, 3);
  const account = `{"account_id":"a","name":"n","mask":null,"type":"loan","subtype":null,"balances":
    {"available":-0.00,"current":12345678901234567890.10,"iso_currency_code":"EUR"}}`;
  const item = '{"item_id":"i","error":null,"consent_expiration_time":null,"update_type":"background"}';
  const body = `{"accounts":[${account}],"item":${item},"request_id":"r"}`;
  played.world.failures.push({ path: "/accounts/get", status: 200, body, times: 1 });
  const [one] = facts(await played.provider.readAccounts.run(played.call, held)).accounts;
  assert.deepEqual(one, {
    ref: "a",
    name: "n",
    type: "LOAN",
    subtype: "OTHER",
    mask: null,
    active: true,
    balances: { currency: "EUR", current: "12345678901234567890.10", available: "0.00", asOf: null },
  });
});

test("a type that no table has is OTHER, also one that every object has a member for", async () => {
  await using played = await play();
  const { held } = await played.link();
  const account = { account_id: "a", name: "n", mask: null, subtype: null, balances: { iso_currency_code: "USD" } };
  const accounts = ["constructor", "payroll", "credit"].map((type) => ({ ...account, account_id: type, type }));
  const item = { item_id: "i", error: null, consent_expiration_time: null, update_type: "background" };
  const body = JSON.stringify({ accounts, item, request_id: "r" });
  played.world.failures.push({ path: "/accounts/get", status: 200, body, times: 1 });
  const told = facts(await played.provider.readAccounts.run(played.call, held));
  assert.deepEqual(
    told.accounts.map(({ type }) => type),
    ["OTHER", "OTHER", "CREDIT"],
  );
});

test("a number is its text, written out where it has an exponent, and no amount where it is none", () => {
  assert.deepEqual(exactly('{"a":[1.10,{"b":-3}],"c":"1","d":null}'), {
    ok: true,
    json: { a: ["1.10", { b: "-3" }], c: "1", d: null },
  });
  assert.equal(money.parse("1.5e3"), "1500");
  assert.equal(money.safeParse("1e999").success, false);
  assert.equal(money.safeParse("twelve").success, false);
});

test("an address without its last slash, or with it, is the same; an environment that is none is refused", () => {
  assert.equal(plaid({ clientId: "c", secret: "s", environment: "production" }).name, "PLAID");
  const environment = "development" as "sandbox";
  assert.throws(() => plaid({ clientId: "c", secret: "s", environment }), /no environment "development"/);
});
