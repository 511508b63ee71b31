// The farm's accounts, transactions, holdings and trades in the contract's shapes, signs and dates: a file each.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PRODUCTS } from "../../src/core/products.ts";
import { openGateway, type TestGateway } from "../http/gateway.ts";
import { assertGolden, settled } from "./golden.ts";

let gateway: TestGateway;
const linked: Record<string, string> = {};
before(async () => {
  gateway = await openGateway();
  for (const name of ["Copper Mesa", "Thistle Moor", "Investments"]) linked[name] = await link(name);
});
after(() => gateway.close());

async function link(name: string): Promise<string> {
  // What a gateway draws before it links is no matter of these files.
  gateway.reseed(name);
  const { institutions } = (await gateway.call("GET", `/institutions?name=${encodeURIComponent(name)}`)).body;
  const asked = { externalCustomerId: `golden ${name}`, institutionId: institutions[0].id, products: PRODUCTS };
  const made = await gateway.call("POST", "/sandbox/connections", {
    ...asked,
    products: await offered(institutions[0].id),
  });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  await gateway.worker.drain();
  return made.body.id;
}

const offered = async (id: string): Promise<string[]> =>
  (await gateway.call("GET", `/institutions/${id}`)).body.products;
const told = async (path: string, bank: string, limit: number) =>
  (await gateway.call("GET", `/bank-linking/${path}?connectionId=${linked[bank]}&limit=${limit}`)).body;

for (const [file, bank] of [
  ["sandbox-us", "Copper Mesa"],
  ["sandbox-gb", "Thistle Moor"],
] as const) {
  test(`Accounts and transactions of ${bank}`, async () => {
    const { financialAccounts } = await told("accounts", bank, 10);
    const { financialAccountTransactions } = await told("transactions", bank, 6);
    for (const account of financialAccounts) {
      const { currentAmount } = account.balances;
      assert.ok(currentAmount >= 0, "what is owed is positive, too");
      const { ach, bacs, international } = account.identifiers ?? {};
      if (account.type !== "DEPOSITORY") assert.equal(account.identifiers, null, "nobody pays into a card or a loan");
      else if (file === "sandbox-us")
        assert.deepEqual([bacs, international, ach.routingNumber.length], [null, null, 9]);
      else assert.deepEqual([ach, bacs.sortCode.length, isIban(international.iban)], [null, 6, true]);
    }
    for (const { transactionDate, postedDate, status } of financialAccountTransactions) {
      assert.match(transactionDate, /^\d{4}-\d{2}-\d{2}$/);
      assert.equal(postedDate === null, status === "PENDING");
    }
    assertGolden(file, settled({ financialAccounts, financialAccountTransactions }));
  });
}

test("Holdings and trades", async () => {
  const { investmentHoldings } = await told("investments/holdings", "Investments", 10);
  const { investmentTransactions } = await told("investments/transactions", "Investments", 6);
  for (const { type, amount, quantity } of investmentTransactions) {
    if (type === "BUY") assert.ok(amount > 0 && quantity > 0, "a purchase: cash out, shares in");
    if (type === "SELL") assert.ok(amount < 0 && quantity < 0, "a sale: cash in, shares out");
  }
  assertGolden("sandbox-investments", settled({ investmentHoldings, investmentTransactions }));
});

/** ISO 13616. */
function isIban(text: string): boolean {
  const moved = [...text.slice(4), ...text.slice(0, 4)].map((sign) => Number.parseInt(sign, 36)).join("");
  return BigInt(moved) % 97n === 1n;
}
