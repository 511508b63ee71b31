/** A transaction as a provider tells it. */
import type { Decimal } from "./money.ts";

export const CATEGORIES = [
  "INCOME",
  "BILLS",
  "LOAN",
  "EDUCATION",
  "ENTERTAINMENT",
  "FOOD_AND_DRINK",
  "FEE",
  "FAMILY",
  "HEALTH",
  "HOME",
  "TRANSPORTATION",
  "TRAVEL",
  "TRANSFER",
  "MEDICAL",
  "INVESTMENTS",
  "SHOPPING",
  "TAXES",
  "OTHER",
  "UNCATEGORIZED",
] as const;
export type Category = (typeof CATEGORIES)[number];

export const TRANSACTION_STATUSES = ["PENDING", "POSTED", "SHADOW", "EXPIRED"] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

export interface TransactionFact {
  /** The provider's transaction id. Two equal purchases are two ids: nothing else tells them apart or joins them. */
  ref: string;
  accountRef: string;
  /** The provider's id of the pending transaction that this one replaces; ours keeps its id through that. */
  pendingRef?: string;
  /** Positive: money out. Negative: money in. */
  amount: Decimal;
  /** ISO 4217. */
  currency: string;
  description: string;
  category: Category;
  status: "PENDING" | "POSTED";
  /** Plain dates, YYYY-MM-DD, in the bank's own calendar: never shifted by a time zone. */
  transactionDate: string;
  postedDate: string | null;
}
