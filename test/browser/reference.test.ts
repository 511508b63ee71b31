// The API's reference: every operation of the document, found, read and called.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { until } from "../process/process.ts";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { accessible, closeBrowser, inBrowser, open } from "./chromium.ts";

interface Listed {
  operationId: string;
  summary: string;
}

let gateway: TestGateway;
let operations: (Listed & { method: string; path: string; answers: string[] })[];

before(async () => {
  gateway = await startGateway({ BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  const { paths } = (await gateway.good("GET", "/openapi.json")) as {
    paths: Record<string, Record<string, Listed & { responses: object }>>;
  };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      ...one,
      method: method.toUpperCase(),
      path,
      answers: Object.keys(one.responses),
    })),
  );
});
after(async () => {
  await closeBrowser();
  await gateway.stop();
});

test("It is served under the strict policy, without a word of its own", async () => {
  const page = await fetch(`${gateway.url}/docs`);
  assert.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy") ?? "";
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  const html = await page.text();
  assert.doesNotMatch(html, /<style|style=|<script(?![^>]*src=)|\son\w+=/, "nothing inline");
});

test("Each operation of the document has its page, which axe finds nothing in", inBrowser, async () => {
  const { page, sound, close } = await open(gateway.url);
  await page.goto(`${gateway.url}/docs`);
  await page.getByRole("heading", { name: "API reference" }).waitFor();
  await accessible(page, "the first page");
  assert.equal(await page.getByRole("navigation").getByRole("link").count(), operations.length);
  for (const { operationId, summary, path } of operations) {
    await page.goto(`${gateway.url}/docs#${operationId}`);
    await page.getByRole("heading", { level: 1, name: summary, exact: true }).waitFor();
    assert.equal(await page.locator(".path code").innerText(), path);
  }
  // One with everything on it, open.
  await page.goto(`${gateway.url}/docs#startConnection`);
  await page.getByRole("heading", { level: 1, name: "Start a link" }).waitFor();
  for (const one of await page.locator("main details > summary").all()) await one.click();
  await accessible(page, "an operation with its examples open");
  await page.goto(`${gateway.url}/docs#searchConnections`);
  await page.getByRole("heading", { level: 2, name: "Parameters" }).waitFor();
  await accessible(page, "an operation with many parameters");
  sound();
  await close();
});

test("The filter finds by word, path and field, and the keyboard alone gets there", inBrowser, async () => {
  const { page, sound, close } = await open(gateway.url, { width: 320, height: 640, scheme: "dark" });
  await page.goto(`${gateway.url}/docs`);
  await page.getByRole("searchbox").waitFor();
  const found = async (typed: string): Promise<string[]> => {
    await page.getByRole("searchbox").fill(typed);
    return page.locator("nav .summary").allInnerTexts();
  };
  assert.ok((await found("start a link")).includes("Start a link"));
  assert.ok((await found("institutionSearchString")).includes("Start a link"));
  assert.ok((await found("get bank-linking transactions")).length > 0);
  assert.deepEqual(await found("no such thing"), []);
  await page.getByRole("searchbox").fill("");
  await page.getByRole("searchbox").blur();
  await page.keyboard.press("/");
  await page.keyboard.type("step the");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Step the gateway's clock" }).waitFor();
  assert.equal(await page.evaluate("document.activeElement.tagName"), "MAIN");
  sound();
  await close();
});

const EVER = "start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z";

/** Calls that need what only a customer, a bank or a provider can bring, and what they answer without it. */
const REFUSED: Record<string, number> = {
  // A key stands in a list's answer alone.
  getActivityByKey: 400,
  // It is for a product that the connection lacks and its bank has.
  updateConnection: 400,
  answerAccounts: 409,
  completeConnection: 400,
  decideTwin: 400,
  getReceivedWebhook: 404,
  // Plaid is not set up here.
  importConnections: 400,
  receiveProviderWebhook: 401,
  returnFromBank: 401,
};

test("The call that each page shows works when it is pasted", { ...inBrowser, timeout: 400_000 }, async () => {
  const { page, close } = await open(gateway.url);
  const brokers = (await gateway.good("GET", "/institutions?name=Invest"))["institutions"] as { id: string }[];
  const products = ["BALANCES", "TRANSACTIONS", "INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS"];
  const receiver = createServer((_, response) => response.writeHead(204).end()).unref();
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const profile = await gateway.good("POST", "/notifications/webhooks", {
    name: "all",
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    eventTypes: [],
  });
  const main = await gateway.link({ institutionId: brokers[0]?.id, products });
  await gateway.aggregated(main);
  const sent = `/notifications/webhooks/${String(profile["id"])}/deliveries?limit=1`;
  await until(async () => ((await gateway.good("GET", sent))["deliveries"] as unknown[]).length > 0, "a delivery");
  const [delivery] = (await gateway.good("GET", sent))["deliveries"] as { eventId: string }[];
  const { refresh } = await gateway.good("POST", `/bank-linking/connections/${main}/refresh`);
  const first = async (path: string, list: string): Promise<string> => {
    const [one] = (await gateway.good("GET", path))[list] as { id: string }[];
    return one?.id ?? "none";
  };
  /** Lists go by ids, which are drawn anew each time; cards and loans have no numbers to make tokens of. */
  const checking = async (): Promise<string> => {
    const { financialAccounts } = await gateway.good("GET", "/bank-linking/accounts?limit=100");
    return (
      (financialAccounts as { id: string; type: string }[]).find(({ type }) => type === "DEPOSITORY")?.id ?? "none"
    );
  };
  const spare = await gateway.good("POST", "/api-keys", { label: "spare", scope: "read" });
  const wrongs: string[] = [];
  for (const { operationId, method, answers } of operations) {
    const started = await gateway.good("POST", "/bank-linking/connect/start", { externalCustomerId: operationId });
    const connectionId = operationId === "getRefresh" ? main : await gateway.link();
    if (operationId === "repairConnection") {
      const state = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
      await gateway.good("POST", `/sandbox/connections/${connectionId}/trouble`, { state });
      await gateway.until(connectionId, state);
    }
    const address = await gateway.good("POST", `/accounts/customers/${String(started["customerId"])}/addresses`, {
      lineOne: "1 Quay Street",
      country: "US",
    });
    const env = {
      PATH: process.env["PATH"] ?? "",
      U: gateway.url,
      K: gateway.key,
      T: String(started["connectToken"]),
      CONNECTION_ID: connectionId,
      REFRESH_ID: (refresh as { id: string }).id,
      FINANCIAL_ACCOUNT_ID: await checking(),
      TRANSACTION_ID: await first("/bank-linking/transactions?limit=1", "financialAccountTransactions"),
      INVESTMENT_HOLDING_ID: await first("/bank-linking/investments/holdings?limit=1", "investmentHoldings"),
      INVESTMENT_TRANSACTION_ID: await first(
        "/bank-linking/investments/transactions?limit=1",
        "investmentTransactions",
      ),
      INSTITUTION_ID: await first("/institutions?limit=1", "institutions"),
      CUSTOMER_ID: String(started["customerId"]),
      WEBHOOK_PROFILE_ID: String(profile["id"]),
      API_KEY_ID: String(spare["id"]),
      EVENT_ID: delivery?.eventId ?? "none",
      RECEIVED_WEBHOOK_ID: connectionId.replace("con_", "pwh_"),
      ADDRESS_ID: String(address["id"]),
      ACTIVITY_ID: await first(`/activity-log?${EVER}&limit=1`, "activities"),
      PROVIDER: "sandbox",
    };
    await page.goto(`${gateway.url}/docs#${operationId}`);
    await page.locator(".path .method").filter({ hasText: method }).waitFor();
    const call = await page.getByRole("region", { name: "the call" }).innerText();
    const { stdout } = await promisify(execFile)("bash", ["-c", `${call} -w '\\n%{http_code}'`], { env });
    const status = Number(stdout.slice(stdout.lastIndexOf("\n")));
    const wanted = REFUSED[operationId] ?? (answers.some((one) => one < "400") ? null : 501);
    const isGood = wanted === null ? status < 400 && answers.includes(String(status)) : status === wanted;
    if (!isGood) wrongs.push(`${operationId}: ${call} answers ${stdout}`);
  }
  receiver.close();
  assert.deepEqual(wrongs, []);
  await close();
});
