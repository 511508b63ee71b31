/** Plaid's products beside transactions, each against facts typed here by hand: signs, dates, currencies, shapes. */
import assert from "node:assert/strict";
import test from "node:test";
import { InvestmentTransactionSubtype as Subtype, InvestmentTransactionType as Type } from "plaid";
import type { Product } from "../../../src/core/products.ts";
import type { InvestmentTransactionFact } from "../../../src/core/investment.ts";
import { dayOf, INVESTS } from "./fixture/data.ts";
import { createWorld, failNext, finishLink, plaidErrorOf, trade, type World } from "./fixture/world.ts";
import { facts, play, type Played, START, trouble } from "./played.ts";

const DAY = 86_400_000;
const ALL: readonly Product[] = [
  "BALANCES",
  "IDENTIFIERS",
  "INVESTMENT_HOLDINGS",
  "INVESTMENT_TRANSACTIONS",
  "OWNERS",
  "TRANSACTIONS",
];

async function linked(played: Played, products: readonly Product[] = ALL) {
  const { provider, call, world } = played;
  const { state } = facts(await provider.startLink.run(call, { ...START, products }));
  const proof = { publicToken: finishLink(world, state, INVESTS) };
  const { ref, credential } = facts(await provider.finishLink.run(call, { state, proof }));
  const item = world.items.find(({ itemId }) => itemId === ref);
  assert.ok(item);
  return { item, held: { ref, credential, products } };
}

/** What was asked, and of whom: one field must, the rest where it is supported, the last if it can be. */
const ASKED: readonly [required: Product[], optional: Product[], must: string, ifSupported: string, may: string][] = [
  [["BALANCES"], [], "transactions", "", ""],
  [["TRANSACTIONS"], ["BALANCES"], "transactions", "", ""],
  [["TRANSACTIONS", "IDENTIFIERS", "OWNERS"], [], "transactions", "auth identity", ""],
  [["IDENTIFIERS"], [], "auth", "", ""],
  [["IDENTIFIERS", "OWNERS"], ["TRANSACTIONS"], "auth", "identity", "transactions"],
  [["IDENTIFIERS", "BALANCES"], [], "transactions", "auth", ""],
  [["INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS"], ["BALANCES"], "investments", "", ""],
  [["BALANCES", "INVESTMENT_HOLDINGS"], [], "investments", "", ""],
  [["BALANCES"], ["INVESTMENT_HOLDINGS"], "investments", "", ""],
  [["TRANSACTIONS"], ["INVESTMENT_HOLDINGS", "OWNERS", "TRANSACTIONS"], "transactions", "", "investments identity"],
  [[], ["OWNERS"], "transactions", "", "identity"],
  [[...ALL], [], "transactions", "auth investments identity", ""],
];

test("Link is asked for what was asked for, each product once, and one of them only is a must", async () => {
  await using played = await play();
  for (const [products, optionalProducts, ...wanted] of ASKED) {
    facts(await played.provider.startLink.run(played.call, { ...START, products, optionalProducts }));
    const body = played.plaid.exchanges.at(-1)?.body ?? {};
    const told = ["products", "required_if_supported_products", "optional_products"].map((field) =>
      ((body[field] ?? []) as string[]).join(" "),
    );
    assert.deepEqual(told, wanted, products.join());
    // History can be asked for once only, and without transactions there is none.
    const history = told.join(" ").includes("transactions") ? { days_requested: 730 } : undefined;
    assert.deepEqual(body["transactions"], history, products.join());
  }
});

test("a repair asks consent for what was asked for and not consented to", async () => {
  await using played = await play();
  const { provider, call, plaid } = played;
  const { item, held } = await linked(played);
  const start = () => provider.startRepair!.run(call, { ...START, ...held });
  facts(await start());
  assert.equal(plaid.exchanges.at(-1)?.body["additional_consented_products"], undefined);
  item.consented = ["transactions", "investments"];
  assert.equal(trouble(await provider.readIdentifiers!.run(call, held)).unavailable, true);
  const { state } = facts(await start());
  const { body } = plaid.exchanges.at(-1) ?? {};
  assert.deepEqual(body?.["additional_consented_products"], ["auth", "identity"]);
  assert.deepEqual(body?.["update"], { account_selection_enabled: true });
  assert.equal(body?.["products"], undefined);
  finishLink(played.world, state);
  facts(await provider.readIdentifiers!.run(call, held));
});

test("account numbers of every kind come as ours; accounts without any are not there", async () => {
  await using played = await play();
  const { item, held } = await linked(played);
  const [checking, savings] = item.accounts;
  assert.deepEqual(facts(await played.provider.readIdentifiers!.run(played.call, held)), [
    {
      accountRef: checking?.account_id,
      identifiers: {
        ach: { accountNumber: "1111222233330000", routingNumber: "011401533" },
        eft: { accountNumber: "111122223333", institutionNumber: "021", branchNumber: "01140" },
        international: { iban: "GB33BUKB20201555555555", bic: "BUKBGB22", accountNumber: null },
        bacs: { accountNumber: "31926819", sortCode: "601613" },
      },
    },
    {
      accountRef: savings?.account_id,
      identifiers: {
        ach: { accountNumber: "1111222233331111", routingNumber: "011401533" },
        eft: null,
        international: null,
        bacs: null,
      },
    },
  ]);
});

test("owners come with what is theirs, and which of it is the first", async () => {
  await using played = await play();
  const { item, held } = await linked(played);
  const owners = facts(await played.provider.readOwners!.run(played.call, held));
  assert.deepEqual(
    owners.map(({ accountRef }) => accountRef),
    item.accounts.map(({ account_id }) => account_id),
  );
  assert.deepEqual(owners[0]?.owners, [
    {
      names: ["Mira Heron"],
      addresses: [
        {
          data: { street: "2992 Cameron Road", city: "Malakoff", region: "NY", postalCode: "14236", country: "US" },
          primary: "TRUE",
        },
      ],
      emails: [
        { data: "mira@example.com", primary: "TRUE" },
        { data: "m.heron@example.org", primary: "FALSE" },
      ],
      phoneNumbers: [{ data: "+12025550123", primary: "FALSE" }],
    },
    { names: ["Noor Heron"], addresses: [], emails: [], phoneNumbers: [] },
  ]);
});

test("the bank is asked for balances by a verb of its own, which is paid; the cache follows it", async () => {
  await using played = await play();
  const { provider, call } = played;
  const { item, held } = await linked(played);
  const [checking] = item.accounts;
  item.atBank.set(checking?.account_id ?? "", { current: 90.05, available: 80 });
  const ofChecking = (list: { accounts: readonly { ref: string; balances?: unknown }[] }) =>
    list.accounts.find(({ ref }) => ref === checking?.account_id)?.balances;
  const was = { currency: "USD", current: "110.1", available: "100", asOf: null };
  assert.deepEqual(ofChecking(facts(await provider.readAccounts.run(call, held))), was);
  const { readBalances } = provider;
  assert.deepEqual([readBalances?.cost, readBalances?.source, readBalances?.mayAsk], ["billed", "bank", true]);
  const now = { ...was, current: "90.05", available: "80" };
  assert.deepEqual(ofChecking(facts(await readBalances!.run(call, held))), now);
  assert.deepEqual(ofChecking(facts(await provider.readAccounts.run(call, held))), now);
  const tooOld = plaidErrorOf("LAST_UPDATED_DATETIME_OUT_OF_RANGE", "INVALID_RESULT");
  failNext(played.world, "/accounts/balance/get", tooOld);
  const met = trouble(await readBalances!.run(call, held));
  assert.deepEqual(
    [met.scope, met.product, met.state],
    ["product", "BALANCES", "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS"],
  );
});

test("holdings come as they were told, to the last digit, each of its kind", async () => {
  await using played = await play();
  const { item, held } = await linked(played);
  const broker = item.accounts.at(-1)?.account_id;
  const { holdings } = facts(await played.provider.readHoldings!.run(played.call, held));
  assert.ok(holdings.every(({ accountRef }) => accountRef === broker));
  assert.deepEqual(
    holdings.map((one) =>
      [one.ref, one.symbol, one.type, one.quantity, one.costBasis, one.closePrice, one.currentValue, one.currency].join(
        " · ",
      ),
    ),
    [
      "sec_heron · HRN · STOCK · 12 · 480.005 · 42.105 · 505.26 · USD",
      "sec_heron 2 · HRN · STOCK · 3 ·  · 42.105 · 126.315 · USD",
      "sec_world · WRLD · ETF · 2.9616 · 1400 · 487.9 · 1444.96 · USD",
      "sec_fund · BALX · MUTUALFUND · 10 ·  · 23.18 · 231.8 · USD",
      "sec_trust · MRSH · REALESTATE · 5 ·  ·  · 250 · USD",
      "sec_bond ·  · OTHER · 2 ·  ·  · 1990.1 · USD",
      "sec_call · HRN270115C00050000 · DERIVATIVE · 1 ·  ·  · 1.05 · USD",
      "sec_coin · CUR:BTC · DIGITALASSET · 0.00012345 ·  ·  · 7.55 · XXX",
      "sec_cash · CUR:USD · CASH · 812.4 ·  ·  · 812.4 · USD",
      "sec_moon ·  · OTHER · 1 ·  ·  · 0 · USD",
    ],
  );
  const [first, , world] = holdings;
  assert.deepEqual([first?.isin, first?.cusip, first?.description], ["US0000000001", null, "Heron Mining"]);
  assert.deepEqual([world?.isin, world?.cusip], [null, "000000002"]);
});

async function walked({ provider, call }: Played, held: { ref: string; credential: string }, from: string | null) {
  const all: InvestmentTransactionFact[] = [];
  let cursor = from;
  for (;;) {
    const input = { ...held, products: ALL, cursor };
    const page = facts(await provider.readInvestmentTransactions!.run(call, input));
    all.push(...page.transactions);
    cursor = page.cursor;
    if (!page.more) return { all, page };
  }
}

test("orders come with their sign, day, kind and currency, page by page", async () => {
  const world: World = createWorld({ pageSize: 10 });
  await using played = await play({}, world);
  const { held } = await linked(played);
  const { all, page } = await walked(played, held, null);
  assert.equal(all.length, 29);
  assert.equal(new Set(all.map(({ ref }) => ref)).size, 29);
  const ago = (days: number) => dayOf(Date.now() - days * DAY);
  assert.deepEqual([page.from, page.to, page.cursor], [ago(730), ago(0), ago(0)]);
  assert.deepEqual(
    all
      .slice(0, 6)
      .map((one) =>
        [one.transactionDate, one.type, one.symbol, one.quantity, one.amount, one.currency, one.description].join(
          " · ",
        ),
      ),
    [
      `${ago(2)} · SELL · HRN · -3 · -126.3 · USD · SELL HERON MINING`,
      `${ago(3)} · CASH · WRLD · 0 · -12.84 · USD · DIVIDEND`,
      `${ago(4)} · OTHER ·  · 0 · 3.5 · USD · CUSTODY FEE`,
      `${ago(5)} · TRANSFER ·  · 2 · 0 · USD · TRANSFER IN`,
      `${ago(6)} · CANCEL · BALX · 0 · 0 · USD · CANCELLED BUY`,
      `${ago(8)} · BUY · WRLD · 0.1234 · 60.21 · USD · SAVINGS PLAN`,
    ],
  );
  assert.ok(all.every(({ status, postedDate }) => status === "POSTED" && postedDate === null));
  const again = await walked(played, held, page.cursor);
  assert.deepEqual([again.page.from, again.page.to], [ago(60), ago(0)]);
  assert.deepEqual(
    again.all.map(({ ref }) => ref),
    all.filter(({ transactionDate }) => transactionDate >= ago(60)).map(({ ref }) => ref),
  );
});

test("pages that moved while they were turned are void: the walk starts again", async () => {
  await using played = await play({}, createWorld({ pageSize: 10 }));
  const { provider, call, world } = played;
  const { item, held } = await linked(played);
  const first = facts(await provider.readInvestmentTransactions!.run(call, { ...held, cursor: null }));
  assert.equal(first.more, true);
  const given = { type: Type.Buy, subtype: Subtype.Buy, security_id: null, name: "LATE", quantity: 1, amount: 5 };
  trade(world, item, { ...given, at: world.now() });
  const met = trouble(await provider.readInvestmentTransactions!.run(call, { ...held, cursor: first.cursor }));
  assert.deepEqual([met.restart, met.state], [true, null]);
  assert.equal((await walked(played, held, null)).all.length, 30);
});

test("before Plaid has looked at the broker there is nothing, and nothing wrong", async () => {
  await using played = await play();
  const { provider, call } = played;
  const { item, held } = await linked(played);
  item.ready = false;
  const holdings = facts(await provider.readHoldings!.run(call, held));
  const orders = facts(await provider.readInvestmentTransactions!.run(call, { ...held, cursor: null }));
  assert.deepEqual([holdings.notReady, holdings.holdings], [true, []]);
  assert.deepEqual([orders.notReady, orders.transactions, orders.more], [true, [], false]);
});

test("a bank without investments says so of the product alone", async () => {
  await using played = await play();
  const { held } = await played.link();
  const met = trouble(await played.provider.readHoldings!.run(played.call, held));
  assert.deepEqual([met.scope, met.product, met.unavailable], ["product", "INVESTMENT_HOLDINGS", true]);
});

test("a refresh orders what is named, each order is paid, and shows as a newer look of that product", async () => {
  await using played = await play();
  const { provider, call, plaid } = played;
  const { item, held } = await linked(played);
  assert.ok(item.invested);
  const ordered = async (products: readonly Product[]) => {
    const from = plaid.exchanges.length;
    facts(await provider.refresh!.run(call, { ...held, products }));
    return plaid.exchanges.slice(from).map(({ path }) => path);
  };
  assert.deepEqual(await ordered(["TRANSACTIONS"]), ["/transactions/refresh"]);
  assert.deepEqual(await ordered(["INVESTMENT_HOLDINGS", "INVESTMENT_TRANSACTIONS"]), ["/investments/refresh"]);
  assert.deepEqual(await ordered(["TRANSACTIONS", "INVESTMENT_HOLDINGS"]), [
    "/transactions/refresh",
    "/investments/refresh",
  ]);
  item.lastSuccessfulUpdate = Date.parse("2026-11-20T10:00:00Z");
  item.invested.lastSuccessfulUpdate = Date.parse("2026-11-21T10:00:00Z");
  const { dataAsOf } = facts(await provider.readConnection!.run(call, held));
  assert.deepEqual(dataAsOf, {
    BALANCES: item.invested.lastSuccessfulUpdate,
    TRANSACTIONS: item.lastSuccessfulUpdate,
    INVESTMENT_HOLDINGS: item.invested.lastSuccessfulUpdate,
    INVESTMENT_TRANSACTIONS: item.invested.lastSuccessfulUpdate,
  });
});

test("the catalogue comes page by page, with an empty one at its end; banks tell what they offer", async () => {
  await using played = await play({}, createWorld({ pageSize: 3 }));
  const { provider, call } = played;
  const sizes: number[] = [];
  const offers = new Map<string, readonly Product[]>();
  for (let offset = 0; sizes.at(-1) !== 0; offset += sizes.at(-1) ?? 0) {
    const page = facts(await provider.readInstitutions!.run(call, { offset }));
    sizes.push(page.length);
    for (const { ref, products } of page) offers.set(ref, products);
  }
  assert.deepEqual(sizes, [3, 1, 0]);
  assert.deepEqual(offers.get("ins_900001"), ["BALANCES", "IDENTIFIERS", "OWNERS", "TRANSACTIONS"]);
  assert.deepEqual(offers.get(INVESTS), ALL);
});
