// The operator's pages in a browser: how soon one learns why a connection is broken, what survives a reload, what may
// be done, and that news come by themselves.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { STATES } from "../../src/core/status/table.ts";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { accessible, closeBrowser, inBrowser, open } from "./chromium.ts";

const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";

let gateway: TestGateway;
let broken: string;
let healthy: string;
before(async () => {
  gateway = await startGateway();
  healthy = await gateway.link({ externalCustomerId: "ada" });
  broken = await gateway.link({ externalCustomerId: "grace" });
  await gateway.aggregated(broken);
  await gateway.good("POST", `/sandbox/connections/${broken}/trouble`, { state: LOGIN });
  await gateway.until(broken, LOGIN);
});
after(async () => {
  await closeBrowser();
  await gateway.stop();
});

const start = async (path = "/dashboard") => {
  const opened = await open(gateway.url);
  await opened.page.goto(gateway.url + path);
  return opened;
};

test("The first page is the table: 23 rows with their counts, and the picture of the moves", inBrowser, async () => {
  const { page, sound, close } = await start();
  const rows = page.locator("table.states tbody tr");
  await rows.first().waitFor();
  assert.equal(await rows.count(), STATES.length);
  const line = page.getByRole("row", { name: /New login needed/ });
  assert.match(await line.innerText(), /RECONNECT_REQUIRED\s*\/LOGIN_REQUIRED[\s\S]*Customer[\s\S]*\b1\b[\s\S]*\+1 −0/);
  await page.getByText("The same in words").click();
  assert.match(await page.locator("table.moves").innerText(), /Active\s+New login needed\s+1/);
  assert.equal(await page.locator("path.arc.bad").count(), 1);
  await accessible(page, "the table");
  sound();
  await close();
});

test("Why a connection is broken is found in two clicks", inBrowser, async () => {
  const { page, sound, close } = await start();
  await page.getByRole("link", { name: "New login needed" }).click();
  await page.getByRole("link", { name: "grace" }).click();
  const why = page.getByRole("region", { name: "Why" });
  await why.waitFor();
  assert.match(await why.innerText(), /BANK-4001/);
  assert.match(await page.getByRole("region", { name: "What happens next" }).innerText(), /customer has to act/);
  assert.match(await page.locator("ol.timeline").first().innerText(), /New login needed[\s\S]*BANK-4001/);
  await accessible(page, "a connection");
  sound();
  await close();
});

test("Filters are in the address and survive a reload, and back leads back", inBrowser, async () => {
  const { page, sound, close } = await start("/dashboard/connections");
  const lines = page.locator("table.list tbody tr");
  await lines.first().waitFor();
  assert.equal(await lines.count(), 2);
  await page.getByLabel("Who acts").selectOption("customer");
  await page.getByRole("link", { name: "ada" }).waitFor({ state: "detached" });
  assert.match(page.url(), /\?actor=customer$/);
  await page.reload();
  await lines.first().waitFor();
  assert.equal(await lines.count(), 1);
  assert.equal(await page.getByLabel("Who acts").inputValue(), "customer");
  await page.getByLabel("State", { exact: true }).selectOption("all DEGRADED");
  await page.getByText("No connection is like this.").waitFor();
  await page.getByRole("link", { name: "Clear" }).click();
  await page.getByRole("link", { name: "ada" }).waitFor();
  await page.getByLabel("Customer").fill("grace");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "ada" }).waitFor({ state: "detached" });
  await page.getByRole("link", { name: "grace" }).click();
  await page.getByRole("region", { name: "Why" }).waitFor();
  await page.goBack();
  await lines.first().waitFor();
  assert.match(page.url(), /customer=grace/);
  await accessible(page, "the list");
  sound();
  await close();
});

test("The keyboard alone finds and opens a connection", inBrowser, async () => {
  const { page, sound, close } = await start("/dashboard/connections");
  await page.getByRole("link", { name: "ada" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /for grace/ }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /for ada/ }).waitFor();
  assert.ok(page.url().endsWith(healthy));
  await page.keyboard.press("/");
  await page.keyboard.type("nobody at all");
  await page.keyboard.press("Enter");
  await page.getByText("Nothing here goes by that.").waitFor();
  await accessible(page, "a search without a hit");
  sound();
  await close();
});

test("What happens elsewhere is seen without a reload", inBrowser, async () => {
  const { page, sound, close } = await start();
  const count = page.getByRole("row", { name: /Bank asks for something/ });
  await count.waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  assert.doesNotMatch(await count.innerText(), /\+1/);
  const other = await gateway.link({ externalCustomerId: "joan" });
  await gateway.aggregated(other);
  const state = "DEGRADED/INSTITUTION_ACTION_REQUIRED";
  await gateway.good("POST", `/sandbox/connections/${other}/trouble`, { state });
  await page.getByRole("row", { name: /Bank asks for something .*1 \+1 −0/ }).waitFor();
  sound();
  await close();
});

test("A refresh, a reconnect link and a ticket are a click away", inBrowser, async () => {
  const { page, sound, close } = await start(`/dashboard/connections/${broken}`);
  await page.getByRole("button", { name: "Reconnect link" }).click();
  const link = page.getByRole("dialog", { name: "A link for the customer" });
  await link.waitFor();
  assert.match(await link.innerText(), new RegExp(`${gateway.url}/connect\\?connectToken=`));
  await accessible(page, "the reconnect link");
  await page.keyboard.press("Escape");
  await link.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Provider ticket" }).click();
  const ticket = page.getByRole("dialog", { name: /ticket/ });
  assert.match(await ticket.locator("pre").innerText(), /Our connection id: +con_[\s\S]*BANK-4001/);
  assert.doesNotMatch(await ticket.innerText(), /grace/);
  await accessible(page, "the ticket");
  await ticket.getByRole("button", { name: "Close" }).click();
  await gateway.good("DELETE", `/sandbox/connections/${broken}/trouble`);
  await page.getByRole("button", { name: "Refresh now" }).click();
  await page.getByText(/A refresh was asked for: rfr_/).waitFor();
  await gateway.until(broken, "ACTIVE");
  await page.locator(".title .badge", { hasText: "Active" }).waitFor();
  await page.getByRole("link", { name: "Refreshes" }).click();
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  await accessible(page, "the refreshes");
  for (const [view, words] of [
    ["Webhooks out", "Connection status change"],
    ["Webhooks in", /The provider sent none|Read made due/],
  ] as const) {
    await page.getByRole("link", { name: view }).click();
    await page.getByText(words).first().waitFor();
    await accessible(page, view);
  }
  sound();
  await close();
});

test("A connection is deleted by typing its customer's name, and not otherwise", inBrowser, async () => {
  const id = await gateway.link({ externalCustomerId: "mary" });
  const { page, sound, close } = await start(`/dashboard/connections/${id}`);
  await page.getByRole("button", { name: "Delete…" }).click();
  const box = page.getByRole("dialog", { name: "Delete this connection" });
  const sure = box.getByRole("button", { name: "Delete for good" });
  await box.getByRole("textbox").fill("mar");
  assert.equal(await sure.isDisabled(), true);
  await page.keyboard.press("Enter");
  assert.notEqual(await gateway.stateOf(id), "DELETED");
  await box.getByRole("textbox").fill("mary");
  await accessible(page, "the deletion");
  await sure.click();
  await page.locator(".title .badge", { hasText: "Deleted" }).waitFor();
  assert.equal(await gateway.stateOf(id), "DELETED");
  await accessible(page, "a deleted connection");
  sound();
  await close();
});

test("As many tabs as somebody opens hear the news, and none keeps the others from loading", inBrowser, async () => {
  const { page, sound, close } = await start(`/dashboard/connections/${healthy}`);
  const tabs = [page];
  while (tabs.length < 8) {
    const tab = await page.context().newPage();
    await tab.goto(`${gateway.url}/dashboard/connections/${healthy}`);
    tabs.push(tab);
  }
  for (const tab of tabs) await tab.getByRole("heading", { level: 1 }).waitFor();
  // The one that had the stream goes, and another takes it up.
  await tabs.shift()?.close();
  await gateway.good("POST", `/sandbox/connections/${healthy}/trouble`, { state: LOGIN });
  for (const tab of tabs) await tab.getByRole("region", { name: "Why" }).getByText("BANK-4001").first().waitFor();
  await gateway.good("DELETE", `/sandbox/connections/${healthy}/trouble`);
  sound();
  await close();
});
