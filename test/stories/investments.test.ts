/** Holdings and investment transactions over days: what the gateway lists is what the broker's books say. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accountAt } from "../../src/providers/sandbox/farm/accounts.ts";
import { dayOf } from "../../src/providers/sandbox/farm/days.ts";
import { firstDay, positionsOf, tradesOf } from "../../src/providers/sandbox/farm/depot.ts";
import { startGateway, type Json, type TestGateway } from "./gateway.ts";
import { DAY, lineOf, ownerOf } from "./truth.ts";
import { accountsOf, allOf, connectionPath, deleted, eventsOf, linkAt, refreshed, toldOf } from "./walk.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway.stop());

const PRODUCTS = ["BALANCES", "INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS"];
const link = (user: string, bank = "Investments", products = PRODUCTS): Promise<string> =>
  linkAt(gateway, { customer: user, bank, login: { user }, products });

interface Holding extends Json {
  id: string;
  description: string;
  quantity: number;
  currentValue: number | null;
  costBasis: number | null;
}
interface Trade extends Json {
  id: string;
  description: string;
  type: string;
  quantity: number;
  amount: number;
  status: string;
  transactionDate: string;
}
const holdingsOf = (id: string) =>
  allOf<Holding>(gateway, `/bank-linking/investments/holdings?connectionId=${id}`, "investmentHoldings");
const tradesIn = (id: string) =>
  allOf<Trade>(gateway, `/bank-linking/investments/transactions?connectionId=${id}`, "investmentTransactions");

/** The broker's own books, in the API's words. */
async function books(id: string) {
  const { user, since } = await lineOf(gateway, id);
  const owner = ownerOf("bank-investments", user);
  const account = accountAt(owner, 1);
  const { dataAsOf } = await gateway.good("GET", connectionPath(id));
  const now = Date.parse((dataAsOf as Record<string, string>)["INVESTMENT_TRANSACTIONS"] ?? "");
  const trades = tradesOf(owner, account, firstDay(since), dayOf(now), now);
  const positions = positionsOf(owner, account, firstDay(since), now);
  const way = { bought: 1, sold: -1, moved: 1, dividend: 1, fee: 1, "called off": 1 };
  return {
    trades: trades
      .map(({ deed, paper, pieces, minor, booked, day }) =>
        [paper === null ? deed : `${deed}: ${paper}`, (way[deed] * pieces) / 1000, -minor / 100 || 0, booked, day].join(
          " · ",
        ),
      )
      .sort(),
    positions: positions
      .map(({ name, pieces, worth, paid }) =>
        [name, pieces / 1000, worth === null ? null : worth / 100, paid === null ? null : paid / 100].join(" · "),
      )
      .sort(),
    total: positions.reduce((sum, { worth }) => sum + (worth ?? 0), 0) / 100,
  };
}
const tradeWords = (t: Trade): string =>
  [t.description, t.quantity, t.amount, t.status === "POSTED", t.transactionDate.replaceAll("-", "")].join(" · ");
const holdingWords = (h: Holding): string => [h.description, h.quantity, h.currentValue, h.costBasis].join(" · ");

async function isTrue(id: string): Promise<void> {
  const told = await books(id);
  assert.deepEqual((await tradesIn(id)).map(tradeWords).sort(), told.trades);
  assert.deepEqual((await holdingsOf(id)).map(holdingWords).sort(), told.positions);
}

test("an order that is struck out goes, and its id answers 404", async () => {
  // Which orders are errors is drawn with them: a customer to whom it happens within five days.
  const now = dayOf(Date.now());
  const user = Array.from({ length: 500 }, (_, number) => `noor ${number}`).find((name) => {
    const owner = ownerOf("bank-investments", name);
    const of = (at: number) => tradesOf(owner, accountAt(owner, 1), now - 20, now - 1, at).map(({ no }) => no);
    return of(now * DAY).some((no) => !of((now + 4) * DAY).includes(no));
  });
  assert.ok(user, "no customer of the farm has an error in his books");
  const id = await link(user);
  await refreshed(gateway, id);
  const before = await tradesIn(id);
  await gateway.advance("P6D");
  await refreshed(gateway, id);
  await isTrue(id);
  const left = new Set((await tradesIn(id)).map((one) => one.id));
  const gone = before.filter((one) => !left.has(one.id));
  assert.ok(gone.length > 0);
  for (const { id: trade } of gone) {
    const { status } = await gateway.ask("GET", `/bank-linking/investments/transactions/${trade}`);
    assert.equal(status, 404);
  }
  await deleted(gateway, id);
});

test("five days of a custody account: the lists are the books, and ids stay", async () => {
  const id = await link("ida");
  const first = await refreshed(gateway, id);
  assert.equal(first.outcome, "SUCCEEDED", JSON.stringify(first));
  assert.deepEqual(new Set(first.parts.map(({ product }) => product)), new Set(PRODUCTS));
  await isTrue(id);
  const depot = (await accountsOf(gateway, id)).find(({ name }) => name === "Brokerage");
  assert.deepEqual([depot?.["type"], Number(depot?.balances?.currentAmount)], ["INVESTMENT", (await books(id)).total]);

  const seen = new Map<string, Trade>();
  let posted = 0;
  for (let day = 0; day < 5; day += 1) {
    await gateway.advance("P1D");
    await refreshed(gateway, id);
    await isTrue(id);
    for (const trade of await tradesIn(id)) {
      const was = seen.get(trade.id);
      if (was?.status === "PENDING" && trade.status === "POSTED") posted += 1;
      seen.set(trade.id, trade);
    }
  }
  assert.ok(posted > 0, "a pending order was booked under its id");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  const { productHealth, dataAsOf } = await gateway.good("GET", connectionPath(id));
  assert.ok((dataAsOf as Json)["INVESTMENT_HOLDINGS"], JSON.stringify(productHealth));
  assert.deepEqual(await toldOf(gateway, id), ["COMPLETED", "ACTIVE"]);

  // Every order that was listed was counted once as new, and once as removed if it was struck out.
  const counted = { added: 0, removed: 0 };
  for (const { type, payload } of await eventsOf(gateway, id)) {
    if (type !== "BANK_LINKING_TRANSACTIONS_AGGREGATED") continue;
    for (const one of payload["financialAccounts"] as { investments?: { added: number; removed: string[] } }[]) {
      counted.added += one.investments?.added ?? 0;
      counted.removed += one.investments?.removed.length ?? 0;
    }
  }
  const { rows } = await gateway.sql.query<{ all: number; gone: number }>(
    "select count(*)::int as all, count(removed_at)::int as gone from investment_transaction",
  );
  assert.deepEqual(counted, { added: rows[0]?.all, removed: rows[0]?.gone });
  await deleted(gateway, id);
});

test("single records, filters by day and status, pages both ways", async () => {
  const id = await link("ira");
  await refreshed(gateway, id);
  const [holding] = await holdingsOf(id);
  const trades = await tradesIn(id);
  assert.ok(holding && trades.length > 5);
  assert.deepEqual(await gateway.good("GET", `/bank-linking/investments/holdings/${holding.id}`), holding);
  const [newest] = trades;
  assert.deepEqual(await gateway.good("GET", `/bank-linking/investments/transactions/${newest?.id}`), newest);
  const days = trades.map(({ transactionDate }) => transactionDate);
  assert.deepEqual(days, days.toSorted().reverse(), "newest first");

  const middle = days[Math.floor(days.length / 2)] ?? "";
  const search = (query: string) => gateway.good("GET", `/bank-linking/investments/transactions?${query}`);
  const since = await search(`connectionId=${id}&startDate=${middle}&limit=1000`);
  assert.equal(since["count"], days.filter((day) => day >= middle).length);
  const until = await search(`connectionId=${id}&endDate=${middle}&limit=1000`);
  assert.equal(until["count"], days.filter((day) => day <= middle).length);
  const posted = await search(`externalCustomerId=ira&statuses=POSTED&limit=1000`);
  assert.equal(posted["count"], trades.filter(({ status }) => status === "POSTED").length);
  const page = await search(`connectionId=${id}&limit=3`);
  assert.deepEqual([page["count"], page["remaining"]], [3, trades.length - 3]);
  const third = trades[2];
  const back = await search(`connectionId=${id}&limit=2&before=${String(third?.["key"])}`);
  assert.deepEqual(back["investmentTransactions"], trades.slice(0, 2));
  const two = await gateway.good("GET", `/bank-linking/investments/holdings?connectionId=${id}&limit=2`);
  assert.deepEqual(two["investmentHoldings"], (await holdingsOf(id)).slice(0, 2));
  const foreign = await gateway.ask("GET", `/bank-linking/investments/holdings?after=${String(third?.["key"])}`);
  assert.equal(foreign.status, 400, "a key of another list is refused");
  await deleted(gateway, id);
});

test("a bank without custody accounts is well, and what it lacks is shown", async () => {
  const refused = await gateway.ask("POST", "/bank-linking/connect/start", {
    externalCustomerId: "una",
    products: PRODUCTS,
    institutionId: ((await gateway.good("GET", "/institutions?name=Copper"))["institutions"] as Json[])[0]?.["id"],
  });
  assert.equal(refused.status, 400);
  assert.match(String(refused.body["message"]), /does not offer INVESTMENT_HOLDINGS, INVESTMENT_TRANSACTIONS/);
});

test("the end of a connection is the end of its holdings and orders", async () => {
  const id = await link("eva");
  await refreshed(gateway, id);
  const [holding] = await holdingsOf(id);
  const count = async () =>
    (
      await gateway.sql.query<{ left: string }>(
        `select (select count(*) from holding) + (select count(*) from investment_transaction) as left`,
      )
    ).rows.map(({ left }) => Number(left));
  assert.ok(((await count())[0] ?? 0) > 10);
  await deleted(gateway, id);
  assert.deepEqual(await count(), [0]);
  assert.equal((await gateway.ask("GET", `/bank-linking/investments/holdings/${holding?.id}`)).status, 404);
  assert.equal((await gateway.ask("GET", `/bank-linking/investments/holdings?connectionId=${id}`)).status, 410);
});

test("an outage of the bank keeps what is known, and a refresh says so per product", async () => {
  const id = await link("ola");
  await refreshed(gateway, id);
  const before = await holdingsOf(id);
  const state = "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE";
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state });
  await gateway.until(id, state);
  const { outcome, parts } = await refreshed(gateway, id);
  assert.equal(outcome, "FAILED");
  assert.deepEqual(
    new Set(parts.map((part) => `${part.product} ${part.outcome}`)),
    new Set(PRODUCTS.map((p) => `${p} FAILED`)),
  );
  assert.deepEqual(await holdingsOf(id), before);
  await gateway.good("DELETE", `/sandbox/connections/${id}/trouble`);
  await gateway.until(id, "ACTIVE");
  await refreshed(gateway, id);
  await isTrue(id);
  await deleted(gateway, id);
});
