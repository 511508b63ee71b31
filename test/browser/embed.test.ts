// The connect page in a frame of another site's: who may show it, what it tells, to whom, and how it is left.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { accessible, closeBrowser, inBrowser, open } from "./chromium.ts";
import { picture } from "./customer.ts";

interface Site {
  origin: string;
  server: Server;
}

/** A site that includes the script under a strict policy of its own. */
async function site(gatewayOf: () => string): Promise<Site> {
  const server = createServer((request, response) => {
    const gateway = gatewayOf();
    const policy = `default-src 'none'; script-src 'self' ${gateway}; frame-src ${gateway}; img-src 'self'`;
    response.setHeader("content-security-policy", policy);
    if (request.url === "/icon") return void response.writeHead(204).end();
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="/icon"><main>
      <h1>A shop</h1><button id="open">Connect</button></main>
      <script src="${gateway}/connect/embed.js"></script></html>`);
  });
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

let gateway: TestGateway;
let friend: Site;
let stranger: Site;
before(async () => {
  friend = await site(() => gateway.url);
  stranger = await site(() => gateway.url);
  gateway = await startGateway({ BOWLINE_EMBED_ORIGINS: friend.origin });
});
after(async () => {
  await closeBrowser();
  friend.server.close();
  stranger.server.close();
  await gateway.stop();
});

type Told = { name: string; domain: string; origin?: string } & Record<string, unknown>;

async function embedded(page: Page): Promise<{ told: Told[]; connectionId: string }> {
  const started = await gateway.good("POST", "/bank-linking/connect/start", {
    externalCustomerId: `embedded-${crypto.randomUUID()}`,
  });
  const told: Told[] = [];
  await page.exposeFunction("note", (one: Told) => told.push(one));
  await page.evaluate(`
    addEventListener("message", ({ data, origin }) => note({ ...data, name: "raw " + data.eventName, origin }));
    document.getElementById("open").onclick = () => Bowline.open({
      token: ${JSON.stringify(started["connectToken"])},
      onSuccess: (told) => note({ ...told, name: "onSuccess" }),
      onExit: (told) => note({ ...told, name: "onExit" }),
      onEvent: (name, told) => note({ ...told, name: "onEvent " + name }),
    });
  `);
  await page.getByRole("button", { name: "Connect" }).click();
  return { told, connectionId: started["id"] as string };
}

function exitOf(told: readonly Told[]): Told {
  const exits = told.filter(({ name }) => name === "onExit");
  assert.equal(exits.length, 1);
  return exits[0] as Told;
}

const names = (told: readonly Told[]) => told.map(({ name }) => name);

test("A named site opens it, hears what happens under both domains, and gets its focus back", inBrowser, async () => {
  const opened = await open(friend.origin, { origins: [gateway.url], width: 900, height: 800 });
  const { page } = opened;
  await page.goto(friend.origin);
  const { told, connectionId } = await embedded(page);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("button", { name: "Agree and continue" }).click();
  await frame.getByRole("button", { name: /^Copper Mesa Bank/ }).click();
  await frame.getByLabel("User name").fill("mira");
  await frame.getByLabel("Password").fill("bad");
  await frame.getByRole("button", { name: "Log in" }).click();
  await frame.getByText("do not belong together").waitFor();
  opened.wrongs.splice(0, 1); // The browser notes every answer that is no success.
  const inner = page.frames().find((one) => one.url().startsWith(`${gateway.url}/connect`));
  assert.ok(inner);
  assert.equal(inner.url(), `${gateway.url}/connect`, "the token is out of the address");
  await accessible(page, "in a frame", inner);
  await frame.getByLabel("Password").fill("good");
  await frame.getByRole("button", { name: "Log in" }).click();
  await frame.getByText("Nobody has to do anything").waitFor();
  await picture(page, "embedded");

  const raw = told.filter(({ name }) => name.startsWith("raw"));
  assert.ok(raw.every(({ origin }) => origin === gateway.url));
  const complete = raw.filter(({ name }) => name === "raw connect_complete");
  assert.deepEqual(
    complete.map(({ domain }) => domain),
    ["bowline", "meld-connect"],
  );
  for (const one of complete) {
    assert.equal(one["institutionName"], "Copper Mesa Bank");
    assert.equal(one["connectionId"], connectionId);
    assert.ok("accountCount" in one && "accounts" in one && "institutionId" in one);
  }
  assert.equal(raw[0]?.name, "raw init");
  const error = raw.find(({ name }) => name === "raw error");
  assert.equal(error?.["reason"], "BANK-2001");
  assert.match(String(error?.["metadata"]), /^details=.+&reason=BANK-2001$/);
  assert.equal(names(told).filter((name) => name === "onSuccess").length, 1);
  assert.ok(names(told).includes("onEvent debug"));

  await frame.getByRole("button", { name: "Done" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(exitOf(told)["finished"], true);
  assert.equal(await page.evaluate("document.activeElement.id"), "open", "the focus is back where it was");
  opened.sound();
  await opened.close();
});

test("Escape closes it from inside and from outside, and the focus stays in while it is open", inBrowser, async () => {
  const opened = await open(friend.origin, { origins: [gateway.url] });
  const { page } = opened;
  await page.goto(friend.origin);
  const { told } = await embedded(page);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("heading").first().waitFor();
  await frame.getByRole("button", { name: "Agree and continue" }).focus();
  for (let presses = 0; presses < 6; presses++) {
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate("document.activeElement.id"), "open", "the page behind is out of reach");
  }
  await frame.getByRole("button", { name: "Agree and continue" }).focus();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(exitOf(told)["finished"], false);
  await page.getByRole("button", { name: "Connect" }).click();
  await frame.getByRole("heading").first().waitFor();
  await page.evaluate("document.querySelector('dialog').focus()");
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  opened.sound();
  await opened.close();
});

test("A site that is not named can't show it, and hears nothing", inBrowser, async () => {
  const opened = await open(stranger.origin, { origins: [gateway.url] });
  const { page, wrongs } = opened;
  await page.goto(stranger.origin);
  const refused = page.waitForEvent("console", (message) => /frame-ancestors/.test(message.text()));
  const { told } = await embedded(page);
  assert.equal((await refused).type(), "error");
  assert.ok(
    wrongs.every((wrong) => /frame-ancestors/.test(wrong)),
    wrongs.join("\n"),
  );
  assert.deepEqual(told, []);
  // Nobody is left before a frame that has no button.
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(exitOf(told)["reason"], "NOT_LOADED");
  await opened.close();
});

test("A message of somebody else's is not believed", inBrowser, async () => {
  const opened = await open(friend.origin, { origins: [gateway.url] });
  const { page } = opened;
  await page.goto(friend.origin);
  const { told } = await embedded(page);
  await page.frameLocator("iframe").getByRole("heading").first().waitFor();
  await page.evaluate(`new Promise((heard) => {
    addEventListener("message", ({ data }) => data.last && heard());
    postMessage({ domain: "bowline", eventName: "connect_complete" }, "*");
    postMessage({ domain: "bowline", eventName: "exit", last: true }, "*");
  })`);
  assert.deepEqual(
    names(told).filter((name) => name === "onSuccess" || name === "onExit"),
    [],
  );
  assert.equal(await page.locator("dialog").count(), 1);
  await opened.close();
});

const bytesOf = async (path: string): Promise<number> =>
  gzipSync(Buffer.from(await (await fetch(`${gateway.url}${path}`)).arrayBuffer()), { level: 9 }).length;

test("The script is less than 3 KB, and the first screen less than 40 KB, compressed", async () => {
  const script = await bytesOf("/connect/embed.js");
  assert.ok(script < 3 * 1024, `${script} bytes`);
  const html = await (await fetch(`${gateway.url}/connect`)).text();
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
  assert.ok(files.length >= 3, "a script, a style sheet and an icon");
  const all = await Promise.all(["/connect", ...files].map(bytesOf));
  const total = all.reduce((sum, one) => sum + one, 0);
  assert.ok(total < 40 * 1024, `${total} bytes`);
});
