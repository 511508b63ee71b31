// What can be read of an account. A connection asks for some of these at link; health, schedules and freshness are kept
// per product, and the API names them as they stand here.

export const PRODUCTS = [
  "BALANCES",
  "IDENTIFIERS",
  "INVESTMENT_HOLDINGS",
  "INVESTMENT_TRANSACTIONS",
  "OWNERS",
  "TRANSACTIONS",
] as const;

export type Product = (typeof PRODUCTS)[number];

export function isProduct(x: unknown): x is Product {
  return (PRODUCTS as readonly unknown[]).includes(x);
}
