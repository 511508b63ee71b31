// A gateway as a process of its own, with a secret at every entrance, used by a customer, an application, an operator
// and by whoever errs: and none of the secrets in anything that it printed, answered wrongly, sent or showed.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { scan, verdict } from "../../scripts/canary.ts";
import { closeBrowser, inBrowser, look, open } from "../browser/chromium.ts";
import { customer } from "../browser/customer.ts";
import { flushed, heard, keepIn, kept, planted, records } from "../canary.ts";
import { freshDatabase } from "../database.ts";
import { playPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, failNext, finishLink, type Item, plaidErrorOf } from "../providers/plaid/fixture/world.ts";
import { openReceiver } from "../webhooks/receiver.ts";
import { ask, type Json, stop, until, up } from "./process.ts";

const made = mkdtempSync(join(tmpdir(), "bowline-canary-"));
const folder = keepIn(made);
after(async () => {
  await closeBrowser();
  rmSync(made, { recursive: true, force: true });
});

const secret = (what: string) => `canary-${what}-${randomBytes(12).toString("hex")}`;
const KEY = secret("key");
const SPAN = "start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z";

test("No secret leaves a gateway at a place that is not its own", inBrowser, async (t) => {
  const database = await freshDatabase();
  t.after(() => database.drop());
  const world = createWorld({ clientId: secret("client"), secret: secret("plaid") });
  const plaid = await playPlaid(world);
  t.after(() => plaid.close());
  const [endpoint, operators] = [await openReceiver(), await openReceiver()];
  t.after(() => Promise.all([endpoint.close(), operators.close()]));
  const running = await up({
    DATABASE_URL: database.url,
    BOWLINE_SECRET_KEYS: `main:${randomBytes(32).toString("base64")}`,
    BOWLINE_API_KEY: KEY,
    BOWLINE_HOST: "0.0.0.0",
    BOWLINE_LOG_LEVEL: "trace",
    BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8",
    BOWLINE_OPERATOR_WEBHOOK: operators.url,
    BOWLINE_OPERATOR_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
    PLAID_CLIENT_ID: world.clientId,
    PLAID_SECRET: world.secret,
    PLAID_BASE_URL: plaid.url,
  });
  const url = `http://127.0.0.1:${new URL(running.at).port}`;
  const good = async (method: string, path: string, body?: unknown, key = KEY): Promise<Json> => {
    const answer = await ask(method, `${url}${path}`, body as Json | undefined, key);
    assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  await good("POST", "/notifications/webhooks", { name: "ledger", url: endpoint.url });
  const fake = await throughThePage({ url, good: (method, path, body) => good(method, path, body) });
  const real = await throughPlaid(good, (token) => finishLink(world, token));
  const [item] = world.items;
  assert.ok(item);
  for (const id of [fake, real])
    await until(async () => (await good("GET", `/bank-linking/connections/${id}`))["lastSuccessAt"] !== null, id);
  await paidFrom(good, fake);
  await aProviderThatRepeatsAll(good, real, item, world);
  await whoErrs(url, good);
  await throughTheOperatorsPages(url, real);

  await until(() => endpoint.received.length >= 3 && operators.received.length >= 1, "deliveries to both");
  const log = await good("GET", `/activity-log?${SPAN}&limit=100`);
  assert.ok((log["count"] as number) > 10);
  kept("record", "the activity log as answered", JSON.stringify(log));
  const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
  heard("/metrics", metrics.status, await metrics.text());
  await stop(running);
  await records(database.pool);
  flushed();
  const { well, text } = verdict(scan(folder, `${process.pid}-`), true);
  assert.ok(well, text);
  t.diagnostic(text);
});

type Good = (method: string, path: string, body?: unknown, key?: string) => Promise<Json>;

/** A customer who errs at the password and at the code. */
async function throughThePage(gateway: Parameters<typeof customer>[0]): Promise<string> {
  const mira = await customer(gateway, { products: ["BALANCES", "TRANSACTIONS", "IDENTIFIERS"] });
  await mira.press("Agree and continue");
  await mira.finds("Choose Your Factor Bank");
  await mira.logsIn("mira", secret("password"));
  await mira.page.getByText("Name and password do not belong together").waitFor();
  await mira.logsIn("mira");
  await mira.page.getByLabel("Code in the app").check();
  await mira.press("Continue");
  const code = String(randomBytes(6).readUIntBE(0, 6) + 10 ** 14);
  planted("bank password", code);
  await mira.fill(/four digits/, code);
  await mira.press("Continue");
  await mira.page.getByText("That code is not the right one").waitFor();
  await mira.fill(/four digits/, "1234");
  await mira.press("Continue");
  await mira.sees("Choose Your Factor Bank is connected");
  await mira.close();
  return mira.connectionId;
}

async function throughPlaid(good: Good, finish: (linkToken: string) => string): Promise<string> {
  const asked = { externalCustomerId: "ada", products: ["BALANCES", "TRANSACTIONS", "IDENTIFIERS"] };
  const { id, connectToken } = await good("POST", "/bank-linking/connect/start", asked);
  const token = String(connectToken);
  const { page } = await good("POST", "/bank-linking/connect/institution", {}, token);
  const publicToken = finish((page as { linkToken: string }).linkToken);
  planted("provider token", publicToken);
  await good("POST", "/bank-linking/connect/complete", { proof: { publicToken } }, token);
  return String(id);
}

/** Shows the numbers, and makes a processor token. */
async function paidFrom(good: Good, connectionId: string): Promise<void> {
  const { financialAccounts } = await good("GET", `/bank-linking/accounts?connectionId=${connectionId}`);
  const account = (financialAccounts as Json[]).find(({ type }) => type === "DEPOSITORY");
  assert.ok(account);
  await good("POST", `/bank-linking/accounts/${String(account["id"])}/processors/create-token`, {
    processor: "DWOLLA",
  });
}

/** A code that no map has, and in its words all that the provider was told. */
async function aProviderThatRepeatsAll(
  good: Good,
  connectionId: string,
  item: Item,
  world: ReturnType<typeof createWorld>,
): Promise<void> {
  const said = `no access for ${item.accessToken} of ${world.clientId} with ${world.secret}`;
  item.error = { ...plaidErrorOf("NEVER_SEEN_BEFORE", "ITEM_ERROR"), error_message: said };
  failNext(world, "/accounts/get", item.error, 400, 3);
  await good("POST", `/bank-linking/connections/${connectionId}/refresh`, {});
  await until(async () => {
    const { unmappedCodes } = await good("GET", "/unmapped-codes");
    return (unmappedCodes as Json[]).some(({ code }) => code === "NEVER_SEEN_BEFORE");
  }, "the code among those that no map has");
  kept("record", "unmapped codes as answered", JSON.stringify(await good("GET", "/unmapped-codes")));
  for (const part of ["timeline", "ticket"])
    kept("record", part, JSON.stringify(await good("GET", `/bank-linking/connections/${connectionId}/${part}`)));
}

/** Secrets at places where they do not belong. */
async function whoErrs(url: string, good: Good): Promise<void> {
  const { connectToken } = await good("POST", "/bank-linking/connect/start", { externalCustomerId: "errs" });
  const { secret: other } = await good("POST", "/api-keys", { label: "other", scope: "read" });
  planted("API key", String(other));
  const start = `${url}/bank-linking/connect/start`;
  for (const [key, method, at, body, status] of [
    [secret("wrong"), "GET", `${url}/bank-linking/connections`, undefined, 401],
    [String(connectToken), "GET", `${url}/bank-linking/connections`, undefined, 401],
    [KEY, "GET", `${url}/bank-linking/connect/session`, undefined, 401],
    [String(other), "POST", start, { externalCustomerId: "x" }, 403],
    [KEY, "POST", start, { externalCustomerId: { [KEY]: connectToken } }, 400],
    [KEY, "POST", start, { externalCustomerId: "x", products: [KEY], [String(other)]: 1 }, 400],
    [KEY, "POST", `${url}/notifications/webhooks`, { name: "x", url: `https://${KEY}@127.0.0.1:x/${KEY}` }, 400],
  ] as const)
    assert.equal((await ask(method, at, body, key)).status, status, `${method} ${at} ${status}`);
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const broken = await fetch(start, {
    method: "POST",
    headers,
    body: `{"connectToken": "${String(connectToken)}", ${KEY}`,
  });
  assert.equal(broken.status, 400);
  heard("broken", broken.status, await broken.text());
}

async function throughTheOperatorsPages(url: string, connectionId: string): Promise<void> {
  const { page, context, close } = await open(url);
  await page.goto(`${url}/dashboard/connections`);
  const wrong = secret("typed");
  planted("API key", wrong);
  for (const key of [wrong, KEY]) {
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    if (key === wrong) await page.getByText("This is no API key of this gateway.").waitFor();
  }
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  const [cookie] = await context.cookies(`${url}/dashboard`);
  assert.ok(cookie?.httpOnly);
  planted("operator's cookie", cookie.value);
  for (const path of ["", "/connections", `/connections/${connectionId}`, "/deliveries", "/codes", "/alarms"]) {
    await page.goto(`${url}/dashboard${path}`);
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await page.getByRole("heading").first().waitFor();
    await look(page, url);
  }
  await close();
}
