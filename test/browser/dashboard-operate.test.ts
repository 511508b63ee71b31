// The operator's pages where a key is asked for: signing in and out, deliveries and replay, unknown codes, alarms.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { accessible, closeBrowser, inBrowser, open } from "./chromium.ts";

let gateway: TestGateway;
let url: string;
const receiver = createServer((_request, answer) => answer.writeHead(500).end());
before(async () => {
  await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
  gateway = await startGateway({ BOWLINE_HOST: "0.0.0.0", BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  url = `http://127.0.0.1:${new URL(gateway.url).port}`;
});
after(async () => {
  await closeBrowser();
  await gateway.stop();
  receiver.closeAllConnections();
  receiver.close();
});

const start = async (path: string, key = gateway.key) => {
  const opened = await open(url);
  await opened.page.goto(`${url}${path}`);
  await opened.page.getByLabel("API key").fill(key);
  await opened.page.keyboard.press("Enter");
  await opened.page.getByRole("button", { name: "Sign out" }).waitFor();
  return opened;
};

test(
  "Nothing is shown without a key, a wrong one is told, and the right one is kept by no script",
  inBrowser,
  async () => {
    const opened = await open(url);
    const { page, context } = opened;
    await page.goto(`${url}/dashboard/connections?state=ACTIVE`);
    await page.getByLabel("API key").fill("no-key-of-this-gateway");
    await accessible(page, "signing in");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This is no API key of this gateway.").waitFor();
    // The browser itself tells the 401 on its console.
    opened.wrongs.splice(0);
    await page.getByLabel("API key").fill(gateway.key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Connections" }).waitFor();
    assert.match(page.url(), /state=ACTIVE$/);
    const [cookie, ...others] = await context.cookies(`${url}/dashboard`);
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, others.length], [true, "Strict", 0]);
    const kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
    assert.equal(kept, '[{},{},""]');
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("API key").waitFor();
    assert.deepEqual(await context.cookies(`${url}/dashboard`), []);
    opened.sound();
    await opened.close();
  },
);

test("An endpoint that fails is seen, and what it missed is sent again", inBrowser, async () => {
  const { port } = receiver.address() as AddressInfo;
  const hook = { name: "ledger", url: `http://127.0.0.1:${port}/hook` };
  const { id } = await gateway.good("POST", "/notifications/webhooks", hook);
  const connection = await gateway.link({ externalCustomerId: "ada" });
  await gateway.aggregated(connection);
  const { page, sound, close } = await start("/dashboard/deliveries");
  await page.getByText("Failing", { exact: true }).waitFor();
  await page.getByRole("link", { name: "ledger" }).click();
  const line = page.locator("ol.records li").first();
  await line.waitFor();
  assert.match(await page.locator("ol.records").innerText(), /Connection completed/);
  await accessible(page, "the deliveries");
  await line.getByRole("button", { name: /Replay/ }).click();
  await page.getByText("1 is sent again.").waitFor();
  await page.getByRole("link", { name: "its connection" }).first().click();
  await page
    .getByRole("button", { name: /Replay event/ })
    .first()
    .click();
  await page.getByText("Sent to ledger again.").waitFor();
  await accessible(page, "a connection's events");
  await page.getByRole("searchbox").fill(String(id));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What was sent to ledger" }).waitFor();
  sound();
  await close();
});

test("Whoever may only look is offered nothing that changes anything", inBrowser, async () => {
  const { secret } = await gateway.good("POST", "/api-keys", { label: "looks", scope: "read" });
  // The one whose events the endpoint missed.
  const { connections } = await gateway.good("GET", "/bank-linking/connections?externalCustomerId=ada");
  const connection = (connections as { id: string }[])[0]?.id ?? "";
  const changing = /^(Refresh now|Reconnect link|Delete|Misbehave|Behave|Replay|Switch on)/;
  const found: Record<string, number[]> = { read: [], admin: [] };
  for (const [scope, key] of [
    ["read", String(secret)],
    ["admin", gateway.key],
  ] as const) {
    const { page, sound, close } = await start(`/dashboard/connections/${connection}`, key);
    await page.getByRole("button", { name: "Provider ticket" }).waitFor();
    found[scope]?.push(await page.getByRole("button", { name: changing }).count());
    await page.goto(`${url}/dashboard/connections/${connection}?show=events`);
    await page.locator("ol.records li .delivery").first().waitFor();
    found[scope]?.push(await page.locator("ol.records").getByRole("button").count());
    await page.goto(`${url}/dashboard/deliveries`);
    await page.getByRole("link", { name: "ledger" }).click();
    await page.locator("ol.records li").first().waitFor();
    found[scope]?.push(await page.getByRole("button", { name: changing }).count());
    sound();
    await close();
  }
  assert.deepEqual(found["read"], [0, 0, 0]);
  assert.ok(found["admin"]?.every((count) => count > 0) && found["admin"][0] === 5, JSON.stringify(found));
});

test("Unknown codes and alarms say what they are and what to do", inBrowser, async () => {
  const connection = await gateway.link({ externalCustomerId: "odd" });
  await gateway.aggregated(connection);
  const state = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
  await gateway.good("POST", `/sandbox/connections/${connection}/trouble`, { state });
  await gateway.until(connection, state);
  await gateway.sql.query(
    `insert into incident (id, kind, provider, subject, opened_at, last_at, count, detail)
     values ('inc_x', 'revocation-stuck', 'SANDBOX', 'x', now(), now(), 3,
       jsonb_build_object('connectionId', $1::text))`,
    [connection],
  );
  const { page, sound, close } = await start("/dashboard/codes");
  await page.getByRole("heading", { name: "BANK-7302" }).waitFor();
  await page.getByText("The latest answer").click();
  await accessible(page, "the unknown codes");
  await page.getByRole("link", { name: "see them" }).click();
  await page.getByRole("link", { name: "odd" }).waitFor();
  await page.getByRole("link", { name: "Alarms" }).click();
  await page.getByRole("heading", { name: "A removal is not confirmed" }).waitFor();
  await accessible(page, "the alarms");
  await page.getByRole("link", { name: connection }).click();
  await page.getByRole("heading", { name: /for odd/ }).waitFor();
  sound();
  await close();
});

test("The pages are fewer than 150 KB, compressed", async () => {
  const html = await (await fetch(`${url}/dashboard`)).text();
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
  assert.ok(files.length >= 2, "a script and a style sheet");
  const sizes = await Promise.all(
    files.map(async (path) => gzipSync(Buffer.from(await (await fetch(url + path)).arrayBuffer())).length),
  );
  const all = sizes.reduce((sum, size) => sum + size, gzipSync(html).length);
  assert.ok(all > 5_000 && all < 150_000, `${all} bytes`);
});
