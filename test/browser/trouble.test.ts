// What goes wrong on the connect page, and how little of it is lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { closeBrowser, inBrowser, open } from "./chromium.ts";
import { customer, type Customer, repairer } from "./customer.ts";

/** A bound for failure alone: a browser beside the gateway takes its share of a small machine. */
const PATIENCE = 40_000;

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(async () => {
  await closeBrowser();
  await gateway.stop();
});

/** The browser notes every answer that is no success, and every request that fails: what the test brought about. */
const onlyFailures = ({ wrongs }: Customer): void =>
  assert.deepEqual(
    wrongs.filter((wrong) => !/Failed to load resource/.test(wrong)),
    [],
  );

async function atLogin(bank = "Copper Mesa Bank"): Promise<Customer> {
  const mira = await customer(gateway);
  await mira.press("Agree and continue");
  await mira.finds(bank);
  return mira;
}

test("A link that is cut off, used, or run out says what to do", inBrowser, async () => {
  const { page, wrongs, close } = await open(gateway.url);
  await page.goto(`${gateway.url}/connect?connectToken=ses_cut`);
  await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  await page.goto(`${gateway.url}/connect`);
  await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  assert.ok(wrongs.every((wrong) => /401/.test(wrong)));
  await close();

  const mira = await atLogin();
  await mira.logsIn("mira");
  await mira.sees("Copper Mesa Bank is connected");
  await mira.page.goto(`${gateway.url}/connect?connectToken=${mira.token}`);
  await mira.sees("Copper Mesa Bank is connected");
  await gateway.good("DELETE", `/bank-linking/connections/${mira.connectionId}`);
  await mira.page.reload();
  await mira.sees("This link has been used or has run out");
  await mira.judged("used link");
  onlyFailures(mira);
  await mira.close();

  const late = await customer(gateway);
  await late.sees(/asks to see your bank accounts/);
  await gateway.advance("PT4H");
  await late.page.reload();
  await late.sees("This link has run out");
  await late.judged("link run out");
  late.sound();
  await late.close();
});

test(
  "The network goes away at each step: all that was typed stays, and the same step is tried again",
  inBrowser,
  async () => {
    const mira = await customer(gateway);
    const { context, page } = mira;
    await mira.press("Agree and continue");
    await page.getByRole("button", { name: /^Copper Mesa Bank/ }).waitFor();
    await context.setOffline(true);
    await mira.press(/^Copper Mesa Bank/);
    await page.getByText("There is no network right now").waitFor();
    await mira.judged("offline");
    await context.setOffline(false);
    await mira.press("Try again");
    await mira.sees("Log in to Copper Mesa Bank");
    await context.setOffline(true);
    await mira.logsIn("mira");
    await page.getByText("There is no network right now").waitFor();
    assert.equal(await page.getByLabel("Password").inputValue(), "good");
    await context.setOffline(false);
    // Now the bank has answered, and what it gave is lost on the way to the gateway.
    let lost = 0;
    await page.route("**/bank-linking/connect/complete", (route) => (lost++ === 0 ? route.abort() : route.continue()));
    await mira.press("Try again");
    await mira.sees("Copper Mesa Bank is not connected yet");
    await mira.judged("lost on the way");
    await mira.press("Try again");
    await mira.sees("Copper Mesa Bank is connected");
    await gateway.until(mira.connectionId, "ACTIVE", PATIENCE);
    assert.equal(lost, 2);
    onlyFailures(mira);
    await mira.close();
  },
);

test("The answer to the finish is lost, and a reload finds it done", inBrowser, async () => {
  const mira = await atLogin();
  await mira.page.route("**/bank-linking/connect/complete", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await mira.logsIn("mira");
  await mira.page.getByText("There is no network right now").waitFor();
  await mira.page.reload();
  await mira.sees("Copper Mesa Bank is connected");
  onlyFailures(mira);
  await mira.close();
});

test("A bank that is down is told as such, and tried again without typing anew", inBrowser, async () => {
  const mira = await atLogin();
  let asked = 0;
  await mira.page.route("**/farm/sittings/login", (route) =>
    asked++ === 0 ? route.fulfill({ status: 503, body: "<h1>Down</h1>" }) : route.continue(),
  );
  await mira.logsIn("mira");
  await mira.page.getByText("The bank can't be reached right now").waitFor();
  await mira.press("Try again");
  await mira.sees("Copper Mesa Bank is connected");
  assert.equal(asked, 2);
  onlyFailures(mira);
  await mira.close();
});

test(
  "A double click acts once, and the back button leads back and never out of what has happened",
  inBrowser,
  async () => {
    const mira = await atLogin();
    const { page } = mira;
    await mira.sees("Log in to Copper Mesa Bank");
    await page.goBack();
    await mira.sees("Which bank do you use?");
    await page.goBack();
    await mira.sees(/asks to see your bank accounts/);
    await page.goForward();
    await mira.sees("Which bank do you use?");
    await mira.press(/^Lantern Harbor Savings/);
    await mira.sees("Log in to Lantern Harbor Savings");
    let logins = 0;
    let finishes = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/sittings/login")) logins++;
      if (request.url().endsWith("/connect/complete")) finishes++;
    });
    await mira.fill("User name", "mira");
    await mira.fill("Password", "good");
    await page.getByRole("button", { name: "Log in" }).dblclick();
    await mira.sees("Lantern Harbor Savings is connected");
    assert.deepEqual([logins, finishes], [1, 1]);
    await page.goBack();
    await mira.sees("Lantern Harbor Savings is connected");
    await page.goBack();
    await mira.sees("Lantern Harbor Savings is connected");
    mira.sound();
    await mira.close();
  },
);

test("By the keyboard alone, the focus always where the eye is", inBrowser, async () => {
  const mira = await customer(gateway);
  const { page } = mira;
  const { keyboard } = page;
  const focus = () => page.evaluate<string>("document.activeElement.textContent || document.activeElement.id");
  await mira.sees(/asks to see your bank accounts/);
  assert.match(await focus(), /asks to see your bank accounts/);
  await keyboard.press("Tab");
  assert.equal(await focus(), "Agree and continue");
  await keyboard.press("Enter");
  await mira.sees("Which bank do you use?");
  assert.equal(await focus(), "Which bank do you use?");
  await keyboard.press("Tab");
  await keyboard.type("chose yor acounts");
  await page.getByRole("button", { name: /^Choose Your Accounts/ }).waitFor();
  await page.getByText(/^\d+ banks? found\.$/).waitFor();
  await keyboard.press("ArrowDown");
  assert.match(await focus(), /^CY ?Choose Your Accounts Bank/);
  await keyboard.press("ArrowUp");
  assert.equal(await focus(), "typed");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await mira.sees("Log in to Choose Your Accounts Bank");
  await keyboard.press("Tab");
  await keyboard.type("mira");
  await keyboard.press("Tab");
  await keyboard.type("good");
  await keyboard.press("Enter");
  await mira.sees("Which accounts do you share?");
  await keyboard.press("Tab");
  await keyboard.press("Space");
  await page.getByText(/^\d of \d chosen$/).waitFor();
  await keyboard.press("Enter");
  await mira.sees("Choose Your Accounts Bank is connected");
  assert.match(await focus(), /is connected$/);
  mira.sound();
  await mira.close();
});

test("The tab is closed while the customer is at the bank's own page, and nothing is lost", inBrowser, async () => {
  const mira = await atLogin("Harborlight Bank");
  const [bank] = await Promise.all([
    mira.page.waitForEvent("popup"),
    mira.page.getByRole("link", { name: /Go to Harborlight Bank/ }).click(),
  ]);
  await mira.page.close();
  await bank.getByLabel("Customer name").fill("mira");
  await bank.getByLabel("Password").fill("good");
  await bank.getByRole("button", { name: "Log in" }).click();
  await bank.getByRole("button", { name: "Allow" }).click();
  await gateway.until(mira.connectionId, "ACTIVE", PATIENCE);
  mira.sound();
  await mira.close();
});

test("In one tab, without any window: there, no, back again, yes", inBrowser, async () => {
  const mira = await atLogin("Harborlight Bank");
  const { page } = mira;
  await mira.sees("Go on at Harborlight Bank");
  await page.evaluate("window.open = () => null; document.querySelector('a.primary').removeAttribute('target')");
  await page.getByRole("link", { name: /Go to Harborlight Bank/ }).click();
  await page.getByRole("heading", { name: "Log in to share your accounts" }).waitFor();
  await mira.judged("the bank's own page");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "That was all here" }).waitFor();
  assert.equal(page.url(), `${gateway.url}/connect/returned`, "what the bank gave is out of the address");
  await mira.judged("returned");
  await page.getByRole("link", { name: "Go on in this window" }).click();
  await mira.sees("Go on at Harborlight Bank");
  await page.getByText("You said no at the bank").waitFor();
  await page.evaluate("window.open = () => null; document.querySelector('a.primary').removeAttribute('target')");
  await page.getByRole("link", { name: /Go to Harborlight Bank/ }).click();
  await page.getByLabel("Customer name").fill("mira");
  await page.getByLabel("Password").fill("good");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("link", { name: "Go on in this window" }).click();
  await mira.sees("Harborlight Bank is connected");
  mira.sound();
  await mira.close();
});

test("A repair at a bank with a page of its own keeps its two screens", inBrowser, async () => {
  const { institutions } = await gateway.good("GET", "/institutions?name=harborlight");
  const [{ id: institutionId } = { id: "" }] = institutions as { id: string }[];
  const id = await gateway.link({ institutionId });
  await gateway.aggregated(id);
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state: "RECONNECT_REQUIRED/TOKEN_EXPIRED" });
  await gateway.until(id, "RECONNECT_REQUIRED/TOKEN_EXPIRED", PATIENCE);
  const mira = await repairer(gateway, id);
  await mira.sees("Allow Harborlight Bank again");
  await mira.judged("repair at the bank's own page");
  const [bank] = await Promise.all([
    mira.page.waitForEvent("popup"),
    mira.page.getByRole("link", { name: /Go to Harborlight Bank/ }).click(),
  ]);
  await bank.getByLabel("Password").fill("good");
  await bank.getByRole("button", { name: "Log in" }).click();
  await bank.getByRole("button", { name: "Allow" }).click();
  await mira.sees("Harborlight Bank is connected");
  await gateway.until(id, "ACTIVE", PATIENCE);
  mira.sound();
  await mira.close();
});

test("A window that another one has left behind asks no bank, and shows where it stands", inBrowser, async () => {
  const mira = await atLogin();
  const other = await mira.page.context().newPage();
  const chosen = await other.goto(`${gateway.url}/connect`).then(() =>
    other.evaluate(async (token) => {
      const ask = async (method: string, path: string, body?: object) => {
        const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
        const answer = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : null });
        return (await answer.json()) as { institutions?: { id: string }[]; institutionName?: string };
      };
      const { institutions = [] } = await ask("GET", "/bank-linking/connect/institutions?typed=Tallgrass");
      return ask("POST", "/bank-linking/connect/institution", { institutionId: institutions[0]?.id });
    }, mira.token),
  );
  await mira.logsIn("mira");
  await mira.page.getByText("This went on in another window meanwhile").waitFor();
  await mira.sees(`Log in to ${chosen.institutionName ?? "nobody"}`);
  await mira.logsIn("mira");
  await mira.sees(`${chosen.institutionName ?? "nobody"} is connected`);
  await mira.close();
});
