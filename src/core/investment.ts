/** What is held in an investment account, and what was done in it, as a provider tells it. */
import type { Decimal } from "./money.ts";

export const HOLDING_TYPES = [
  "STOCK",
  "MUTUALFUND",
  "CASH",
  "OTHER",
  "REALESTATE",
  "ETF",
  "DERIVATIVE",
  "DIGITALASSET",
] as const;
export type HoldingType = (typeof HOLDING_TYPES)[number];

export const INVESTMENT_TRANSACTION_TYPES = ["SELL", "BUY", "CANCEL", "CASH", "OTHER", "TRANSFER"] as const;
export type InvestmentTransactionType = (typeof INVESTMENT_TRANSACTION_TYPES)[number];

export interface HoldingFact {
  /** The provider's name of this position, of its own in the account. */
  ref: string;
  accountRef: string;
  /** Null: not publicly traded, or not told. */
  symbol: string | null;
  cusip: string | null;
  isin: string | null;
  description: string;
  type: HoldingType;
  quantity: Decimal;
  /** What was paid for all of it, not for a piece. */
  costBasis: Decimal | null;
  /** Of one piece, when the market last closed. */
  closePrice: Decimal | null;
  /** Of all of it. */
  currentValue: Decimal | null;
  /** ISO 4217. */
  currency: string;
}

export interface InvestmentTransactionFact {
  ref: string;
  accountRef: string;
  symbol: string | null;
  description: string;
  type: InvestmentTransactionType;
  status: "PENDING" | "POSTED";
  /** Positive: into the account, as in a purchase. Negative: out of it. */
  quantity: Decimal;
  /** What was paid for what is sold, where the provider tells it. */
  costBasis: Decimal | null;
  /** Positive: cash goes out, as in a purchase. Negative: cash comes in. */
  amount: Decimal;
  /** ISO 4217. */
  currency: string;
  /** Plain dates, YYYY-MM-DD, in the bank's own calendar. */
  transactionDate: string;
  postedDate: string | null;
}
