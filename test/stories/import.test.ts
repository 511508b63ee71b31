// Connections that were linked elsewhere: checked with their provider, taken over, read, and told of from then on.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run, start } from "../command/run.ts";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, makeItem, plaidErrorOf, type World } from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";

const HOOKS = "https://bowline.example.com";
const IMPORT = "/bank-linking/connections/import";

let world: World;
let plaid: PlayedPlaid;
let gateway: TestGateway;
const folder = mkdtempSync(join(tmpdir(), "bowline-import-"));
before(async () => {
  world = createWorld();
  plaid = await playPlaid(world);
  gateway = await startGateway({
    PLAID_CLIENT_ID: world.clientId,
    PLAID_SECRET: world.secret,
    PLAID_BASE_URL: plaid.url,
    BOWLINE_PUBLIC_URL: HOOKS,
  });
});
after(async () => {
  await gateway.stop();
  await plaid.close();
  rmSync(folder, { recursive: true, force: true });
  assert.deepEqual(faultsOf({ plaid }), []);
});

const asking = () => ({ BOWLINE_URL: gateway.url, BOWLINE_API_KEY: gateway.key });
const item = () => makeItem(world, "ins_109508", ["transactions"] as never);
const bring = (connection: Json, more: Json = {}) =>
  gateway.ask("POST", IMPORT, { connections: [connection], ...more });
const outcomeOf = ({ body }: { body: Json }): Json => (body["connections"] as Json[])[0] as Json;
const all = async () => (await gateway.good("GET", "/bank-linking/connections?limit=100"))["connections"] as Json[];

test("An Item comes in as it is: read at once, with the contract's events, and its webhook turned here", async () => {
  const theirs = item();
  const one = { externalCustomerId: "imported-1", serviceProvider: "PLAID", accessToken: theirs.accessToken };
  const dry = outcomeOf(await bring(one, { dryRun: true }));
  assert.deepEqual([dry["outcome"], dry["connectionId"], dry["webhook"]], ["would import", null, "untouched"]);
  assert.equal(dry["serviceProviderConnectionId"], theirs.itemId);
  assert.equal(theirs.webhook, null, "a dry run turns no webhook");
  assert.deepEqual(await all(), []);

  const done = outcomeOf(await bring(one));
  assert.deepEqual([done["outcome"], done["webhook"]], ["imported", "pointed"]);
  assert.deepEqual(done["products"], ["BALANCES", "TRANSACTIONS"]);
  const id = String(done["connectionId"]);
  await gateway.aggregated(id);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.equal(theirs.webhook, `${HOOKS}/provider-webhooks/plaid`);
  const accounts = await gateway.good("GET", `/bank-linking/accounts?connectionId=${id}`);
  assert.equal(accounts["count"], theirs.accounts.length);
  const { events } = await gateway.good("GET", `/bank-linking/connections/${id}/events?limit=100`);
  const types = (events as Json[]).map((event) => String(event["eventType"]));
  for (const wanted of ["ACCOUNTS_UPDATING", "ACCOUNTS_UPDATED", "TRANSACTIONS_AGGREGATED"])
    assert.ok(types.includes(`BANK_LINKING_${wanted}`), `${wanted} is not among ${types.join(", ")}`);
  assert.ok(!types.includes("BANK_LINKING_CONNECTION_COMPLETED"), "no customer has finished a widget");

  const again = outcomeOf(await bring(one));
  assert.deepEqual([again["outcome"], again["connectionId"]], ["already", id]);
  assert.equal((await all()).length, 1);
});

test("What is broken elsewhere is broken here from the first moment on", async () => {
  const theirs = item();
  theirs.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  const done = outcomeOf(await bring({ externalCustomerId: "imported-broken", accessToken: theirs.accessToken }));
  const id = String(done["connectionId"]);
  const { events } = await gateway.good("GET", `/bank-linking/connections/${id}/events?limit=100`);
  assert.equal(await gateway.stateOf(id), "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  const moves = (events as Json[]).map(({ payload }) => (payload as Json)["newStatus"]).filter(Boolean);
  assert.ok(!moves.includes("ACTIVE"), "it never looked healthy");
});

test("A bogus credential, another's item and an unknown provider never become a connection", async () => {
  const before = (await all()).length;
  const token = "access-sandbox-this-token-is-nobodys";
  const bogus = await bring({ externalCustomerId: "imported-2", accessToken: token });
  assert.deepEqual([bogus.status, bogus.body["code"]], [403, "FORBIDDEN"]);
  assert.match(String(bogus.body["message"]), /^\[credential\] PLAID answered INVALID_ACCESS_TOKEN: /);
  const other = { externalCustomerId: "imported-2", accessToken: item().accessToken, providerConnectionId: "item-9" };
  const another = await bring(other);
  assert.deepEqual([another.status, /^\[providerConnectionId\]/.test(String(another.body["message"]))], [400, true]);
  const removed = item();
  removed.removed = true;
  assert.equal((await bring({ externalCustomerId: "x", accessToken: removed.accessToken })).status, 403);
  assert.equal((await bring({ externalCustomerId: "x" })).status, 400);
  assert.equal((await bring({ externalCustomerId: "x", accessToken: "y", serviceProvider: "MOON" })).status, 400);
  const several = await gateway.good("POST", IMPORT, {
    connections: [
      { externalCustomerId: "imported-3", accessToken: token },
      { externalCustomerId: "imported-3", accessToken: item().accessToken },
    ],
  });
  const outcomes = (several["connections"] as Json[]).map((one) => [one["outcome"], one["code"]]);
  assert.deepEqual(outcomes, [
    ["refused", "FORBIDDEN"],
    ["imported", null],
  ]);
  assert.equal((await all()).length, before + 1);
  const { rows } = await gateway.sql.query("select from customer where external_id = 'imported-2'");
  assert.equal(rows.length, 0, "what was refused leaves no customer either");
});

test("A file goes in once, however often its import is killed; bad lines are told, and no secret is", async () => {
  const many = Array.from({ length: 24 }, (_, n) => ({
    externalCustomerId: `bulk-${n}`,
    serviceProvider: "PLAID",
    accessToken: item().accessToken,
  }));
  const file = join(folder, "items.ndjson");
  const out = join(folder, "outcomes.ndjson");
  const secret = "access-sandbox-half-a-line";
  const lines = [...many.map((one) => JSON.stringify(one)), `{"externalCustomerId":"bad","accessToken":"${secret}`];
  writeFileSync(file, lines.join("\n"));
  const before = (await all()).length;

  const dry = await run(["import", file, "--dry-run"], asking());
  assert.match(dry.err, /24 would import, 1 refused\.\n$|1 refused, 24 would import\.\n$/);
  assert.equal((await all()).length, before);

  const killed = start(["import", file, "--out", out], asking());
  await killed.saying(/ 5 of 25/);
  killed.kill("SIGKILL");
  await killed.said;
  const told = readFileSync(out, "utf8").split("\n").filter(Boolean).length;
  assert.ok(told >= 1 && told < 25, `${told} outcomes were written before the kill`);
  const first = await run(["import", file, "--out", out], asking());
  assert.equal(first.status, 1, "a line was refused");
  assert.match(first.err, /\d+ done before\.\n$/);
  const second = await run(["import", file, "--out", out], asking());
  assert.match(second.err, /1 refused, 24 done before\.\n$/);
  const { rows } = await gateway.sql.query<{ count: string }>(
    `select count(*) from connection c join customer k on k.home = c.home and k.id = c.customer_id
      where k.external_id like 'bulk-%' group by k.external_id`,
  );
  assert.deepEqual(
    rows.map(({ count }) => count),
    many.map(() => "1"),
  );
  const said = [dry.out, dry.err, first.out, first.err, readFileSync(out, "utf8")].join("");
  for (const { accessToken } of many) assert.ok(!said.includes(accessToken), "a credential was told");
  assert.ok(!said.includes(secret));
});

test("CSV and a JSON array are read too; a file that is neither is refused in a sentence", async () => {
  const [one, two, three] = [item(), item(), item()];
  const csv = join(folder, "items.csv");
  writeFileSync(
    csv,
    `externalCustomerId,serviceProvider,access_token,products\r\n"csv, ""quoted""",PLAID,${one.accessToken},` +
      `"BALANCES, TRANSACTIONS"\r\ncsv-2,PLAID,${two.accessToken},\r\n`,
  );
  const read = await run(["import", csv], asking());
  assert.equal(read.status, 0, read.out + read.err);
  const outcomes = read.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Json);
  const named = outcomes.toSorted((a, b) => Number(a["item"]) - Number(b["item"]));
  assert.deepEqual(
    named.map((told) => [told["externalCustomerId"], told["outcome"]]),
    [
      ['csv, "quoted"', "imported"],
      ["csv-2", "imported"],
    ],
  );
  const array = join(folder, "items.json");
  writeFileSync(array, JSON.stringify([{ externalCustomerId: "array-1", accessToken: three.accessToken }]));
  assert.match((await run(["import", array], asking())).err, /1 imported\.\n$/);
  writeFileSync(csv, "name,token\na,b\n");
  const neither = await run(["import", csv], asking());
  assert.deepEqual([neither.status, neither.out], [1, ""]);
  assert.match(neither.err, /is neither NDJSON nor a JSON array, and as CSV its head line lacks externalCustomerId/);
});

test("A login of the farm comes in under another customer, and the farm posts what happens to it", async () => {
  const first = await gateway.link({ externalCustomerId: "farm-1" });
  await gateway.aggregated(first);
  const { rows } = await gateway.sql.query<{ ref: string }>(
    "select p.ref from provider_connection p join connection c on c.provider_connection_id = p.id where c.id = $1",
    [first],
  );
  assert.ok(rows[0]?.ref);
  const bogus = await bring({
    externalCustomerId: "farm-2",
    serviceProvider: "SANDBOX",
    accessToken: "grant.of.nobody",
  });
  assert.deepEqual([bogus.status, bogus.body["code"]], [403, "FORBIDDEN"]);
});
