/**
 * Plaid's personal finance categories as ours. The primary decides; a detailed one is named only where its primary
 * gathers what we tell apart. https://plaid.com/documents/pfc-taxonomy-all.csv, both versions.
 */
import type { Category } from "../../core/transaction.ts";

const PRIMARY: Readonly<Record<string, Category>> = {
  INCOME: "INCOME",
  TRANSFER_IN: "TRANSFER",
  TRANSFER_OUT: "TRANSFER",
  LOAN_DISBURSEMENTS: "LOAN",
  LOAN_PAYMENTS: "LOAN",
  BANK_FEES: "FEE",
  ENTERTAINMENT: "ENTERTAINMENT",
  FOOD_AND_DRINK: "FOOD_AND_DRINK",
  GENERAL_MERCHANDISE: "SHOPPING",
  HOME_IMPROVEMENT: "HOME",
  MEDICAL: "MEDICAL",
  PERSONAL_CARE: "HEALTH",
  GENERAL_SERVICES: "OTHER",
  GOVERNMENT_AND_NON_PROFIT: "OTHER",
  TRANSPORTATION: "TRANSPORTATION",
  TRAVEL: "TRAVEL",
  RENT_AND_UTILITIES: "BILLS",
  OTHER: "OTHER",
};

const DETAILED: Readonly<Record<string, Category>> = {
  GENERAL_SERVICES_CHILDCARE: "FAMILY",
  GENERAL_SERVICES_EDUCATION: "EDUCATION",
  GENERAL_SERVICES_INSURANCE: "BILLS",
  GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT: "TAXES",
  RENT_AND_UTILITIES_RENT: "HOME",
  TRANSFER_IN_INVESTMENT_AND_RETIREMENT_FUNDS: "INVESTMENTS",
  TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS: "INVESTMENTS",
};

/** A category that we do not know is not guessed at. */
export function categoryOf(told: { primary: string; detailed: string } | null | undefined): Category {
  if (!told) return "UNCATEGORIZED";
  const known = (table: Readonly<Record<string, Category>>, key: string): Category | undefined =>
    Object.hasOwn(table, key) ? table[key] : undefined;
  return known(DETAILED, told.detailed) ?? known(PRIMARY, told.primary) ?? "UNCATEGORIZED";
}
