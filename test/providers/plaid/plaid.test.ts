/** The verbs in the order in which a connection lives: linked, read, healed, removed. */
import assert from "node:assert/strict";
import test from "node:test";
import { categoryOf } from "../../../src/providers/plaid/categories.ts";
import type { Call } from "../../../src/providers/provider.ts";
import { dayOf } from "./fixture/data.ts";
import {
  amend,
  createWorld,
  failNext,
  finishLink,
  plaidErrorOf,
  post,
  spend,
  standing,
  withdraw,
} from "./fixture/world.ts";
import { START, facts, play, trouble } from "./played.ts";

const DAY = 86_400_000;

test("a link starts with transactions, whatever was asked for, and with all the history there is", async () => {
  await using played = await play({ clientName: "Heron Books" });
  const asked = { ...START, products: ["BALANCES"] as const, webhookUrl: "https://gateway.example/hook" };
  const { state, page } = facts(await played.provider.startLink.run(played.call, asked));
  assert.equal(page["linkToken"], state);
  assert.ok(Date.parse(page["expiration"] ?? "") > Date.now());
  const body = played.plaid.exchanges[0]?.body ?? {};
  assert.deepEqual(body["products"], ["transactions"]);
  assert.deepEqual(body["transactions"], { days_requested: 730 });
  assert.deepEqual(body["user"], { client_user_id: "cus_1" });
  assert.equal(body["client_name"], "Heron Books");
  assert.equal(body["webhook"], "https://gateway.example/hook");
  assert.equal("access_token" in body, false);
});

test("a finished link names the Item and its bank, and keeps the token of the one exchange", async () => {
  await using played = await play();
  const { linked, item } = await played.link();
  assert.equal(linked.ref, item.itemId);
  assert.equal(linked.credential, item.accessToken);
  assert.deepEqual(linked.institution, { ref: "ins_900001", name: "First Heron Bank" });
  assert.equal(linked.statements.interactive, false);
  assert.equal(linked.statements.consentExpiresAt, null);
});

test("a public token is exchanged once", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { state } = facts(await provider.startLink.run(call, START));
  const proof = { publicToken: finishLink(world, state) };
  facts(await provider.finishLink.run(call, { state, proof }));
  const again = trouble(await provider.finishLink.run(call, { state, proof }));
  assert.deepEqual([again.scope, again.state, again.raw.code], ["session", null, "INVALID_PUBLIC_TOKEN"]);
  assert.equal(world.items.length, 1);
});

test("the exchanged token is never lost, though the look at the Item fails", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { state } = facts(await provider.startLink.run(call, START));
  const broken: Call = {
    ...call,
    fetch: (url, init) =>
      url.endsWith("/item/get") ? Promise.reject(new TypeError("fetch failed")) : call.fetch(url, init),
  };
  for (const way of [call, broken]) {
    const proof = { publicToken: finishLink(world, state), institutionId: "ins_900001", institutionName: "Heron" };
    world.failures = [{ path: "/item/get", status: 502, body: "<html>", times: 1 }];
    const linked = facts(await provider.finishLink.run(way, { state, proof }));
    assert.equal(linked.credential, world.items.at(-1)?.accessToken);
    assert.deepEqual(linked.institution, { ref: "ins_900001", name: "Heron" });
    assert.deepEqual(linked.statements, {});
  }
});

test("a page that lost what Link handed it finishes by its link token alone", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { state } = facts(await provider.startLink.run(call, START));
  const early = trouble(await provider.finishLink.run(call, { state, proof: {} }));
  assert.deepEqual([early.scope, early.raw.code], ["session", "LINK_NOT_FINISHED"]);
  finishLink(world, state);
  const linked = facts(await provider.finishLink.run(call, { state, proof: {} }));
  assert.equal(linked.credential, world.items[0]?.accessToken);
});

test("Link opens on a page of Plaid's own, which sends the customer back to a safe address alone", async () => {
  await using played = await play();
  const { provider, call } = played;
  const bare = facts(await provider.startLink.run(call, START));
  assert.equal("url" in bare.page, false, "who awaits nobody asks for no page");
  const safe = "https://gateway.example/connect/return?state=1";
  for (const [returnUrl, hosted] of [
    [safe, { completion_redirect_uri: safe }],
    ["http://127.0.0.1:4400/connect/return?state=1", {}],
  ] as const) {
    const { page } = facts(await provider.startLink.run(call, { ...START, returnUrl }));
    assert.match(page["url"] ?? "", /^https:\/\//);
    assert.equal(page["collect"], "yes");
    assert.deepEqual(played.plaid.exchanges.at(-1)?.body["hosted_link"], hosted);
  }
});

test("what Link brought can be looked at before it is exchanged", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { state } = facts(await provider.startLink.run(call, START));
  assert.ok(provider.lookAtProof);
  const early = trouble(await provider.lookAtProof.run(call, { state, proof: {} }));
  assert.deepEqual([early.scope, early.raw.code], ["session", "LINK_NOT_FINISHED"]);
  finishLink(world, state);
  const seen = facts(await provider.lookAtProof.run(call, { state, proof: {} }));
  const linked = facts(await provider.finishLink.run(call, { state, proof: {} }));
  const held = { ref: linked.ref, credential: linked.credential, products: START.products };
  const { accounts } = facts(await provider.readAccounts.run(call, held));
  assert.equal(seen.institutionRef, linked.institution.ref);
  assert.equal(seen.ref, null);
  assert.deepEqual(
    seen.accounts,
    accounts.map(({ name, mask, subtype }) => ({ name, mask, subtype })),
  );
});

test("a repair on Plaid's own page is none before Link has finished it", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held } = await played.link();
  assert.ok(provider.startRepair && provider.finishRepair);
  const { state } = facts(await provider.startRepair.run(call, { ...START, ...held }));
  const early = trouble(await provider.finishRepair.run(call, { ...held, state, proof: {} }));
  assert.deepEqual([early.scope, early.raw.code], ["session", "LINK_NOT_FINISHED"]);
  finishLink(world, state);
  assert.equal(facts(await provider.finishRepair.run(call, { ...held, state, proof: {} })).kind, "in place");
});

test("accounts come as ours, with their balances written out", async () => {
  await using played = await play();
  const { held } = await played.link();
  const { accounts, statements } = facts(await played.provider.readAccounts.run(played.call, held));
  const told = accounts.map(({ name, type, subtype, mask, balances }) => [
    name,
    type,
    subtype,
    mask,
    balances?.current,
  ]);
  assert.deepEqual(told, [
    ["Everyday Checking", "DEPOSITORY", "CHECKING", "0001", "110.1"],
    ["Rainy Days", "DEPOSITORY", "MONEY_MARKET", "0002", "2104.55"],
    ["Blue Card", "CREDIT", "CREDIT_CARD", "0003", "412.07"],
  ]);
  assert.equal(accounts[2]?.balances?.available, null);
  assert.equal(accounts[0]?.balances?.currency, "USD");
  assert.equal(statements.troubles, undefined);
});

test("accounts from the cache tell what stands on the Item, so that they are no success", async () => {
  await using played = await play();
  const { held, item } = await played.link();
  item.error = plaidErrorOf("INSTITUTION_DOWN", "INSTITUTION_ERROR");
  const { accounts, statements } = facts(await played.provider.readAccounts.run(played.call, held));
  assert.equal(accounts.length, 3);
  assert.deepEqual(
    statements.troubles?.map(({ scope, state }) => [scope, state]),
    [["connection", "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE"]],
  );
});

test("a look at the Item tells the customer's presence, the consent's end and the last look at the bank", async () => {
  const at = Date.parse("2027-01-05T10:00:00Z");
  await using played = await play({}, createWorld({ now: () => at }));
  const { provider, call } = played;
  const { held, item } = await played.link();
  item.userPresentRequired = true;
  item.consentExpiresAt = "2027-02-01T00:00:00Z";
  const told = facts(await provider.readConnection!.run(call, held));
  assert.equal(told.interactive, true);
  assert.equal(told.consentExpiresAt, Date.parse("2027-02-01T00:00:00Z"));
  assert.deepEqual(told.dataAsOf, { BALANCES: at, TRANSACTIONS: at });
});

test("transactions come page by page, and a cursor read twice gives the same page", async () => {
  await using played = await play({}, createWorld({ pageSize: 10 }));
  const { provider, call } = played;
  const { held, item } = await played.link();
  const read = async (cursor: string | null) => facts(await provider.readTransactions!.run(call, { ...held, cursor }));
  const first = await read(null);
  assert.deepEqual([first.added.length, first.more], [10, true]);
  assert.deepEqual(await read(first.cursor), await read(first.cursor));
  const all = [...first.added];
  let page = first;
  while (page.more) {
    page = await read(page.cursor);
    all.push(...page.added);
  }
  assert.deepEqual(
    all.map(({ ref }) => ref).toSorted(),
    standing(item)
      .map(({ transaction_id }) => transaction_id)
      .toSorted(),
  );
  const rest = await read(page.cursor);
  assert.deepEqual([rest.added, rest.modified, rest.removed, rest.more], [[], [], [], false]);
});

test("a transaction comes with its sign, its day, its category and its state", async () => {
  const now = Date.parse("2027-03-10T23:30:00Z");
  await using played = await play({}, createWorld({ now: () => now }));
  const { held } = await played.link();
  const { added } = facts(await played.provider.readTransactions!.run(played.call, { ...held, cursor: null }));
  const [wage, pending] = [
    added.find((one) => one.category === "INCOME"),
    added.find((one) => one.status === "PENDING"),
  ];
  assert.equal(wage?.amount, "-2410.5");
  assert.equal(wage?.currency, "USD");
  assert.deepEqual([wage?.transactionDate, wage?.postedDate], [dayOf(now - 20 * DAY), dayOf(now - 19 * DAY)]);
  assert.deepEqual([pending?.transactionDate, pending?.postedDate], ["2027-03-09", null]);
  assert.deepEqual([pending?.amount, pending?.category], ["23.9", "FOOD_AND_DRINK"]);
  const twins = added.filter((one) => one.description === "City Metro");
  assert.equal(twins.length, 2);
  assert.notEqual(twins[0]?.ref, twins[1]?.ref);
});

test("what was pending is removed, and the posted one names it; amended and withdrawn ones are told", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held, item } = await played.link();
  const { cursor } = facts(await provider.readTransactions!.run(call, { ...held, cursor: null }));
  const [pending] = standing(item).filter((one) => one.pending);
  const [first, second] = standing(item);
  assert.ok(pending && first && second);
  const posted = post(world, item, pending, 24.4);
  amend(item, first, { amount: 5 });
  withdraw(item, second);
  const page = facts(await provider.readTransactions!.run(call, { ...held, cursor }));
  assert.deepEqual(page.removed.toSorted(), [pending.transaction_id, second.transaction_id].toSorted());
  assert.deepEqual(
    page.added.map(({ ref, pendingRef, amount, status }) => [ref, pendingRef, amount, status]),
    [[posted.transaction_id, pending.transaction_id, "24.4", "POSTED"]],
  );
  assert.deepEqual(
    page.modified.map(({ ref, amount }) => [ref, amount]),
    [[first.transaction_id, "5"]],
  );
});

test("pages that changed under the reader are void: it starts again at the first cursor", async () => {
  await using played = await play();
  const { held } = await played.link();
  const code = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION";
  failNext(played.world, "/transactions/sync", plaidErrorOf(code, "TRANSACTIONS_ERROR"));
  const met = trouble(await played.provider.readTransactions!.run(played.call, { ...held, cursor: null }));
  assert.deepEqual([met.restart, met.state], [true, null]);
});

test("before Plaid has read the bank there is nothing, and nothing wrong", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held, item } = await played.link();
  item.ready = false;
  const empty = facts(await provider.readTransactions!.run(call, { ...held, cursor: null }));
  assert.deepEqual([empty.notReady, empty.added, empty.cursor, empty.more], [true, [], "", false]);
  failNext(world, "/transactions/sync", plaidErrorOf("PRODUCT_NOT_READY", "ITEM_ERROR"));
  const refused = facts(await provider.readTransactions!.run(call, { ...held, cursor: "kept" }));
  assert.deepEqual([refused.notReady, refused.cursor], [true, "kept"]);
  const older = { added: [], modified: [], removed: [], next_cursor: "", has_more: false };
  world.failures.push({ path: "/transactions/sync", status: 200, body: JSON.stringify(older), times: 1 });
  assert.equal(facts(await provider.readTransactions!.run(call, { ...held, cursor: null })).notReady, true);
  item.ready = true;
  const page = facts(await provider.readTransactions!.run(call, { ...held, cursor: empty.cursor }));
  assert.equal(page.notReady, undefined);
  assert.equal("cursor" in (played.plaid.exchanges.at(-1)?.body ?? {}), false);
  assert.equal(page.added.length, standing(item).length);
});

test("a refresh is billed, asks the bank, and shows as a newer look", async () => {
  let now = Date.parse("2027-03-10T10:00:00Z");
  await using played = await play({}, createWorld({ now: () => now }));
  const { provider, call } = played;
  const { held } = await played.link();
  now += DAY;
  assert.deepEqual(facts(await provider.refresh!.run(call, held)), {});
  assert.equal(facts(await provider.readConnection!.run(call, held)).dataAsOf?.TRANSACTIONS, now);
  assert.deepEqual([provider.refresh!.cost, provider.refresh!.mayAsk], ["billed", true]);
});

test("a repair opens Link on the same Item, which heals under the same ids", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held, item } = await played.link();
  const before = facts(await provider.readAccounts.run(call, held));
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  assert.equal(trouble(await provider.readAccounts.run(call, held)).state, "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  const { state, page } = facts(await provider.startRepair!.run(call, { ...held, ...START }));
  assert.equal(JSON.stringify(page).includes(held.credential), false);
  const asked = played.plaid.exchanges.at(-1)?.body ?? {};
  assert.deepEqual([asked["update"], asked["products"]], [{ account_selection_enabled: true }, undefined]);
  const unfinished = trouble(await provider.finishRepair!.run(call, { ...held, state, proof: {} }));
  assert.equal(unfinished.raw.code, "LINK_NOT_FINISHED");
  const proof = { publicToken: finishLink(world, state) };
  const repaired = facts(await provider.finishRepair!.run(call, { ...held, state, proof }));
  assert.ok(repaired.kind === "in place" && repaired.credential === undefined);
  assert.equal(repaired.statements.troubles, undefined);
  assert.deepEqual(facts(await provider.readAccounts.run(call, held)).accounts, before.accounts);
  assert.equal(world.items.length, 1);
});

test("a removed Item is gone, and a second removal says so", async () => {
  await using played = await play();
  const { provider, call } = played;
  const { held, item } = await played.link();
  assert.equal(facts(await provider.remove!.run(call, held)), null);
  assert.equal(item.removed, true);
  assert.equal(trouble(await provider.remove!.run(call, held)).gone, true);
  const met = trouble(await provider.readAccounts.run(call, held));
  assert.deepEqual([met.state, met.gone], ["UNRECOVERABLE/OTHER", true]);
});

test("a token that Plaid does not know is no proof of removal", async () => {
  await using played = await play();
  const { held } = await played.link();
  const met = trouble(await played.provider.remove!.run(played.call, { ...held, credential: "access-sandbox-other" }));
  assert.deepEqual([met.raw.code, met.scope, met.gone], ["INVALID_ACCESS_TOKEN", "request", undefined]);
});

test("banks are found by name, by id, and as a list; those of the sandbox are not real", async () => {
  await using played = await play();
  const { provider, call } = played;
  const found = facts(await provider.readInstitutions!.run(call, { search: "heron" }));
  assert.deepEqual(
    found.map(({ ref, name, domain }) => [ref, name, domain]),
    [
      ["ins_900001", "First Heron Bank", "www.heron.example"],
      ["ins_900002", "Heron Credit Union", "cu.heron.example"],
    ],
  );
  assert.ok(found[0]!.rank > found[1]!.rank);
  const [one] = facts(await provider.readInstitutions!.run(call, { ref: "ins_900003" }));
  assert.deepEqual([one?.isTest, one?.products, one?.countries], [true, ["BALANCES", "TRANSACTIONS"], ["US"]]);
  assert.equal(facts(await provider.readInstitutions!.run(call, {})).length, 3);
  assert.equal(trouble(await provider.readInstitutions!.run(call, { ref: "ins_0" })).raw.code, "INVALID_INSTITUTION");
});

test("a purchase made later comes at the cursor, in the currency that has a code", async () => {
  await using played = await play();
  const { provider, call, world } = played;
  const { held, item } = await played.link();
  const { cursor } = facts(await provider.readTransactions!.run(call, { ...held, cursor: null }));
  const account_id = item.accounts[0]?.account_id ?? "";
  const made = spend(world, item, {
    account_id,
    amount: 0.1,
    name: "Points",
    at: Date.now(),
    category: ["MOON", "MOON_X"],
  });
  made.iso_currency_code = null;
  made.unofficial_currency_code = "BTC";
  const [told] = facts(await provider.readTransactions!.run(call, { ...held, cursor })).added;
  assert.deepEqual([told?.amount, told?.currency, told?.category], ["0.1", "XXX", "UNCATEGORIZED"]);
});

test("a category is the detailed one's where we tell it apart, else the primary's, and never a guess", () => {
  const told = (primary: string, detailed: string) => categoryOf({ primary, detailed });
  assert.equal(told("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_RENT"), "HOME");
  assert.equal(told("RENT_AND_UTILITIES", "RENT_AND_UTILITIES_WATER"), "BILLS");
  assert.equal(told("GOVERNMENT_AND_NON_PROFIT", "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT"), "TAXES");
  assert.equal(told("LOAN_PAYMENTS", "LOAN_PAYMENTS_CAR_PAYMENT"), "LOAN");
  assert.equal(told("toString", "constructor"), "UNCATEGORIZED");
  assert.equal(categoryOf(null), "UNCATEGORIZED");
});
