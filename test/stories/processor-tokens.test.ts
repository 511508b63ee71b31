/** Processor tokens: made for an account, once for a key, and kept nowhere in clear. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, finishLink, type World } from "../providers/plaid/fixture/world.ts";
import type { Json, TestGateway } from "./gateway.ts";
import { playedPlaid } from "./played-plaid.ts";
import { accountsOf, deleted, startLink } from "./walk.ts";

const world: World = createWorld();
let plaid: PlayedPlaid;
let gateway: TestGateway;
playedPlaid(world, (played) => void ({ plaid, gateway } = played));

const make = (id: unknown, body: Json, headers = {}) =>
  gateway.ask("POST", `/bank-linking/accounts/${String(id)}/processors/create-token`, body, headers);

/** Everything that the database holds, as one text. */
async function everything(): Promise<string> {
  const { rows } = await gateway.sql.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = current_schema()",
  );
  assert.ok(rows.length > 20);
  const parts = await Promise.all(
    rows.map(async ({ name }) => JSON.stringify((await gateway.sql.query(`select t::text from "${name}" t`)).rows)),
  );
  return parts.join("\n");
}

/** A login's accounts are drawn by its name: some have no card. */
async function linkWithCard(): Promise<{ id: string; accounts: Json[] }> {
  for (let n = 0; n < 10; n++) {
    const id = await gateway.link({ externalCustomerId: `payer ${n}`, products: ["BALANCES", "IDENTIFIERS"] });
    await gateway.aggregated(id);
    const accounts = await accountsOf(gateway, id);
    if (accounts.some(({ type }) => type === "CREDIT")) return { id, accounts };
  }
  assert.fail("none of ten customers has a card");
}

test("a fake bank's pass is made for accounts that can be paid from", async () => {
  const { id, accounts } = await linkWithCard();
  const current = accounts.find(({ type }) => type === "DEPOSITORY");
  const card = accounts.find(({ type }) => type === "CREDIT");
  const { status, body } = await make(current?.["id"], { processor: "DWOLLA" });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body["processor"], body["serviceProvider"]], ["DWOLLA", "SANDBOX"]);
  const token = String(body["token"]);
  assert.ok(token.length > 20);
  // The log is written behind the answers: reading it waits for what was noted.
  const span = "start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z";
  const log = await gateway.good("GET", `/activity-log?${span}&financialAccountIds=${String(current?.["id"])}`);
  assert.equal(log["count"], 1);
  assert.ok(!(await everything()).includes(token), "the token is in the database");

  // A refusal is no answer that is kept: the same key may try again.
  const key = { "idempotency-key": "never paid" };
  for (const again of [1, 2])
    assert.equal((await make(card?.["id"], { processor: "DWOLLA" }, key)).status, 422, `${again}`);
  assert.equal((await make(current?.["id"], { processor: "DWOLLA" }, key)).body["token"], token);

  const refused = await make(card?.["id"], { processor: "DWOLLA" });
  assert.deepEqual([refused.status, refused.body["code"]], [422, "PROVIDER_REFUSED"]);
  const other = await make(current?.["id"], { processor: "DWOLLA", serviceProvider: "MX" });
  assert.match(String(other.body["message"]), /^\[serviceProvider\] the account is connected by SANDBOX/);
  const strange = await make(current?.["id"], { processor: "NOBODY" });
  assert.match(String(strange.body["message"]), /^\[processor\] is none of the known values/);
  assert.equal((await make("acc_2222222222222222222222", { processor: "DWOLLA" })).status, 404);

  await deleted(gateway, id);
  assert.equal((await make(current?.["id"], { processor: "DWOLLA" })).status, 404);
  assert.deepEqual((await gateway.sql.query("select id from processor_token")).rows, []);
});

test("Plaid makes them by its own names, and says where it knows none", async () => {
  const sitting = await startLink(gateway, "pays", { products: ["TRANSACTIONS", "IDENTIFIERS"] });
  const { linkToken = "" } = await sitting.choose();
  await sitting.complete({ publicToken: finishLink(world, linkToken) });
  await gateway.aggregated(sitting.connectionId);
  const [account] = await accountsOf(gateway, sitting.connectionId);
  const made = async (processor: string) => {
    const { status, body } = await make(account?.["id"], { processor });
    assert.equal(status, 200, JSON.stringify(body));
    return String(body["token"]);
  };
  assert.match(await made("DWOLLA"), /^processor-sandbox-dwolla-/);
  assert.match(await made("AYDEN"), /^processor-sandbox-adyen-/);
  const token = await made("SILICON_VALLEY_BANK");
  assert.match(token, /^processor-sandbox-svb_api-/);
  assert.match(await made("STRIPE"), /^btok_/);
  assert.equal(plaid.exchanges.filter(({ path }) => path === "/processor/token/create").length, 3);

  const asked = () => plaid.exchanges.filter(({ path }) => path === "/processor/token/create").length;
  const before = asked();
  const key = { "idempotency-key": "pay once" };
  const once = () => make(account?.["id"], { processor: "DWOLLA" }, key);
  const twins = await Promise.all([once(), once()]);
  const late = await once();
  assert.equal(late.status, 200, JSON.stringify(late.body));
  for (const { status, body } of twins) {
    assert.ok(status === 200 || status === 429, JSON.stringify(body));
    if (status === 200) assert.equal(body["token"], late.body["token"]);
  }
  assert.ok(twins.some(({ status }) => status === 200));
  assert.equal(asked() - before, 1, "the provider was asked once");

  const unknown = await make(account?.["id"], { processor: "PRIME_TRUST" });
  assert.deepEqual([unknown.status, unknown.body["code"]], [422, "PROVIDER_REFUSED"]);
  assert.match(String(unknown.body["message"]), /PROCESSOR_UNKNOWN/);
  const span = "start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z";
  await gateway.good("GET", `/activity-log?${span}`);
  const all = await everything();
  assert.ok(all.includes("/processor/token/create"), "that it was asked is known");
  assert.doesNotMatch(all, /processor-sandbox-|btok_/);
});
