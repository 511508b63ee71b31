import type { Category, TransactionFact } from "../../core/transaction.ts";
import { bad, good } from "../provider.ts";
import type { Held, TransactionPage, Verb } from "../provider.ts";
import { unreadable } from "../reading.ts";
import { dateOf, moneyOf } from "./amounts.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { troublesOf } from "./statements.ts";
import { Entries } from "./wire.ts";
import type { Entry } from "./wire.ts";

/** The farm's sorts of entries. A sort that is not here is UNCATEGORIZED; the farm may think of new ones. */
const SORTS: Readonly<Record<string, Category>> = {
  groceries: "FOOD_AND_DRINK",
  meals: "FOOD_AND_DRINK",
  transport: "TRANSPORTATION",
  health: "HEALTH",
  leisure: "ENTERTAINMENT",
  household: "HOME",
  shopping: "SHOPPING",
  salary: "INCOME",
  interest: "INCOME",
  loan: "LOAN",
};

export const readTransactions = (settings: Settings): Verb<Held & { cursor: string | null }, TransactionPage> => ({
  cost: "free",
  source: "bank",
  async run(call, { credential, cursor }) {
    const told = await ask(call, settings, {
      to: "GET /line/entries",
      grant: credential,
      ...(cursor === null ? {} : { query: { after: cursor } }),
      shape: Entries,
      whose: { product: "TRANSACTIONS" },
    });
    if (!told.ok) return bad(told.trouble);
    const { added, changed, gone, more, place, faults, asof, requestId } = told.facts;
    try {
      return good({
        added: added.map(factOf),
        modified: changed.map(factOf),
        removed: gone,
        cursor: place,
        more,
        statements: { dataAsOf: { TRANSACTIONS: asof * 1000 }, troubles: troublesOf(faults, requestId) },
      });
    } catch (error) {
      if (error instanceof RangeError) return bad(unreadable(error.message));
      throw error;
    }
  },
});

/** The farm counts from the account: out is negative there and positive here. */
function factOf(entry: Entry): TransactionFact {
  return {
    ref: entry.no,
    accountRef: entry.acct,
    ...(entry.was === undefined ? {} : { pendingRef: entry.was }),
    ...moneyOf(-entry.minor, entry.cur),
    description: entry.text,
    category: SORTS[entry.sort] ?? "UNCATEGORIZED",
    status: entry.booked ? "POSTED" : "PENDING",
    transactionDate: dateOf(entry.day),
    postedDate: entry.bookday === undefined ? null : dateOf(entry.bookday),
  };
}
