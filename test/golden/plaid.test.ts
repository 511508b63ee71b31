// What the played Plaid tells, in the contract's shapes, signs and dates: all four kinds of identifiers, two owners.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PRODUCTS } from "../../src/core/products.ts";
import { INVESTS } from "../providers/plaid/fixture/data.ts";
import { createWorld, finishLink, type World } from "../providers/plaid/fixture/world.ts";
import type { Json, TestGateway } from "../stories/gateway.ts";
import { playedPlaid } from "../stories/played-plaid.ts";
import { startLink } from "../stories/walk.ts";
import { assertGolden, settled } from "./golden.ts";

const world: World = createWorld();
let gateway: TestGateway;
playedPlaid(world, (played) => void ({ gateway } = played));

async function linkAt(bank: string | undefined, products: readonly string[]) {
  const sitting = await startLink(gateway, `golden ${bank}`, { products });
  const { linkToken = "" } = await sitting.choose();
  const done = await sitting.complete({ publicToken: finishLink(world, linkToken, bank) });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  await gateway.aggregated(sitting.connectionId);
  // Our ids are drawn anew in each run, and lists go by them: here they go by what is told.
  return async (path: string, list: string, limit: number): Promise<Json[]> => {
    const query = `connectionId=${sitting.connectionId}&limit=100`;
    const records = (await gateway.good("GET", `/bank-linking/${path}?${query}`))[list] as Json[];
    const text = (one: Json) =>
      JSON.stringify(["transactionDate", "name", "description", "amount", "quantity"].map((name) => one[name]));
    return records.toSorted((a, b) => (text(a) < text(b) ? -1 : 1)).slice(0, limit);
  };
}

const today = (): string => new Date(world.now()).toISOString().slice(0, 10);
/** What the played Plaid mints anew in each world. */
const named = (): Record<string, string> => ({ [world.items.at(-1)?.itemId ?? ""]: "<item>" });

test("Accounts and transactions", async () => {
  const told = await linkAt(undefined, ["BALANCES", "IDENTIFIERS", "OWNERS", "TRANSACTIONS"]);
  const financialAccounts = await told("accounts", "financialAccounts", 10);
  const financialAccountTransactions = await told("transactions", "financialAccountTransactions", 8);
  const checking = financialAccounts.find(({ name }) => name === "Everyday Checking");
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
  assert.equal((checking?.["owners"] as Json[] | undefined)?.length, 2);
  assertGolden("plaid", settled({ financialAccounts, financialAccountTransactions }, named(), today()));
});

test("Holdings and trades", async () => {
  const told = await linkAt(INVESTS, PRODUCTS);
  const investmentHoldings = await told("investments/holdings", "investmentHoldings", 10);
  const investmentTransactions = await told("investments/transactions", "investmentTransactions", 8);
  assertGolden("plaid-investments", settled({ investmentHoldings, investmentTransactions }, named(), today()));
});
