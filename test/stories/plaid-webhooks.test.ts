/** Plaid calls in, over real HTTP: its hooks are checked by its key, make reads due, and tell one fact themselves. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hookFor, KEYS, type Hook } from "../providers/plaid/fixture/hooks.ts";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import {
  createWorld,
  finishLink,
  plaidErrorOf,
  spend,
  type Item,
  type World,
} from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { startGateway, type Json, type TestGateway } from "./gateway.ts";
import { eventually, startLink, startRepair, timelineOf, transactionsOf } from "./walk.ts";

const world: World = createWorld();
let plaid: PlayedPlaid;
let gateway: TestGateway;
let id: string;
let item: Item;

before(async () => {
  plaid = await playPlaid(world);
  gateway = await startGateway({
    PLAID_CLIENT_ID: world.clientId,
    PLAID_SECRET: world.secret,
    PLAID_BASE_URL: plaid.url,
    BOWLINE_PUBLIC_URL: "https://gateway.example/bowline",
  });
  const sitting = await startLink(gateway, "mira", { products: ["BALANCES", "TRANSACTIONS"] });
  const { linkToken } = await sitting.choose();
  finishLink(world, linkToken ?? "");
  assert.equal((await sitting.complete({})).status, 200);
  id = sitting.connectionId;
  await gateway.aggregated(id);
  item = world.items.at(-1) ?? assert.fail("no Item");
});
after(async () => {
  await gateway.stop();
  await plaid.close();
  assert.deepEqual(faultsOf(plaid), []);
});

const send = async ({ body, headers }: Hook): Promise<number> =>
  (await fetch(`${gateway.url}/provider-webhooks/plaid`, { method: "POST", headers, body })).status;

/** The time between reads that hints make due has passed; beside Plaid the clock is real. */
const later = () =>
  gateway.sql.query("update provider_connection set last_sent_at = last_sent_at - interval '1 minute'");

const received = async (): Promise<Json[]> =>
  (await gateway.good("GET", `/received-webhooks?connectionId=${id}&limit=100`))["receivedWebhooks"] as Json[];

test("Link is told the public address", () => {
  const told = plaid.exchanges.find(({ path }) => path === "/link/token/create");
  assert.equal(told?.body["webhook"], "https://gateway.example/bowline/provider-webhooks/plaid");
});

test("news of transactions bring them, each time, though the body is the same", async () => {
  for (const name of ["First Surprise", "Second Surprise"]) {
    await later();
    spend(world, item, { account_id: item.accounts[0]?.account_id ?? "", amount: 9.5, name, at: world.now() });
    // A second apart: that is what tells two hooks with one body apart.
    const at = Date.now() - (name.startsWith("First") ? 2000 : 0);
    assert.equal(await send(hookFor(item, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", { at })), 200);
    await eventually(async () => {
      const found = (await transactionsOf(gateway, id)).some(({ description }) => description === name);
      return found ? true : null;
    }, name);
  }
  assert.deepEqual(
    (await received()).map(({ kind, times, isVerified }) => [kind, times, isVerified]),
    [
      ["TRANSACTIONS: SYNC_UPDATES_AVAILABLE", 1, true],
      ["TRANSACTIONS: SYNC_UPDATES_AVAILABLE", 1, true],
    ],
  );
});

test("trouble and repair are looked up at the Item, whatever the hook said", async () => {
  await later();
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  assert.equal(await send(hookFor(item, "ITEM", "ERROR")), 200);
  await gateway.until(id, "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  await later();
  // A hook that comes late: the trouble stands, and the Item says so.
  assert.equal(await send(hookFor(item, "ITEM", "LOGIN_REPAIRED", { at: Date.now() - 60_000 })), 200);
  await eventually(async () => ((await received())[0]?.["outcome"] === "READ_MADE_DUE" ? true : null), "the late hook");
  item.error = null;
  await later();
  assert.equal(await send(hookFor(item, "ITEM", "LOGIN_REPAIRED")), 200);
  await gateway.until(id, "ACTIVE");
});

test("new accounts are told by a hook alone; a repair answers it, and an older hook brings it not back", async () => {
  await later();
  const told = hookFor(item, "ITEM", "NEW_ACCOUNTS_AVAILABLE", { at: Date.now() - 30_000 });
  assert.equal(await send(told), 200);
  await gateway.until(id, "ACTIVE/NEW_ACCOUNTS_AVAILABLE");
  await later();
  assert.equal(await send(hookFor(item, "TRANSACTIONS", "DEFAULT_UPDATE")), 200);
  await eventually(async () => ((await received())[0]?.["outcome"] === "READ_MADE_DUE" ? true : null), "another read");
  assert.equal(await gateway.stateOf(id), "ACTIVE/NEW_ACCOUNTS_AVAILABLE", "no read says otherwise");
  const sitting = await startRepair(gateway, id);
  finishLink(world, (await sitting.choose())["linkToken"] ?? "");
  assert.equal((await sitting.complete({})).status, 200);
  await gateway.until(id, "ACTIVE");
  assert.equal(await send(told), 200);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  const hooks = (await timelineOf(gateway, id)).filter(({ kind }) => kind === "webhook");
  assert.equal(hooks.length, (await received()).length, "one line each");
});

test("an announced break is told by its hook alone; no read takes it back, and a repair does", async () => {
  await later();
  const disconnect_time = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const more = { reason: "INSTITUTION_MIGRATION", disconnect_time };
  assert.equal(await send(hookFor(item, "ITEM", "PENDING_DISCONNECT", { more })), 200);
  await gateway.until(id, "ACTIVE/ACCESS_EXPIRING_SOON");
  const { cause } = await gateway.good("GET", `/bank-linking/connections/${id}`);
  assert.deepEqual(
    [(cause as Json)["code"], (cause as Json)["message"]],
    ["PENDING_DISCONNECT", `INSTITUTION_MIGRATION, at ${disconnect_time}`],
  );
  await eventually(async () => ((await received())[0]?.["outcome"] === "READ_MADE_DUE" ? true : null), "its read");
  await later();
  spend(world, item, { account_id: item.accounts[0]?.account_id ?? "", amount: 3, name: "Meanwhile", at: world.now() });
  assert.equal(await send(hookFor(item, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE")), 200);
  await eventually(
    async () => ((await transactionsOf(gateway, id)).some((one) => one.description === "Meanwhile") ? true : null),
    "a whole read",
  );
  assert.equal(await gateway.stateOf(id), "ACTIVE/ACCESS_EXPIRING_SOON", "the Item knows nothing of it");
  const sitting = await startRepair(gateway, id);
  finishLink(world, (await sitting.choose())["linkToken"] ?? "");
  assert.equal((await sitting.complete({})).status, 200);
  await gateway.until(id, "ACTIVE");
  // Without its time it is a hint like any other.
  await later();
  assert.equal(await send(hookFor(item, "ITEM", "PENDING_DISCONNECT")), 200);
  await eventually(async () => ((await received())[0]?.["outcome"] === "READ_MADE_DUE" ? true : null), "a read");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
});

test("what Plaid did not sign is refused; what nobody knows is counted for the operator", async () => {
  const rows = (await received()).length;
  const forged = hookFor(item, "ITEM", "ERROR", { kid: KEYS.strange.kid, key: KEYS.strange.privateKey });
  assert.equal(await send(forged), 401);
  assert.equal(await send({ ...hookFor(item, "ITEM", "ERROR"), headers: {} }), 401);
  assert.equal((await received()).length, rows);
  assert.equal(await send(hookFor(item, "ITEM", "NEVER_HEARD_OF")), 200);
  const { unmappedCodes } = await gateway.good("GET", "/unmapped-codes");
  assert.deepEqual(
    (unmappedCodes as Json[]).map(({ serviceProvider, code }) => [serviceProvider, code]),
    [["PLAID", "webhook: ITEM: NEVER_HEARD_OF"]],
  );
});
