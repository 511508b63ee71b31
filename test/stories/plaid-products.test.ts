/**
 * A broker behind Plaid, with every product, from its link to its end, through the public API alone: what comes in,
 * what is paid for and when, what a trouble of one product does, and that nothing is left.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvestmentTransactionSubtype as Subtype, InvestmentTransactionType as Type } from "plaid";
import { dayOf, INVESTS } from "../providers/plaid/fixture/data.ts";
import type { PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import {
  createWorld,
  failNext,
  finishLink,
  plaidErrorOf,
  trade,
  type Item,
  type World,
} from "../providers/plaid/fixture/world.ts";
import { faultsOf } from "../providers/plaid/played.ts";
import { specJudge, WHY_NO_JUDGE } from "../providers/plaid/spec-judge.ts";
import type { Json, TestGateway } from "./gateway.ts";
import { playedPlaid } from "./played-plaid.ts";
import {
  accountsOf,
  allOf,
  connectionPath,
  deleted,
  eventsOf,
  eventually,
  refreshed,
  startLink,
  startRepair,
  toldOf,
} from "./walk.ts";

const ALL = ["BALANCES", "IDENTIFIERS", "INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS", "OWNERS", "TRANSACTIONS"];
const world: World = createWorld({ pageSize: 10 });
let plaid: PlayedPlaid;
let gateway: TestGateway;
playedPlaid(world, (played) => void ({ plaid, gateway } = played));

let customers = 0;
async function link(products: string[] = ALL, bank = INVESTS, more: Json = {}): Promise<{ id: string; item: Item }> {
  const sitting = await startLink(gateway, `investor ${++customers}`, { products, ...more });
  const { linkToken = "" } = await sitting.choose();
  const { status, body } = await sitting.complete({ publicToken: finishLink(world, linkToken, bank) });
  assert.equal(status, 200, JSON.stringify(body));
  const item = world.items.at(-1);
  assert.ok(item);
  const id = sitting.connectionId;
  await eventually(async () => ((await get(id))["lastSuccessAt"] === null ? null : true), `a first good read of ${id}`);
  return { id, item };
}
const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const holdingsOf = (id: string): Promise<Json[]> =>
  allOf(gateway, `/bank-linking/investments/holdings?connectionId=${id}`, "investmentHoldings");
const ordersOf = (id: string): Promise<(Json & { id: string })[]> =>
  allOf(gateway, `/bank-linking/investments/transactions?connectionId=${id}`, "investmentTransactions");
const callsTo = (path: string, item: Item): number =>
  plaid.exchanges.filter((one) => one.path === path && one.body["access_token"] === item.accessToken).length;
const partsOf = async (id: string, product: string, body: Json = {}) => [
  ...new Set((await refreshed(gateway, id, body)).parts.filter((p) => p.product === product).map((p) => p.outcome)),
];

const BUY = { type: Type.Buy, subtype: Subtype.Buy, security_id: "sec_world", name: "LATE", quantity: 1, amount: 5 };

test("a link of all products brings numbers, owners, holdings and orders, in the contract's shapes", async () => {
  const { id, item } = await link();
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  const accounts = await accountsOf(gateway, id);
  const checking = accounts.find(({ name }) => name === "Everyday Checking");
  const broker = accounts.find(({ name }) => name === "Heron Brokerage");
  assert.deepEqual(checking?.["identifiers"], {
    ach: { accountNumber: "1111222233330000", routingNumber: "011401533" },
    eft: { accountNumber: "111122223333", institutionNumber: "021", branchNumber: "01140" },
    international: {
      accountName: null,
      accountNumber: null,
      bban: null,
      bic: "BUKBGB22",
      iban: "GB33BUKB20201555555555",
      sortCode: null,
    },
    bacs: { accountNumber: "31926819", sortCode: "601613" },
  });
  const [owner] = (checking?.["owners"] ?? []) as Json[];
  assert.deepEqual(owner?.["addresses"], [
    {
      data: {
        street: "2992 Cameron Road",
        city: "Malakoff",
        region: "NY",
        postalCode: "14236",
        country: "US",
        full: "2992 Cameron Road, Malakoff, NY 14236, US",
      },
      primary: "TRUE",
    },
  ]);
  assert.deepEqual(owner?.["phoneNumbers"], [{ data: "+12025550123", primary: "FALSE" }]);
  assert.deepEqual([broker?.["type"], broker?.["identifiers"]], ["INVESTMENT", null]);
  // Balances are as old as Plaid's last look at the bank, not as our question.
  assert.equal(
    (checking?.balances as Json | undefined)?.["updatedAt"],
    new Date(Math.max(item.lastSuccessfulUpdate, item.invested?.lastSuccessfulUpdate ?? 0)).toISOString(),
  );

  assert.equal((await holdingsOf(id)).length, 10);
  const coin = (await holdingsOf(id)).find(({ symbol }) => symbol === "CUR:BTC");
  const { type, quantity, currentValue, currency, costBasis } = coin ?? {};
  assert.deepEqual(
    [type, quantity, currentValue, currency, costBasis],
    ["DIGITALASSET", 0.00012345, 7.55, "XXX", null],
  );
  const orders = await ordersOf(id);
  assert.equal(orders.length, 29);
  const [sale] = orders;
  assert.deepEqual(
    [sale?.["type"], sale?.["quantity"], sale?.["amount"], sale?.["status"], sale?.["postedDate"]],
    ["SELL", -3, -126.3, "POSTED", null],
  );
  assert.equal(sale?.["financialAccountId"], broker?.id);
  assert.deepEqual([callsTo("/accounts/balance/get", item), callsTo("/investments/refresh", item)], [0, 0]);
  await deleted(gateway, id);
});

test("what is paid by the call is asked for by its name alone, and live balances are the bank's", async () => {
  const { id, item } = await link();
  const paid = ["/accounts/balance/get", "/transactions/refresh", "/investments/refresh"];
  const counts = () => paid.map((path) => callsTo(path, item));
  await refreshed(gateway, id);
  assert.deepEqual(counts(), [0, 0, 0]);
  item.atBank.set(item.accounts[0]?.account_id ?? "", { current: 12.34 });
  const { outcome, parts } = await refreshed(gateway, id, { products: ["BALANCES"] });
  assert.deepEqual([outcome, counts()], ["SUCCEEDED", [1, 0, 0]]);
  assert.ok(
    parts.every((part) => (part as Json)["fromCache"] === false || (part as Json)["servedFromCache"] === false),
  );
  const checking = (await accountsOf(gateway, id)).find(({ name }) => name === "Everyday Checking");
  assert.equal(Number(checking?.balances?.currentAmount), 12.34);
  await refreshed(gateway, id, { products: ["INVESTMENT_HOLDINGS"] });
  assert.deepEqual(counts(), [1, 0, 1]);
  await refreshed(gateway, id, { products: ["OWNERS", "IDENTIFIERS"] });
  assert.deepEqual(counts(), [1, 0, 1]);
  await refreshed(gateway, id, { products: ["TRANSACTIONS", "BALANCES"] });
  assert.deepEqual(counts(), [2, 1, 1]);
  await deleted(gateway, id);
});

test("orders that come, change and go are counted once, and pages that move are read again", async () => {
  const { id, item } = await link(["INVESTMENT_TRANSACTIONS"]);
  const before = await ordersOf(id);
  const books = item.invested;
  assert.ok(books);
  const made = trade(world, item, { ...BUY, at: world.now() });
  const amended = books.trades.find(({ name }) => name === "CUSTODY FEE");
  assert.ok(amended);
  amended.amount = 4;
  books.trades = books.trades.filter(({ name }) => name !== "DIVIDEND");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const now = await ordersOf(id);
  const names = (orders: Json[]) => orders.map(({ description }) => description);
  assert.deepEqual(names(now.filter((one) => !before.some((was) => was.id === one.id))), ["LATE"]);
  assert.deepEqual(names(before.filter((one) => !now.some((left) => left.id === one.id))), ["DIVIDEND"]);
  assert.equal(now.find(({ description }) => description === "CUSTODY FEE")?.["amount"], 4);
  assert.ok(made);
  const aggregated = (await eventsOf(gateway, id)).filter(
    ({ type }) => type === "BANK_LINKING_TRANSACTIONS_AGGREGATED",
  );
  const counts = ((aggregated.at(-1)?.payload["financialAccounts"] ?? []) as Json[]).flatMap(({ investments }) =>
    investments ? [investments as { added: number; updated: number; removed: string[] }] : [],
  );
  const gone = before.find(({ description }) => description === "DIVIDEND")?.id;
  assert.deepEqual(
    counts.map(({ added, updated, removed }) => ({ added, updated, removed })),
    [{ added: 1, updated: 1, removed: [gone] }],
  );
  // Told to the application in the contract's words.
  const { events } = await gateway.good("GET", "/events?limit=1000");
  const told = (events as { connectionId?: string; payload: Json; eventType: string }[]).findLast(
    ({ eventType, payload }) => eventType === "BANK_LINKING_TRANSACTIONS_AGGREGATED" && payload["connectionId"] === id,
  );
  const account = ((told?.payload["financialAccounts"] ?? []) as Json[]).find(
    (one) => one["numInvestmentTransactionsAdded"] === 1,
  );
  assert.deepEqual(
    [
      account?.["numInvestmentTransactionsUpdated"],
      account?.["investmentTransactionIdsRemoved"],
      account?.["numTransactionsAdded"],
    ],
    [1, [gone], 0],
  );
  await deleted(gateway, id);
});

test("trouble of one product is that product's: the others go on", async () => {
  const { id } = await link();
  failNext(world, "/investments/holdings/get", plaidErrorOf("NO_INVESTMENT_ACCOUNTS", "ITEM_ERROR"));
  assert.deepEqual(await partsOf(id, "INVESTMENT_HOLDINGS"), ["FAILED"]);
  assert.equal(await gateway.stateOf(id), "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS");
  assert.deepEqual(await partsOf(id, "INVESTMENT_HOLDINGS"), ["SUCCEEDED"]);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  // A limit of one endpoint is nobody's trouble.
  failNext(
    world,
    "/investments/transactions/get",
    plaidErrorOf("INVESTMENT_TRANSACTIONS_LIMIT", "RATE_LIMIT_EXCEEDED"),
    429,
  );
  const limited = await refreshed(gateway, id);
  assert.ok(
    limited.parts.some(({ outcome }) => outcome === "NOT_BEFORE"),
    JSON.stringify(limited),
  );
  const { status, nextRefreshAllowedAt } = await get(id);
  assert.equal(status, "ACTIVE");
  assert.ok(nextRefreshAllowedAt);
  await deleted(gateway, id);
});

test("an optional product that the bank does not have is shown as such, and nothing is amiss", async () => {
  const { id, item } = await link(["BALANCES", "TRANSACTIONS"], "ins_900001", {
    optionalProducts: ["INVESTMENT_HOLDINGS"],
  });
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.deepEqual(await holdingsOf(id), []);
  assert.ok(callsTo("/investments/holdings/get", item) > 0);
  await deleted(gateway, id);
});

test("it breaks, is repaired with the same ids, and at its end nothing of it is left", async () => {
  const { id, item } = await link();
  const ids = async () =>
    [...(await accountsOf(gateway, id)), ...(await holdingsOf(id)), ...(await ordersOf(id))]
      .map((one) => String(one["id"]))
      .sort();
  const before = await ids();
  item.error = plaidErrorOf("ITEM_LOGIN_REQUIRED", "ITEM_ERROR");
  await refreshed(gateway, id);
  assert.equal(await gateway.stateOf(id), "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  assert.deepEqual(await ids(), before, "what is known stays");
  const sitting = await startRepair(gateway, id);
  const { linkToken = "" } = await sitting.choose();
  const { status } = await sitting.complete({ publicToken: finishLink(world, linkToken) });
  assert.equal(status, 200);
  await gateway.until(id, "ACTIVE");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.deepEqual(await ids(), before);
  assert.deepEqual((await toldOf(gateway, id)).slice(0, 5), [
    "COMPLETED",
    "ACTIVE",
    "RECONNECT_REQUIRED/LOGIN_REQUIRED",
    "COMPLETED",
    "ACTIVE",
  ]);
  await deleted(gateway, id);
  await eventually(async () => (item.removed ? true : null), "a removal at Plaid");
  const left = "select (select count(*) from holding) + (select count(*) from investment_transaction) as rows";
  assert.equal(Number((await gateway.sql.query<{ rows: string }>(left)).rows[0]?.rows), 0);
});

test("orders are asked for from two years back, and then from where they may still change", async () => {
  const { id, item } = await link(["INVESTMENT_TRANSACTIONS"]);
  const from = plaid.exchanges.length;
  await refreshed(gateway, id);
  const asked = plaid.exchanges.slice(from).find(({ path }) => path === "/investments/transactions/get");
  const ago = (days: number) => dayOf(Date.now() - days * 86_400_000);
  assert.deepEqual([asked?.body["start_date"], asked?.body["end_date"]], [ago(60), ago(0)]);
  const first = plaid.exchanges.find(
    ({ path, body }) => path === "/investments/transactions/get" && body["access_token"] === item.accessToken,
  );
  assert.equal(first?.body["start_date"], ago(730));
  await deleted(gateway, id);
});

test("everything that passed between the gateway and Plaid is as Plaid's own document has it", {
  skip: specJudge() ? false : WHY_NO_JUDGE,
}, () => {
  assert.ok(plaid.exchanges.length > 50);
  assert.deepEqual(faultsOf(plaid), []);
});
