/** A transaction as a provider tells it, for tests of how they are kept. */
import type { TransactionFact } from "../../src/core/transaction.ts";

export const coffee = (ref: string, more: Partial<TransactionFact> = {}): TransactionFact => ({
  ref,
  accountRef: "a",
  amount: "12.50",
  currency: "USD",
  description: "Coffee",
  category: "FOOD_AND_DRINK",
  status: "POSTED",
  transactionDate: "2026-01-02",
  postedDate: "2026-01-03",
  ...more,
});
