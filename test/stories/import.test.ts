// Connections that were linked elsewhere: checked with their provider, taken over, read, and told of from then on.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run, start } from "../command/run.ts";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, makeItem, plaidErrorOf, type World } from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";
import { eventually } from "./walk.ts";

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
  assert.deepEqual(faultsOf(plaid), []);
});

const asking = () => ({ BOWLINE_URL: gateway.url, BOWLINE_API_KEY: gateway.key });
const item = () => makeItem(world, "ins_109508", ["transactions"] as never);
const bring = (connection: Json, more: Json = {}) =>
  gateway.ask("POST", IMPORT, { connections: [connection], ...more });
const outcomeOf = ({ body }: { body: Json }): Json => (body["connections"] as Json[])[0] as Json;
const eventsOf = async (id: string) => {
  const { rows } = await gateway.sql.query<{ type: string; payload: Json }>(
    "select type, payload from event where connection_id = $1 order by sequence",
    [id],
  );
  return rows;
};
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
  const types = (await eventsOf(id)).map(({ type }) => type);
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
  assert.equal(await gateway.stateOf(id), "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  const moves = (await eventsOf(id)).map(({ payload }) => payload["newStatus"]).filter(Boolean);
  assert.deepEqual(moves, ["RECONNECT_REQUIRED"], "it never looked healthy");
});

test("A bogus credential, another's item and an unknown provider never become a connection", async () => {
  const before = (await all()).length;
  const token = "access-sandbox-this-token-is-nobodys";
  const bogus = await bring({ externalCustomerId: "imported-2", accessToken: token });
  assert.deepEqual([bogus.status, bogus.body["code"]], [403, "FORBIDDEN"]);
  assert.match(String(bogus.body["message"]), /^\[accessToken\] PLAID answered INVALID_ACCESS_TOKEN: /);
  assert.ok(!JSON.stringify(bogus.body).includes(token), "the refusal quotes no credential");
  const other = { externalCustomerId: "imported-2", accessToken: item().accessToken, providerConnectionId: "item-9" };
  const another = await bring(other);
  assert.equal(another.status, 400);
  assert.match(String(another.body["message"]), /^\[providerConnectionId\]/);
  const removed = item();
  removed.removed = true;
  assert.equal((await bring({ externalCustomerId: "x", accessToken: removed.accessToken })).status, 403);
  assert.equal((await bring({ externalCustomerId: "x" })).status, 400);
  assert.equal((await bring({ externalCustomerId: "x", accessToken: "y", serviceProvider: "MOON" })).status, 400);
  await eventually(async () => {
    const { rows } = await gateway.sql.query("select from institution where providers ->> 'PLAID' = 'ins_900001'");
    return rows.length > 0 ? true : null;
  }, "the catalogue");
  const { accessToken } = makeItem(world, "ins_900001", ["transactions"] as never);
  const elsewhere = { externalCustomerId: "x", accessToken };
  for (const [more, sentence] of [
    [{ institution: { id: "ins_none", name: "Another Bank" } }, /^\[institution\.id\] is not the bank/],
    [{ products: ["INVESTMENT_HOLDINGS"] }, /^\[products\] .* does not offer INVESTMENT_HOLDINGS/],
  ] as const) {
    const { status, body } = await bring({ ...elsewhere, ...more });
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(String(body["message"]), sentence);
  }
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
  const outcomes = jsonLines(readFileSync(out, "utf8"));
  const fields = Object.keys(outcomes.find(({ outcome }) => outcome === "imported") ?? {}).toSorted();
  for (const one of outcomes) assert.deepEqual(Object.keys(one).toSorted(), fields, JSON.stringify(one));
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
  const lacking = join(folder, "lacking.ndjson");
  writeFileSync(lacking, '{"externalCustomerId":"lacks"}\n{"accessToken":"x"}\n');
  const refused = await run(["import", lacking], asking());
  const messages = jsonLines(refused.out).toSorted((a, b) => Number(a["item"]) - Number(b["item"]));
  assert.match(String(messages[0]?.["message"]), /^\[accessToken\] is missing/);
  assert.match(String(messages[1]?.["message"]), /^\[externalCustomerId\] is missing/);

  for (const nothing of ["[]", "[ ]\n", "externalCustomerId,accessToken\n", '{"kind":"end"}\n']) {
    writeFileSync(lacking, nothing);
    const empty = await run(["import", lacking], asking());
    assert.deepEqual([empty.status, empty.out], [1, ""], nothing);
    assert.match(empty.err, /^\S+ has nothing to import in it; write one connection a line\.\n$/);
  }
  const down = await run(["import", array], {
    BOWLINE_URL: "http://127.0.0.1:2",
    BOWLINE_API_KEY: "a-key-of-sixteen-or-more",
  });
  assert.equal(down.status, 1);
  assert.match(down.err, /^No gateway answers at http:\/\/127\.0\.0\.1:2 .*\n$/, "and there is no bar before it");
  writeFileSync(csv, "name,token\na,b\n");
  const neither = await run(["import", csv], asking());
  assert.deepEqual([neither.status, neither.out], [1, ""]);
  assert.match(neither.err, /is neither NDJSON nor a JSON array, and as CSV its head line lacks externalCustomerId/);
});

test("Everything goes out again; with its credentials, an empty installation takes over the same", async (t) => {
  const farm = await gateway.link({ externalCustomerId: "farm-1" });
  await gateway.aggregated(farm);
  const address = { lineOne: "1 Quay Street", country: "US", status: "INACTIVE" };
  const told = { email: "mira@example.com", dateOfBirth: "1990-02-03", type: "BUSINESS", addresses: [address] };
  await gateway.good("POST", "/accounts/customers", { externalId: "farm-1", ...told });
  await gateway.good("POST", "/accounts/customers", { name: { firstName: "Without" }, phone: "+12025550101" });
  const out = join(folder, "everything.ndjson");
  const secrets = join(folder, "secrets.ndjson");
  const done = await run(["export", "--out", out, "--secrets-to", secrets], gateway.database);
  assert.equal(done.status, 0, done.err);
  assert.equal(statSync(secrets).mode & 0o777, 0o600);
  const lines = jsonLines(readFileSync(out, "utf8"));
  const of = (kind: string) => lines.filter((line) => line["kind"] === kind);
  const end = lines.at(-1) ?? {};
  for (const [kind, count] of Object.entries(end["counts"] as Json)) assert.equal(of(kind).length, count, kind);
  assert.equal(of("connection").length, (await all()).length);
  for (const kind of ["customer", "providerConnection", "account", "transaction", "event", "timeline"])
    assert.ok(of(kind).length > 0, kind);
  const shown = await gateway.good("GET", `/bank-linking/connections/${farm}`);
  const connection = of("connection").find(({ id }) => id === farm) ?? {};
  for (const name of ["customerId", "externalCustomerId", "status", "institutionId", "products", "createdAt"])
    assert.deepEqual(connection[name], shown[name], name);
  const mira = of("customer").find(({ externalCustomerId }) => externalCustomerId === "farm-1");
  assert.equal((mira?.["person"] as Json | undefined)?.["email"], "mira@example.com");
  const items = jsonLines(readFileSync(secrets, "utf8"));
  assert.equal(items.length, of("providerConnection").filter(({ closedAt }) => closedAt === null).length);
  const text = readFileSync(out, "utf8");
  for (const { accessToken } of items) assert.ok(!text.includes(String(accessToken)), "a credential is in the export");
  const again = await run(["export", "--out", out], gateway.database);
  assert.deepEqual([again.status, /is there already/.test(again.err)], [1, true]);

  // The farm's grants are this installation's own: there, under another customer.
  const grant = items.find(({ serviceProvider }) => serviceProvider === "SANDBOX") ?? {};
  const other = outcomeOf(await bring({ ...rest(grant), externalCustomerId: "farm-2" }));
  assert.deepEqual([other["outcome"], other["webhook"]], ["imported", "pointed"]);
  assert.equal(outcomeOf(await bring(rest(grant)))["connectionId"], farm);
  const bogus = await bring({ ...rest(grant), accessToken: "grant.of.nobody" });
  assert.deepEqual([bogus.status, bogus.body["code"]], [403, "FORBIDDEN"]);

  const elsewhere = await startGateway({
    PLAID_CLIENT_ID: world.clientId,
    PLAID_SECRET: world.secret,
    PLAID_BASE_URL: plaid.url,
  });
  t.after(() => elsewhere.stop());
  writeFileSync(
    secrets,
    items
      .filter(({ serviceProvider }) => serviceProvider === "PLAID")
      .map((item) => JSON.stringify(item))
      .join("\n"),
  );
  const there = { BOWLINE_URL: elsewhere.url, BOWLINE_API_KEY: elsewhere.key };
  const imported = await run(["import", secrets], there);
  assert.equal(imported.status, 0, imported.out + imported.err);
  // The customers come in by the other file, however often; what else is in it is passed over.
  const live = of("customer").length;
  for (const outcome of ["would import", "imported", "already"]) {
    const brought = await run(["import", out, ...(outcome === "would import" ? ["--dry-run"] : [])], there);
    assert.equal(brought.status, 0, brought.out + brought.err);
    const lines = jsonLines(brought.out);
    assert.equal(lines.length, live);
    const farm1 = lines.find(({ externalCustomerId }) => externalCustomerId === "farm-1");
    assert.deepEqual([farm1?.["kind"], farm1?.["outcome"]], ["customer", outcome]);
  }
  const personOf = async ({ good }: TestGateway, query: string) => {
    const { customers } = (await good("GET", `/accounts/customers?${query}`)) as { customers: Json[] };
    return customers.map(({ name, email, phone, dateOfBirth, type, addresses }) => {
      const places = (addresses as Json[]).map((place) => ({ ...place, id: null }));
      return { name, email, phone, dateOfBirth, type, places };
    });
  };
  for (const query of ["externalId=farm-1", "phone=%2B12025550101"]) {
    const [here, moved] = [await personOf(gateway, query), await personOf(elsewhere, query)];
    assert.equal(here.length, 1, query);
    assert.deepEqual(moved, here, query);
  }

  const same = ({ sql }: TestGateway) =>
    sql.query(
      `select k.external_id, c.provider, p.ref, i.name, c.products from connection c
         join customer k on k.home = c.home and k.id = c.customer_id
         join provider_connection p on p.home = c.home and p.id = c.provider_connection_id
         left join institution i on i.id = c.institution_id where c.provider = 'PLAID' order by p.ref`,
    );
  const [mine, theirs] = [(await same(gateway)).rows, (await same(elsewhere)).rows];
  assert.ok(mine.length > 20);
  assert.deepEqual(theirs, mine);
});

const jsonLines = (text: string): Json[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Json);

/** The item as the API takes it. */
const rest = ({ institutionId, institutionName, ...item }: Json): Json => ({
  ...item,
  institution: { id: institutionId, name: institutionName },
});
