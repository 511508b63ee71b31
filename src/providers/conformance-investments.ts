/** The part of the suite that is about investments: a whole list of holdings, and walks that tell their days whole. */
import type strict from "node:assert/strict";
import { HOLDING_TYPES, INVESTMENT_TRANSACTION_TYPES } from "../core/investment.ts";
import type { InvestmentTransactionFact } from "../core/investment.ts";
import { isDecimal } from "../core/money.ts";
import type { Answer, Call, Held, Provider } from "./provider.ts";

interface Investor {
  provider: Provider;
  call: Call;
}
type Check<Subject> = (title: string, body: (subject: Subject) => Promise<void>) => unknown;

const MOST_PAGES = 50;

export function investmentChecks<Subject extends Investor>(
  check: Check<Subject>,
  assert: typeof strict,
  link: (subject: Subject) => Promise<{ held: Held }>,
): void {
  const isCurrency = (code: string) => /^[A-Z]{3}$/.test(code);
  const isAmount = (amount: string | null) => amount === null || isDecimal(amount);

  /** The facts; null where the bank keeps no such accounts, which has to be said of the product alone. */
  function offered<Facts>(answer: Answer<Facts>, product: string): Facts | null {
    if (answer.ok) return answer.facts;
    const { scope, unavailable, product: which } = answer.trouble;
    assert.deepEqual([scope, unavailable, which], ["product", true, product], JSON.stringify(answer.trouble));
    return null;
  }

  async function walk({ provider, call }: Subject, held: Held, from: string | null) {
    const told: InvestmentTransactionFact[] = [];
    let cursor = from;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const answer = await provider.readInvestmentTransactions?.run(call, { ...held, cursor });
      const page = answer && offered(answer, "INVESTMENT_TRANSACTIONS");
      if (!page) return null;
      assert.ok(plainDate(page.from) && plainDate(page.to) && page.from <= page.to, `${page.from} to ${page.to}`);
      for (const { ref, transactionDate } of page.transactions)
        assert.ok(transactionDate >= page.from && transactionDate <= page.to, `${ref} is of another day`);
      told.push(...page.transactions);
      cursor = page.cursor;
      if (!page.more) return { told, cursor };
    }
    return assert.fail("the walk through the investment transactions has no end");
  }

  const accountsOf = async ({ provider, call }: Subject, held: Held): Promise<string[]> => {
    const answer = await provider.readAccounts.run(call, held);
    return answer.ok ? answer.facts.accounts.map(({ ref }) => ref) : assert.fail(JSON.stringify(answer.trouble));
  };

  check("its holdings are well formed, each once, of accounts that it lists", async (subject) => {
    const { readHoldings, products } = subject.provider;
    assert.equal(readHoldings !== undefined, products.includes("INVESTMENT_HOLDINGS"));
    if (!readHoldings) return;
    const { held } = await link(subject);
    const list = offered(await readHoldings.run(subject.call, held), "INVESTMENT_HOLDINGS");
    if (!list) return;
    const refs = await accountsOf(subject, held);
    assert.ok(list.holdings.length > 0, "nothing is held");
    assert.equal(new Set(list.holdings.map((one) => `${one.accountRef} ${one.ref}`)).size, list.holdings.length);
    for (const one of list.holdings) {
      assert.ok(one.ref !== "" && refs.includes(one.accountRef), one.ref);
      assert.ok(HOLDING_TYPES.includes(one.type) && isCurrency(one.currency) && isDecimal(one.quantity), one.ref);
      assert.ok([one.costBasis, one.closePrice, one.currentValue].every(isAmount), one.ref);
    }
  });

  check("a walk tells each investment transaction once, and its days whole each time", async (subject) => {
    const { readInvestmentTransactions, products } = subject.provider;
    assert.equal(readInvestmentTransactions !== undefined, products.includes("INVESTMENT_TRANSACTIONS"));
    if (!readInvestmentTransactions) return;
    const { held } = await link(subject);
    const first = await walk(subject, held, null);
    if (!first) return;
    const refs = await accountsOf(subject, held);
    assert.ok(first.told.length > 0, "nothing was traded");
    assert.equal(new Set(first.told.map(({ ref }) => ref)).size, first.told.length);
    for (const one of first.told) {
      assert.ok(one.ref !== "" && refs.includes(one.accountRef), one.ref);
      assert.ok(INVESTMENT_TRANSACTION_TYPES.includes(one.type) && isCurrency(one.currency), one.ref);
      assert.ok(isDecimal(one.amount) && isDecimal(one.quantity) && isAmount(one.costBasis), one.ref);
      assert.ok(plainDate(one.transactionDate) && (one.postedDate === null || plainDate(one.postedDate)), one.ref);
      if (one.type === "BUY") assert.ok(!one.quantity.startsWith("-") && !one.amount.startsWith("-"), one.ref);
      if (one.type === "SELL") assert.ok(one.quantity.startsWith("-") && one.amount.startsWith("-"), one.ref);
    }
    assert.deepEqual((await walk(subject, held, null))?.told, first.told);
    const again = await walk(subject, held, first.cursor);
    assert.ok(again, "a second walk was refused");
    const known = new Set(first.told.map(({ ref }) => ref));
    assert.deepEqual(
      again.told.filter(({ ref }) => !known.has(ref)),
      [],
    );
  });
}

/** YYYY-MM-DD, and a day that there is. */
export function plainDate(date: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(date);
}
