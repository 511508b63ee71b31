// A customer links a bank: by password, second factor, on the bank's own page; slips, retries and reloads included.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../stories/gateway.ts";
import { closeBrowser, inBrowser } from "./chromium.ts";
import { customer, type Customer } from "./customer.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway({ BOWLINE_APPLICATION: "Ledgerly" });
});
after(async () => {
  await closeBrowser();
  await gateway.stop();
});

const CONSENT = "Ledgerly asks to see your bank accounts";

const stateOf = ({ connectionId }: Customer) => gateway.stateOf(connectionId);

/** What has arrived is shown as it arrives; at the end the connection is what the page says. */
async function ends(mira: Customer, bank: string): Promise<void> {
  await mira.sees(`${bank} is connected`);
  await mira.page.getByText("Nobody has to do anything").waitFor();
  assert.equal(await stateOf(mira), "ACTIVE");
  await mira.page.getByText(mira.connectionId).waitFor();
}

test("By name and password, and every screen can be read, reloaded and used", inBrowser, async () => {
  const mira = await customer(gateway);
  await mira.sees(CONSENT);
  assert.equal(mira.page.url(), `${gateway.url}/connect`, "the token is out of the address");
  await mira.judged("consent");
  await mira.page.reload();
  await mira.sees(CONSENT);

  await mira.press("Agree and continue");
  await mira.page.getByRole("button", { name: /^Copper Mesa Bank/ }).waitFor();
  await mira.judged("search");
  await mira.page.reload();
  await mira.finds("Copper Mesa Bank");

  await mira.sees("Log in to Copper Mesa Bank");
  await mira.judged("login");
  await mira.page.reload();
  await mira.sees("Log in to Copper Mesa Bank");
  await mira.logsIn("mira", "a-wrong-password-of-mira");
  await mira.page.getByText("Name and password do not belong together").waitFor();
  assert.equal(await mira.page.getByLabel(/^User name/).inputValue(), "mira", "what was typed is kept");
  assert.equal(await mira.page.evaluate("document.activeElement.id"), "password", "and the next try is at hand");
  await mira.judged("wrong password");
  assert.equal(await stateOf(mira), "IN_PROGRESS", "an error in the widget changes no state");
  mira.wrongs.splice(0, 1); // The browser notes every answer that is no success.

  await mira.logsIn("mira");
  await ends(mira, "Copper Mesa Bank");
  await mira.judged("done");
  await mira.page.reload();
  await ends(mira, "Copper Mesa Bank");
  mira.sound();
  await mira.close();
});

test("With a code, sent the way that is chosen", inBrowser, async () => {
  const noor = await customer(gateway);
  await noor.press("Agree and continue");
  await noor.finds("Choose Your Factor Bank");
  await noor.logsIn("noor");
  await noor.sees("One more step");
  await noor.judged("way of the code");
  await noor.page.reload();
  await noor.page.getByLabel("Code in the app").check();
  await noor.press("Continue");
  await noor.sees("Enter the code");
  await noor.judged("code");
  await noor.fill(/four digits/, "9999");
  await noor.press("Continue");
  await noor.page.getByText("That code is not the right one").waitFor();
  noor.wrongs.splice(0, 1);
  await noor.page.reload();
  await noor.fill(/four digits/, "1234");
  await noor.press("Continue");
  await ends(noor, "Choose Your Factor Bank");
  noor.sound();
  await noor.close();
});

test("Sharing one account of several, where the bank asks", inBrowser, async () => {
  const ola = await customer(gateway);
  await ola.press("Agree and continue");
  await ola.finds("Choose Your Accounts Bank");
  await ola.logsIn("ola");
  await ola.sees("Which accounts do you share?");
  await ola.judged("accounts");
  await ola.page.reload();
  const boxes = ola.page.getByRole("checkbox");
  await boxes.first().waitFor();
  const count = await boxes.count();
  assert.ok(count > 1);
  for (let at = 1; at < count; at++) await boxes.nth(at).uncheck();
  await ola.press("Share 1 account");
  await ends(ola, "Choose Your Accounts Bank");
  const { count: linked } = await gateway.good("GET", `/bank-linking/accounts?connectionId=${ola.connectionId}`);
  assert.equal(linked, 1);
  ola.sound();
  await ola.close();
});

test("On the bank's own page, and the page where it began hears of it", inBrowser, async () => {
  const teo = await customer(gateway);
  await teo.press("Agree and continue");
  await teo.finds("Harborlight Bank");
  await teo.sees("Go on at Harborlight Bank");
  await teo.judged("hand-off");
  const [bank] = await Promise.all([
    teo.page.waitForEvent("popup"),
    teo.page.getByRole("link", { name: /Go to Harborlight Bank/ }).click(),
  ]);
  await bank.getByRole("heading", { name: "Log in to share your accounts" }).waitFor();
  await teo.judged("waiting for the bank");
  await bank.getByLabel("Customer name").fill("teo");
  await bank.getByLabel("Password").fill("bad");
  await bank.getByRole("button", { name: "Log in" }).click();
  await bank.getByText("Name and password do not belong together").waitFor();
  teo.wrongs.splice(0, 1); // As above.
  await bank.getByLabel("Password").fill("good");
  await bank.getByRole("button", { name: "Log in" }).click();
  await bank.getByRole("heading", { name: "Which accounts may be read?" }).waitFor();
  // The customer reloads the first page meanwhile: nothing is lost with it.
  await teo.page.reload();
  await Promise.all([bank.waitForEvent("close"), bank.getByRole("button", { name: "Allow" }).click()]);
  await ends(teo, "Harborlight Bank");
  teo.sound();
  await teo.close();
});
