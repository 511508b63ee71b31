/**
 * Where Plaid's update mode can't cure an Item, a repair makes a new one, with new ids for everything. What the
 * application knows keeps its ids. Through the public API, against the played Plaid.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { State } from "../../src/core/status/table.ts";
import { playPlaid, type PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import {
  createWorld,
  failNext,
  finishLink,
  plaidErrorOf,
  spend,
  type Item,
  type World,
} from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { specJudge, WHY_NO_JUDGE } from "../providers/plaid/spec-judge.ts";
import { startGateway, type Json, type TestGateway } from "./gateway.ts";
import {
  accountsOf,
  cleared,
  connectionPath,
  eventually,
  refreshed,
  startLink,
  startRepair,
  toldOf,
  transactionsOf,
  type Sitting,
} from "./walk.ts";

/** In the middle of a day: what the played bank tells of "two days ago" is the same day in every Item. */
const noon = (): number => Math.floor(Date.now() / 86_400_000) * 86_400_000 + 43_200_000;
const world: World = createWorld({ pageSize: 9, now: noon });
let plaid: PlayedPlaid;
let gateway: TestGateway;
before(async () => {
  plaid = await playPlaid(world);
  gateway = await startGateway({
    PLAID_CLIENT_ID: world.clientId,
    PLAID_SECRET: world.secret,
    PLAID_BASE_URL: plaid.url,
    BOWLINE_LOG_LEVEL: "fatal",
  });
});
afterEach(() => cleared(gateway));
after(async () => {
  await gateway.stop();
  await plaid.close();
});

let customers = 0;
const lastItem = (): Item => {
  const item = world.items.at(-1);
  assert.ok(item);
  return item;
};

async function link() {
  const sitting = await startLink(gateway, `customer ${++customers}`, { products: ["BALANCES", "TRANSACTIONS"] });
  const { linkToken = "" } = await sitting.choose();
  const { status, body } = await sitting.complete({ publicToken: finishLink(world, linkToken) });
  assert.equal(status, 200, JSON.stringify(body));
  const id = sitting.connectionId;
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  return { id, item: lastItem(), accounts: await accountsOf(gateway, id), rows: await transactionsOf(gateway, id) };
}

const ids = (records: { id: string }[]): string[] => records.map(({ id }) => id).sort();
const itemOf = async (id: string): Promise<string> => {
  const { serviceProviderDetails } = await gateway.good("GET", connectionPath(id));
  return String((serviceProviderDetails as Json)["serviceProviderConnectionId"]);
};
const removals = (item: Item): number =>
  plaid.exchanges.filter((one) => one.path === "/item/remove" && one.body["access_token"] === item.accessToken).length;

/** A read finds out what ails the Item: this one, or one that was due besides and was faster. */
async function found(id: string, state: State): Promise<void> {
  await gateway.ask("POST", `${connectionPath(id)}/refresh`, {});
  await gateway.until(id, state);
}

/** The customer is in Link, which was opened for a new Item, and comes out of it with a public token. */
async function begun(id: string): Promise<{ sitting: Sitting; linkToken: string }> {
  const sitting = await startRepair(gateway, id);
  const { linkToken = "" } = await sitting.choose();
  assert.equal(world.linkTokens.get(linkToken)?.repairs, null, "Link opens for a new Item");
  return { sitting, linkToken };
}

/** How an Item comes beyond repair, and what that says until it is mended. */
const WAYS: readonly (readonly [what: string, state: State, ail: (item: Item) => void])[] = [
  [
    "an Item that is gone",
    "UNRECOVERABLE/OTHER",
    (item) => {
      item.removed = true;
    },
  ],
  ...(
    [
      ["USER_PERMISSION_REVOKED", "RECONNECT_REQUIRED/OTHER"],
      ["NO_ACCOUNTS", "RECONNECT_REQUIRED/OTHER"],
      ["ITEM_NOT_SUPPORTED", "UNRECOVERABLE/OTHER"],
    ] as const
  ).map(
    ([code, state]) =>
      [
        code,
        state,
        (item: Item) => {
          item.error = plaidErrorOf(code, "ITEM_ERROR");
        },
      ] as const,
  ),
];

for (const [what, state, ail] of WAYS) {
  test(`${what}: the repair makes a new Item, and the connection goes on under its ids`, async () => {
    const { id, item, accounts, rows } = await link();
    ail(item);
    await found(id, state);
    const told = await toldOf(gateway, id);
    const { sitting, linkToken } = await begun(id);
    // The page may lose what Link handed it: Plaid still has it.
    const proof = what === "NO_ACCOUNTS" ? {} : { publicToken: finishLink(world, linkToken) };
    if (what === "NO_ACCOUNTS") finishLink(world, linkToken);
    const fresh = lastItem();
    spend(world, fresh, {
      account_id: fresh.accounts[0]?.account_id ?? "",
      amount: 5.25,
      name: "Meanwhile",
      at: noon(),
    });
    const { status, body } = await sitting.complete(proof);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body["connectionId"], id);
    assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
    assert.equal(await itemOf(id), fresh.itemId);
    assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
    const now = await transactionsOf(gateway, id);
    const news = now.filter((one) => !rows.some((row) => row.id === one.id));
    assert.deepEqual(
      news.map(({ description }) => description),
      ["Meanwhile"],
    );
    assert.equal(now.length, rows.length + 1, "nothing doubled, nothing lost");
    assert.deepEqual((await toldOf(gateway, id)).slice(told.length), ["COMPLETED", "ACTIVE"]);
    await eventually(async () => (removals(item) > 0 ? true : null), "an end of the old Item");
    assert.equal(removals(fresh), 0);
  });
}

test("an Item that update mode cures is not linked anew, and one that tells nothing is tried so", async () => {
  const { id, item } = await link();
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  await found(id, "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  failNext(world, "/item/get", plaidErrorOf("INTERNAL_SERVER_ERROR", "API_ERROR"), 500);
  const sitting = await startRepair(gateway, id);
  const { linkToken = "" } = await sitting.choose();
  assert.equal(world.linkTokens.get(linkToken)?.repairs, item);
  // Refused when it is opened: withdrawn between the two.
  failNext(world, "/link/token/create", plaidErrorOf("USER_PERMISSION_REVOKED", "ITEM_ERROR"));
  await begun(id);
});

test("a persistent id tells a renamed account again; a changed name alone is asked about", async () => {
  const { id, item, accounts, rows } = await link();
  item.removed = true;
  await found(id, "UNRECOVERABLE/OTHER");
  const { sitting, linkToken } = await begun(id);
  const publicToken = finishLink(world, linkToken);
  const fresh = lastItem();
  const [checking, savings] = fresh.accounts;
  assert.ok(checking && savings);
  savings.name = "Sunny Days";
  const asked = await sitting.complete({ publicToken });
  assert.deepEqual([asked.status, asked.body["code"]], [409, "QUESTION_OPEN"]);
  const { questions } = (await sitting.session()).body;
  const shown = questions as { before: { id: string; name: string }[]; now: { id: string; name: string }[] }[];
  assert.deepEqual(
    shown.map((one) => [one.before.map(({ name }) => name), one.now.map(({ name }) => name)]),
    [[["Rainy Days"], ["Sunny Days"]]],
  );
  const said = [{ now: shown[0]?.now[0]?.id, before: shown[0]?.before[0]?.id }];
  const authorization = `Bearer ${sitting.token}`;
  const { status } = await gateway.ask("POST", "/bank-linking/connect/accounts", { accounts: said }, { authorization });
  assert.equal(status, 200);
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
  assert.deepEqual(ids(await transactionsOf(gateway, id)), ids(rows));

  // From now on the bank has ids that outlive a link.
  for (const [at, account] of fresh.accounts.entries()) account.persistent_account_id = `lasting-${at}`;
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  fresh.removed = true;
  await found(id, "UNRECOVERABLE/OTHER");
  const again = await begun(id);
  const token = finishLink(world, again.linkToken);
  for (const [at, account] of lastItem().accounts.entries()) {
    Object.assign(account, { persistent_account_id: `lasting-${at}`, name: `Renamed ${at}`, mask: null });
  }
  assert.equal((await again.sitting.complete({ publicToken: token })).status, 200);
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const renamed = await accountsOf(gateway, id);
  assert.deepEqual(ids(renamed), ids(accounts));
  assert.deepEqual(renamed.map(({ name }) => name).sort(), ["Renamed 0", "Renamed 1", "Renamed 2"]);
  assert.deepEqual(ids(await transactionsOf(gateway, id)), ids(rows));
});

test("a second repair takes an open question over, and nothing is asked in the first any more", async () => {
  const { id, item, accounts, rows } = await link();
  item.removed = true;
  await found(id, "UNRECOVERABLE/OTHER");
  const [first, second] = [await begun(id), await begun(id)];
  const publicToken = finishLink(world, first.linkToken);
  const fresh = lastItem();
  const savings = fresh.accounts[1];
  assert.ok(savings);
  savings.name = "Sunny Days";
  const unused = finishLink(world, second.linkToken);
  assert.equal((await first.sitting.complete({ publicToken })).body["code"], "QUESTION_OPEN");
  const asked = async ({ sitting }: typeof first) => (await sitting.session()).body["questions"];
  const shown = (await asked(first)) as { before: { id: string }[]; now: { id: string }[] }[];
  assert.equal((await second.sitting.complete({ publicToken: unused })).body["code"], "QUESTION_OPEN");
  assert.deepEqual([await asked(first), await asked(second)], [null, shown]);
  const said = [{ now: shown[0]?.now[0]?.id, before: shown[0]?.before[0]?.id }];
  const answer = ({ sitting: { token } }: typeof first) =>
    gateway.ask("POST", "/bank-linking/connect/accounts", { accounts: said }, { authorization: `Bearer ${token}` });
  assert.equal((await answer(first)).body["code"], "STATE_FORBIDS");
  assert.equal((await answer(second)).status, 200);
  assert.equal((await answer(first)).body["code"], "STATE_FORBIDS", "and it is not told to ask again in a moment");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.equal(await itemOf(id), fresh.itemId);
  assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
  assert.deepEqual(ids(await transactionsOf(gateway, id)), ids(rows));
});

test("two repairs that are finished at once leave one Item, and every id", async () => {
  const { id, item, accounts, rows } = await link();
  item.removed = true;
  await found(id, "UNRECOVERABLE/OTHER");
  const both = [await begun(id), await begun(id)].map(({ sitting, linkToken }) => {
    const publicToken = finishLink(world, linkToken);
    return { item: lastItem(), finish: () => sitting.complete({ publicToken }) };
  });
  for (const { status } of await Promise.all(both.map(({ finish }) => finish())))
    assert.ok([200, 429].includes(status));
  // Whoever came too early comes again; whoever was there is answered what it was answered.
  for (const { finish } of both) assert.equal((await finish()).status, 200);
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const ended = async () => (both.filter((one) => one.item.removed).length === 1 ? true : null);
  await eventually(ended, "an end of the Item that was given up");
  assert.equal(both.find((one) => !one.item.removed)?.item.itemId, await itemOf(id));
  assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
  assert.deepEqual(ids(await transactionsOf(gateway, id)), ids(rows));
});

test("a login at another bank is no repair: the new Item is removed, and the connection is as it was", async () => {
  const { id, item } = await link();
  item.removed = true;
  await found(id, "UNRECOVERABLE/OTHER");
  const told = await toldOf(gateway, id);
  const { sitting, linkToken } = await begun(id);
  const publicToken = finishLink(world, linkToken, "ins_900003");
  const { status, body } = await sitting.complete({ publicToken });
  assert.deepEqual([status, body["code"]], [422, "PROVIDER_REFUSED"]);
  const strange = lastItem();
  await eventually(async () => (strange.removed ? true : null), "an end of the other bank's Item");
  assert.deepEqual([await toldOf(gateway, id), await itemOf(id)], [told, item.itemId]);
});

test("everything that passed between the gateway and Plaid is as Plaid's own document has it", {
  skip: specJudge() ? false : WHY_NO_JUDGE,
}, () => {
  assert.ok(plaid.exchanges.length > 50);
  assert.deepEqual(faultsOf(plaid), []);
});
