/**
 * Reads what is held in investment accounts and what was done in them. Neither is told as changes: holdings come as a
 * whole list, transactions as a span of days that is told whole, so that what is missing at its end is gone.
 */
import type { InvestmentTransactionFact } from "../core/investment.ts";
import type { Held, HoldingList, InvestmentTransactionPage, Verb } from "../providers/provider.ts";
import type { Sql } from "../store/database.ts";
import { mint } from "../store/home.ts";
import {
  investmentCursor,
  markUntold,
  saveHoldings,
  saveInvestmentCursor,
  saveInvestmentTransactions,
} from "../store/investments.ts";
import { addToTallies } from "../store/tallies.ts";
import { ask, isOver } from "./ask.ts";
import { type Found, hear, MOST_RESTARTS, productRead, step, tell, type Work } from "./run.ts";

type TransactionReader = Verb<Held & { cursor: string | null }, InvestmentTransactionPage>;

/** False: the run is over. */
export async function readHoldings(
  work: Work,
  found: Found,
  held: Held,
  verb: Verb<Held, HoldingList>,
): Promise<boolean> {
  const answer = await ask(work, found, "readHoldings", verb, held, "INVESTMENT_HOLDINGS");
  if (!answer.ok) return !isOver(answer);
  const { holdings, statements, notReady } = answer.facts;
  if (hear(found, statements, "INVESTMENT_HOLDINGS")) return false;
  if (notReady) {
    found.notReady = true;
    return true;
  }
  if (holdings.some(({ accountRef }) => !found.accounts.has(accountRef))) {
    incomplete(found, "INVESTMENT_HOLDINGS", "HOLDING_OF_UNLISTED_ACCOUNT");
    return true;
  }
  const { gateway } = work;
  await step(work, "holdings", async (sql, { home }) => {
    const list = holdings.map((fact) => ({
      id: mint(gateway.door, "holding", home),
      accountId: found.accounts.get(fact.accountRef) ?? "",
      fact,
    }));
    await saveHoldings(sql, home, answering(found), list, gateway.door.now());
  });
  found.read.push(productRead("INVESTMENT_HOLDINGS", verb.source, statements));
  return true;
}

/** False: the run is over. */
export async function readInvestmentTransactions(
  work: Work,
  found: Found,
  held: Held,
  verb: TransactionReader,
): Promise<boolean> {
  const product = "INVESTMENT_TRANSACTIONS";
  const base = await investmentCursor(work.gateway.db, work.held.home, work.held.id);
  let cursor = base;
  let restarts = 0;
  const told = new Set<string>();
  for (;;) {
    const answer = await ask(work, found, "readInvestmentTransactions", verb, { ...held, cursor }, product);
    if (!answer.ok) {
      if (!answer.trouble.restart) return !isOver(answer);
      if (++restarts > MOST_RESTARTS) return incomplete(found, product, answer.trouble.raw.code);
      // Rows of void pages are harmless: what is true of them comes again, and what is not is missing at the end.
      told.clear();
      cursor = base;
      continue;
    }
    const page = answer.facts;
    if (hear(found, page.statements, product)) return false;
    if (page.notReady) {
      found.notReady = true;
      return true;
    }
    if (page.transactions.some(({ accountRef }) => !found.accounts.has(accountRef)))
      return incomplete(found, product, "TRANSACTION_OF_UNLISTED_ACCOUNT");
    if (page.more && page.cursor === cursor) return incomplete(found, product, "CURSOR_STANDS_STILL");
    for (const { ref } of page.transactions) told.add(ref);
    await step(work, "investment transactions", (sql) => keepPage(work, found, sql, page, told));
    cursor = page.cursor;
    if (page.more) continue;
    found.read.push(productRead(product, verb.source, page.statements));
    return true;
  }
}

/** The cursor moves with the walk's last page: a walk that was cut off begins again where it began. */
async function keepPage(
  { gateway, held }: Work,
  found: Found,
  sql: Sql,
  page: InvestmentTransactionPage,
  told: ReadonlySet<string>,
): Promise<void> {
  const { home } = held;
  const now = gateway.door.now();
  const facts = new Map(page.transactions.map((fact) => [`${fact.accountRef} ${fact.ref}`, fact]));
  const incoming = [...facts.values()].map((fact: InvestmentTransactionFact) => ({
    id: mint(gateway.door, "investmentTransaction", home),
    accountId: found.accounts.get(fact.accountRef) ?? "",
    fact,
  }));
  const changes = await saveInvestmentTransactions(sql, home, incoming, now);
  if (!page.more) {
    changes.push(...(await markUntold(sql, home, answering(found), page, [...told], now)));
    await saveInvestmentCursor(sql, home, held.id, page.cursor);
  }
  await addToTallies(sql, home, changes, "investments");
}

/** The accounts that are listed and answer: of one that does not, nothing is missing. */
function answering(found: Found): string[] {
  const silent = new Set(found.told.flatMap(({ accountRef }) => (accountRef && found.accounts.get(accountRef)) || []));
  return (found.listed ?? []).filter((id) => !silent.has(id));
}

function incomplete(found: Found, product: "INVESTMENT_HOLDINGS" | "INVESTMENT_TRANSACTIONS", code: string): true {
  tell(found, { scope: "product", state: "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", raw: { code } }, product);
  return true;
}
