import { z } from "zod";
import type { TransactionFact } from "../../core/transaction.ts";
import { bad, good, type Held, type TransactionPage, type Verb } from "../provider.ts";
import { categoryOf } from "./categories.ts";
import type { Plaid } from "./client.ts";
import { currency, money } from "./exact.ts";

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const transaction = z.object({
  transaction_id: z.string().min(1),
  account_id: z.string().min(1),
  pending_transaction_id: z.string().nullish(),
  amount: money,
  iso_currency_code: currency.nullish(),
  name: z.string(),
  pending: z.boolean(),
  date: day,
  authorized_date: day.nullish(),
  personal_finance_category: z.object({ primary: z.string(), detailed: z.string() }).nullish(),
});

const answer = z.object({
  transactions_update_status: z.string().optional(),
  added: z.array(transaction),
  modified: z.array(transaction),
  removed: z.array(z.object({ transaction_id: z.string().min(1) })),
  next_cursor: z.string(),
  has_more: z.boolean(),
});

/** The most that a page may hold: https://plaid.com/docs/api/products/transactions/#transactionssync */
const PAGE = 500;

export const readTransactions = (plaid: Plaid): Verb<Held & { cursor: string | null }, TransactionPage> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential, cursor }) => {
    // The first look, and every look until Plaid has read the bank, goes without a cursor.
    const request = { access_token: credential, count: PAGE, ...(cursor ? { cursor } : {}) };
    const told = await plaid(call, (api) => api.transactionsSync(request), answer, { product: "TRANSACTIONS" });
    if (told.ok) return good(pageOf(told.facts));
    if (told.trouble.raw.code === "PRODUCT_NOT_READY") return good(notReady(cursor ?? ""));
    return bad(told.trouble);
  },
});

const notReady = (cursor: string): TransactionPage => ({
  added: [],
  modified: [],
  removed: [],
  cursor,
  more: false,
  notReady: true,
  statements: {},
});

const pageOf = (told: z.infer<typeof answer>): TransactionPage => ({
  added: told.added.map(factOf),
  modified: told.modified.map(factOf),
  removed: told.removed.map((gone) => gone.transaction_id),
  cursor: told.next_cursor,
  more: told.has_more,
  // An empty cursor says the same, and is what an older answer has alone.
  ...(told.transactions_update_status === "NOT_READY" || told.next_cursor === "" ? { notReady: true } : {}),
  statements: {},
});

function factOf(told: z.infer<typeof transaction>): TransactionFact {
  return {
    ref: told.transaction_id,
    accountRef: told.account_id,
    ...(told.pending_transaction_id ? { pendingRef: told.pending_transaction_id } : {}),
    // Positive is money out at Plaid as well.
    amount: told.amount,
    // Points and coins have no ISO 4217 code; XXX is the code that says so.
    currency: told.iso_currency_code ?? "XXX",
    description: told.name,
    category: categoryOf(told.personal_finance_category),
    status: told.pending ? "PENDING" : "POSTED",
    // `date` is the day of posting, and of a pending one the day on which it was made.
    transactionDate: told.authorized_date ?? told.date,
    postedDate: told.pending ? null : told.date,
  };
}
