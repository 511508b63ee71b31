/** Plaid's story in short, with the gateway as a process of its own on its own database, as a person starts it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { playPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, finishLink, plaidErrorOf, standing } from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { ask, type Json, KEY, scratch, stop, until, up } from "../process/process.ts";

test("a gateway that is started with Plaid's keys links, reads, breaks, repairs and deletes", {
  timeout: 90_000,
}, async () => {
  const world = createWorld();
  const plaid = await playPlaid(world);
  const running = await up({
    BOWLINE_DATA: scratch(),
    BOWLINE_API_KEY: KEY,
    BOWLINE_LOG_LEVEL: "trace",
    PLAID_CLIENT_ID: world.clientId,
    PLAID_SECRET: world.secret,
    PLAID_ENV: "sandbox",
    PLAID_BASE_URL: plaid.url,
  });
  const good = async (method: string, path: string, body?: Json, key = KEY): Promise<Json> => {
    const answer = await ask(method, `${running.at}${path}`, body, key);
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  /** Through a session of the customer's, the played Link included. */
  const sit = async (started: Json) => {
    const token = String(started["connectToken"]);
    const { page } = await good("POST", "/bank-linking/connect/institution", {}, token);
    finishLink(world, (page as { linkToken: string }).linkToken);
    return good("POST", "/bank-linking/connect/complete", { proof: {} }, token);
  };
  const start = { externalCustomerId: "mira", products: ["BALANCES", "TRANSACTIONS"] };
  const id = String((await sit(await good("POST", "/bank-linking/connect/start", start)))["connectionId"]);
  const path = `/bank-linking/connections/${id}`;
  const reaches = (status: string) => async () => (await good("GET", path))["status"] === status;
  const listed = async () => (await good("GET", `/bank-linking/transactions?connectionId=${id}&limit=1000`))["count"];

  const [item] = world.items;
  assert.ok(item);
  await until(async () => (await listed()) === standing(item).length, "all transactions of the bank");
  assert.equal((await good("GET", `/bank-linking/accounts?connectionId=${id}`))["count"], 3);

  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  await good("POST", `${path}/refresh`, {});
  await until(reaches("RECONNECT_REQUIRED"), "a connection that asks for the customer");
  const repaired = await sit(await good("POST", "/bank-linking/connect/repair", { connectionId: id }));
  assert.deepEqual([repaired["connectionId"], repaired["status"]], [id, "ACTIVE"]);
  await good("DELETE", path);
  await until(() => item.removed, "an end of the access at Plaid");

  const clock = await ask("POST", `${running.at}/sandbox/clock`, { advance: "PT1H" });
  assert.deepEqual([clock.status, clock.body["code"]], [409, "CLOCK_IS_REAL"], "beside Plaid no time is made up");
  assert.equal(world.items.length, 1);
  assert.ok(!running.said().includes(item.accessToken) && !running.said().includes(world.secret));
  await stop(running);
  await plaid.close();
  assert.deepEqual(faultsOf(plaid), []);
});
