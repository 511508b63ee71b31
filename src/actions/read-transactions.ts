/**
 * Reads transactions page by page. Each page's rows and the cursor behind it are one transaction, so that a crash
 * between two pages neither loses a row nor reads one into a duplicate.
 */
import type { Raw } from "../core/status/health.ts";
import type { TransactionFact } from "../core/transaction.ts";
import type { Held, Statements, TransactionPage, Verb } from "../providers/provider.ts";
import { takeChange } from "../store/customers.ts";
import { mint } from "../store/home.ts";
import { saveProviderConnection } from "../store/provider-connections.ts";
import { addToTallies } from "../store/tallies.ts";
import { accountsToRematch, dropUntold, joinEarlier } from "../store/rematch.ts";
import { markRemoved, saveTransactions } from "../store/transactions.ts";
import { ask } from "./ask.ts";
import { type Found, hear, MOST_RESTARTS, productRead, step, tell, type Work } from "./run.ts";

type Reader = Verb<Held & { cursor: string | null }, TransactionPage>;

export async function readTransactions(work: Work, found: Found, held: Held, verb: Reader): Promise<void> {
  let base = work.held.cursorBase;
  let cursor = work.held.cursor;
  // What an earlier run left half read may tell of the moment at which that run began: when it is told, read on.
  let isOld = cursor !== base;
  let restarts = 0;
  let last: Statements = {};
  const earlier = await accountsToRematch(work.gateway.db, work.held.home, work.held.id);
  // Told as new since `base`, and of these what stood on pages that are void and is not told again yet.
  let told = new Set<string>();
  let unsure = new Set<string>();
  for (;;) {
    const answer = await ask(work, found, "readTransactions", verb, { ...held, cursor }, "TRANSACTIONS");
    if (!answer.ok) {
      if (!answer.trouble.restart) return;
      // Pages read since `base` are void. Their rows come again under the same ids; one that does not came and went
      // since `base`, of which there may be no word any more: it goes with the last page.
      if (++restarts > MOST_RESTARTS) return incomplete(found, answer.trouble.raw);
      unsure = new Set([...unsure, ...told]);
      told = new Set();
      cursor = base;
      isOld = false;
      continue;
    }
    const page = answer.facts;
    last = page.statements;
    const troubled = hear(found, page.statements, "TRANSACTIONS");
    if (page.notReady) {
      found.notReady = true;
      return;
    }
    for (const { ref } of page.added) told.add(ref);
    for (const { ref } of [...page.added, ...page.modified]) unsure.delete(ref);
    const removed = page.more ? page.removed : [...page.removed, ...unsure];
    if (troubled || !(await keepPage(work, found, { ...page, removed }, base, earlier.length > 0))) return;
    // A page that ends where it began and promises more would be read for ever, and is not all there is.
    if (page.more && page.cursor === cursor) return incomplete(found, { code: "CURSOR_STANDS_STILL" });
    if (!page.more && !isOld) break;
    cursor = page.cursor;
    if (page.more) continue;
    base = cursor;
    isOld = false;
    told = new Set();
    unsure = new Set();
  }
  if (earlier.length > 0) await endRematch(work, found, earlier);
  found.read.push(productRead("TRANSACTIONS", verb.source, last));
}

/** An account that did not answer has told nothing, so nothing of it is missing. */
async function endRematch(work: Work, found: Found, earlier: readonly string[]): Promise<void> {
  const { gateway, held } = work;
  const silent = new Set(found.told.map(({ accountRef }) => accountRef && found.accounts.get(accountRef)));
  const told = earlier.filter((id) => found.listed?.includes(id) && !silent.has(id));
  await step(work, "rematched", async (sql) => {
    const change = await takeChange(sql, held.home, held.customerId);
    const dropped = await dropUntold(sql, held.home, told, gateway.door.now(), change);
    await addToTallies(sql, held.home, dropped);
  });
}

/** False: the page names an account that the list does not have; it is kept for a run that knows it. */
async function keepPage(
  work: Work,
  found: Found,
  page: TransactionPage,
  base: string | null,
  isRematched: boolean,
): Promise<boolean> {
  const { gateway, held } = work;
  const facts = latestOfEach([...page.added, ...page.modified]);
  const stranger = facts.find((fact) => !found.accounts.has(fact.accountRef));
  if (stranger) {
    incomplete(found, { code: "TRANSACTION_OF_UNLISTED_ACCOUNT" });
    return false;
  }
  await step(work, "transactions", async (sql, fresh) => {
    const now = gateway.door.now();
    let taken: Promise<string> | undefined;
    const change = () => (taken ??= takeChange(sql, held.home, held.customerId));
    const removed = await markRemoved(sql, held.home, [...found.accounts.values()], page.removed, now, change);
    const incoming = facts.map((fact) => ({
      accountId: found.accounts.get(fact.accountRef) ?? "",
      fact,
    }));
    if (isRematched) await joinEarlier(sql, held.home, incoming);
    const written = await saveTransactions(sql, held.home, incoming, now, change, () =>
      mint(gateway.door, "transaction", held.home),
    );
    await addToTallies(sql, held.home, [...removed, ...written]);
    const cursorBase = page.more ? base : page.cursor;
    await saveProviderConnection(sql, { ...fresh, cursor: page.cursor, cursorBase });
  });
  return true;
}

/** One page may name a transaction twice, added and then changed: the later word counts. */
const latestOfEach = (facts: readonly TransactionFact[]): TransactionFact[] => [
  ...new Map(facts.map((fact) => [`${fact.accountRef} ${fact.ref}`, fact])).values(),
];

/** The history was not read to its end. */
function incomplete(found: Found, raw: Raw): void {
  tell(found, { scope: "product", state: "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", raw }, "TRANSACTIONS");
}
