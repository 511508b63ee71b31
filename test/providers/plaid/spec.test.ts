/**
 * Plaid's own document judges every endpoint that the provider uses. The other tests of this folder are judged as well
 * where there is a document; this one sees to it that no endpoint escapes, and that the judge can say no.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { HOOKS } from "../../../src/providers/plaid/hooks.ts";
import { hookFor } from "./fixture/hooks.ts";
import { INVESTS } from "./fixture/data.ts";
import { ROUTES } from "./fixture/routes.ts";
import { amend, finishLink, plaidErrorOf, standing, withdraw } from "./fixture/world.ts";
import { facts, faultsOf, play, START } from "./played.ts";
import { specJudge, WHY_NO_JUDGE } from "./spec-judge.ts";

const judge = specJudge();

test("every request and every answer is as Plaid's own document has it", {
  skip: judge ? false : WHY_NO_JUDGE,
}, async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const rich = {
    ...START,
    institutionRef: "ins_900001",
    redirectUrl: "https://a.example/",
    webhookUrl: "https://a.example/w",
  };
  facts(await provider.startLink.run(call, rich));
  const { held, item } = await played.link();
  const { body, headers } = hookFor(item, "ITEM", "ERROR");
  const incoming = { method: "POST", url: rich.webhookUrl, headers, body: Buffer.from(body), at: Date.now() };
  const keys = { get: async () => null, put: async () => undefined };
  assert.deepEqual(facts(await provider.verifyWebhook!.run(call, { incoming, keys })), { genuine: true });
  const { state } = facts(await provider.startRepair!.run(call, { ...rich, ...held }));
  finishLink(world, state);
  facts(await provider.finishRepair!.run(call, { ...held, state, proof: {} }));
  const hooked = { credential: held.credential, webhookUrl: rich.webhookUrl };
  for (const _ of ["once", "again"]) facts(await provider.adopt!.run(call, hooked));
  assert.equal(item.webhook, rich.webhookUrl);
  const turns = played.plaid.exchanges.filter(({ path }) => path === "/item/webhook/update");
  assert.equal(turns.length, 1, "what points there already is left alone");
  const lost = facts(await provider.startLink.run(call, START));
  finishLink(world, lost.state);
  facts(await provider.finishLink.run(call, { state: lost.state, proof: {} }));

  const invested = facts(
    await provider.startLink.run(call, { ...rich, products: provider.products, optionalProducts: [] }),
  );
  const broker = finishLink(world, invested.state, INVESTS);
  const { ref, credential } = facts(
    await provider.finishLink.run(call, { state: invested.state, proof: { publicToken: broker } }),
  );
  const investor = { ref, credential, products: provider.products };
  facts(await provider.readIdentifiers!.run(call, investor));
  facts(await provider.readOwners!.run(call, investor));
  facts(await provider.readBalances!.run(call, investor));
  facts(await provider.readHoldings!.run(call, investor));
  const orders = facts(await provider.readInvestmentTransactions!.run(call, { ...investor, cursor: null }));
  facts(await provider.readInvestmentTransactions!.run(call, { ...investor, cursor: orders.cursor }));
  facts(await provider.refresh!.run(call, investor));
  const withdrawn = world.items.find(({ itemId }) => itemId === ref);
  assert.ok(withdrawn);
  withdrawn.consented = ["transactions"];
  assert.equal((await provider.readOwners!.run(call, investor)).ok, false);
  facts(await provider.startRepair!.run(call, { ...rich, ...investor }));

  const [first, second] = standing(item);
  assert.ok(first && second);
  amend(item, first, { amount: 5 });
  withdraw(item, second);
  const page = facts(await provider.readTransactions!.run(call, { ...held, cursor: null }));
  facts(await provider.readTransactions!.run(call, { ...held, cursor: page.cursor }));
  item.error = plaidErrorOf("INSTITUTION_DOWN", "INSTITUTION_ERROR");
  item.consentExpiresAt = "2027-02-01T00:00:00Z";
  facts(await provider.readConnection!.run(call, held));
  facts(await provider.readAccounts.run(call, held));
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR", "OAUTH_CONSENT_EXPIRED");
  assert.equal((await provider.readAccounts.run(call, held)).ok, false);
  item.error = null;
  facts(await provider.refresh!.run(call, held));
  for (const wanted of [{ search: "heron" }, { ref: "ins_900001" }, {}]) {
    facts(await provider.readInstitutions!.run(call, wanted));
  }
  const [payable] = item.accounts;
  assert.ok(payable);
  for (const processor of ["DWOLLA", "STRIPE"] as const)
    facts(await provider.createProcessorToken!.run(call, { ...held, accountRef: payable.account_id, processor }));
  facts(await provider.consentNeeded!.run(call, investor));
  const met = world.linkTokens.get(lost.state);
  assert.ok(met);
  met.events = [{ name: "ERROR", code: "INVALID_CREDENTIALS" }];
  assert.equal(facts(await provider.readSession!.run(call, { state: lost.state }))[0]?.code, "INVALID_CREDENTIALS");
  facts(await provider.remove!.run(call, held));
  assert.equal((await provider.remove!.run(call, held)).ok, false);

  const sandbox = Object.keys(ROUTES).filter((path) => path.startsWith("/sandbox/"));
  for (const path of sandbox) {
    const body = { institution_id: "ins_900001", initial_products: ["transactions"] };
    const token = { access_token: world.items.at(-1)?.accessToken };
    await fetch(played.plaid.url + path, {
      method: "POST",
      headers: { "plaid-client-id": world.clientId, "plaid-secret": world.secret },
      body: JSON.stringify(path.endsWith("create") ? body : token),
    });
  }

  const seen = new Set(played.plaid.exchanges.map(({ path }) => path));
  assert.deepEqual([...seen].toSorted(), Object.keys(ROUTES).toSorted());
  assert.deepEqual(faultsOf(played.plaid), []);

  // The judge can say no: to a field that nobody knows, to a path, to an answer without its id.
  assert.ok(judge);
  assert.deepEqual(judge.request("POST", "/item/get", { access_token: "a" }), []);
  assert.match(judge.request("POST", "/item/get", { access_token: "a", item: 1 }).join(), /unevaluated/);
  assert.match(judge.request("POST", "/item/got", {}).join(), /not in the document/);
  assert.match(judge.response("POST", "/item/remove", 200, {}).join(), /request_id/);
});

test("every webhook about an Item that Plaid's document has is in the list, but for products that nobody asks for", {
  skip: judge ? false : WHY_NO_JUDGE,
}, () => {
  const foreign = /^(INCOME|PROTECT|CHECK_REPORT): /;
  const published = (judge?.hooks() ?? []).filter((kind) => !foreign.test(kind));
  assert.ok(published.length >= 20, published.join());
  assert.deepEqual(
    published.filter((kind) => !Object.hasOwn(HOOKS, kind)),
    [],
  );
});
