// A customer comes back to a connection in trouble, or with a login that seems to be linked already.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { STATES } from "../../src/core/status/table.ts";
import { MESSAGES, turnOf } from "../../src/widget/texts/states.ts";
import { type Json, startGateway, type TestGateway } from "../stories/gateway.ts";
import { closeBrowser, inBrowser } from "./chromium.ts";
import { customer, repairer } from "./customer.ts";

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

const WRONG = "RECONNECT_REQUIRED/LOGIN_REQUIRED";

async function broken(more: Json = {}): Promise<string> {
  const id = await gateway.link(more);
  await gateway.aggregated(id);
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state: WRONG });
  await gateway.until(id, WRONG, PATIENCE);
  return id;
}

test("Each of the 23 states names the bank or says whose fault it is, says whose turn it is, and leads on", () => {
  for (const state of STATES) {
    const { title, text, action } = MESSAGES[state]("Tidewater Bank");
    const said = `${title} ${text}`;
    assert.ok(said.includes("Tidewater Bank") || state === "DELETED", `${state}: ${said}`);
    assert.doesNotMatch(said, /\{|undefined/, state);
    assert.match(turnOf(state, "Tidewater Bank"), /turn|Nobody/, state);
    assert.ok(["repair", "close"].includes(action), state);
  }
  const all = STATES.map((state) => MESSAGES[state]("Tidewater Bank").text);
  assert.equal(new Set(all).size, STATES.length, "no two states say the same");
});

test("A repair skips the picker and takes two screens", inBrowser, async () => {
  const id = await broken();
  const mira = await repairer(gateway, id);
  const seen: string[] = [];
  await mira.page.exposeFunction("noted", (heading: string) => seen.push(heading));
  await mira.sees("Log in to Copper Mesa Bank again");
  await mira.page.getByText("It is your turn").waitFor();
  await mira.page.getByText("no longer takes the login").waitFor();
  await mira.page.getByText(id).waitFor();
  await mira.judged("repair");
  await mira.page.evaluate(`new MutationObserver(() => {
    const heading = document.querySelector("h1")?.textContent ?? "";
    if (!document.querySelector(".finish")) noted(heading);
  }).observe(document.body, { childList: true, subtree: true, characterData: true })`);
  await mira.page.reload();
  await mira.fill("Password", "good");
  await mira.press("Log in");
  await mira.sees("Copper Mesa Bank is connected");
  await gateway.until(id, "ACTIVE", PATIENCE);
  await mira.page.getByText("Nobody has to do anything").waitFor();
  const screens = new Set(seen.filter((heading) => heading !== "Loading"));
  assert.ok(screens.size <= 2, [...screens].join(" → "));
  mira.sound();
  await mira.close();
});

test("Somebody else's login does not repair it", inBrowser, async () => {
  const id = await broken();
  const mira = await repairer(gateway, id);
  await mira.logsIn("somebody else");
  await mira.page.getByText("That is somebody else's login").waitFor();
  assert.equal(await gateway.stateOf(id), WRONG);
  await mira.close();
});

async function linkedTwice(): Promise<{ first: string; externalCustomerId: string }> {
  const externalCustomerId = `twin-${crypto.randomUUID()}`;
  const mira = await customer(gateway, { externalCustomerId });
  await mira.press("Agree and continue");
  await mira.finds("New Ids Bank");
  await mira.logsIn("mira");
  await mira.sees("New Ids Bank is connected");
  await gateway.aggregated(mira.connectionId);
  await mira.close();
  return { first: mira.connectionId, externalCustomerId };
}

test("A login that seems to be linked already is asked about, and kept", inBrowser, async () => {
  const { first, externalCustomerId } = await linkedTwice();
  const again = await customer(gateway, { externalCustomerId });
  await again.press("Agree and continue");
  await again.finds("New Ids Bank");
  await again.logsIn("mira");
  await again.sees("You seem to have connected this login already");
  await again.judged("twin");
  await again.page.reload();
  await again.sees("You seem to have connected this login already");
  await again.press("Keep the one I have");
  await again.sees("New Ids Bank is connected");
  await again.page.getByText(first).waitFor();
  assert.equal(await gateway.stateOf(first), "ACTIVE");
  assert.equal(await gateway.stateOf(again.connectionId), "IN_PROGRESS", "nothing was exchanged");
  again.sound();
  await again.close();

  const third = await customer(gateway, { externalCustomerId });
  await third.press("Agree and continue");
  await third.finds("New Ids Bank");
  await third.logsIn("mira");
  await third.press(/connect it too/);
  await third.sees("New Ids Bank is connected");
  await gateway.until(third.connectionId, "ACTIVE", PATIENCE);
  assert.equal(await gateway.stateOf(first), "ACTIVE", "two honest logins live side by side");
  third.sound();
  await third.close();
});

test("Keeping a twin that is in trouble leads straight into its repair", inBrowser, async () => {
  const { first, externalCustomerId } = await linkedTwice();
  await gateway.good("POST", `/sandbox/connections/${first}/trouble`, { state: WRONG });
  await gateway.until(first, WRONG, PATIENCE);
  const again = await customer(gateway, { externalCustomerId });
  await again.press("Agree and continue");
  await again.finds("New Ids Bank");
  await again.logsIn("mira");
  await again.press("Mend the one I have");
  await again.sees("Log in to New Ids Bank again");
  await again.fill("Password", "good");
  await again.press("Log in");
  await again.sees("New Ids Bank is connected");
  await gateway.until(first, "ACTIVE", PATIENCE);
  again.sound();
  await again.close();
});

test("A repair that brings new accounts asks which is which, and one screen answers it", inBrowser, async () => {
  const { institutions } = await gateway.good("GET", "/institutions?name=twin%20savings");
  const [{ id: institutionId } = { id: "" }] = institutions as { id: string }[];
  const id = await gateway.link({ institutionId, products: ["BALANCES", "TRANSACTIONS"] });
  await gateway.aggregated(id);
  const accountsOf = async () => {
    const { financialAccounts } = await gateway.good("GET", `/bank-linking/accounts?connectionId=${id}`);
    return (financialAccounts as { id: string }[]).map((account) => account.id).sort();
  };
  const before = await accountsOf();
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state: WRONG });
  await gateway.until(id, WRONG, PATIENCE);
  const mira = await repairer(gateway, id);
  await mira.fill("Password", "good");
  await mira.press("Log in");
  await mira.sees("Which account is which?");
  await mira.judged("which account is which");
  await mira.page.reload();
  await mira.sees("Which account is which?");
  const choices = mira.page.getByRole("combobox");
  assert.equal(await choices.count(), 2);
  for (const place of [0, 1]) await choices.nth(place).selectOption({ index: 1 });
  await mira.press("Continue");
  await mira.sees("Twin Savings Bank is connected");
  await gateway.until(id, "ACTIVE", PATIENCE);
  assert.deepEqual(await accountsOf(), before, "no account is there twice");
  mira.wrongs.splice(0, 1); // The browser notes that the finish was answered with a question.
  mira.sound();
  await mira.close();
});

test("What a login does not mend asks for none: it says whose turn it is, and lets one try", inBrowser, async () => {
  const id = await gateway.link();
  await gateway.aggregated(id);
  const state = "UNRECOVERABLE/INSTITUTION_DISABLED";
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state });
  await gateway.until(id, state, PATIENCE);
  const mira = await repairer(gateway, id);
  await mira.sees("Copper Mesa Bank is no longer supported");
  await mira.page.getByText(turnOf(state, "Copper Mesa Bank")).waitFor();
  assert.equal(await mira.page.getByLabel("Password").count(), 0);
  await mira.judged("notice");
  await mira.press("Log in all the same");
  await mira.page.getByLabel("Password").waitFor();
  mira.sound();
  await mira.close();
});

test("A session that runs out under the customer's hands says so, and blames no bank", inBrowser, async () => {
  const at = { search: await customer(gateway), repair: await repairer(gateway, await broken()) };
  await at.search.press("Agree and continue");
  await at.search.sees("Which bank do you use?");
  await at.repair.page.getByLabel("Password").waitFor();
  await gateway.good("POST", "/sandbox/clock", { advance: "PT5H" });
  await at.search.fill("Search by name", "Copper");
  await at.search.sees(/^This link has .*run out$/);
  await at.repair.fill("Password", "good");
  await at.repair.press("Log in");
  await at.repair.sees(/^This link has .*run out$/);
  for (const one of Object.values(at)) await one.close();
});

test("A tab that is lost at the second factor is found again there", inBrowser, async () => {
  const mira = await customer(gateway);
  const url = `${gateway.url}/connect?connectToken=${encodeURIComponent(mira.token)}`;
  await mira.press("Agree and continue");
  await mira.finds("Second Factor Bank");
  await mira.logsIn("mira");
  await mira.sees("Enter the code");
  const next = await mira.page.context().newPage();
  await mira.page.close();
  await next.goto(url);
  await next.getByRole("heading", { name: "Enter the code" }).waitFor();
  await mira.close();
});
