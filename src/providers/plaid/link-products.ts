/** What Link is asked for: our products as Plaid's, in the three ways in which it takes them. */
import { Products, type LinkTokenCreateRequest } from "plaid";
import type { Product } from "../../core/products.ts";

/** The Plaid product behind each of ours. Balances come with every Item, and "balance" cannot open Link. */
export const PLAID_PRODUCTS: Readonly<Record<Product, Products | null>> = {
  BALANCES: null,
  IDENTIFIERS: Products.Auth,
  INVESTMENT_HOLDINGS: Products.Investments,
  INVESTMENT_TRANSACTIONS: Products.Investments,
  OWNERS: Products.Identity,
  TRANSACTIONS: Products.Transactions,
};

export const plaidProducts = (products: readonly Product[]): Products[] => [
  ...new Set(products.flatMap((product) => PLAID_PRODUCTS[product] ?? [])),
];

/** Ours that an Item with these of Plaid's gives. */
export const productsOf = (theirs: readonly string[]): Product[] =>
  (Object.entries(PLAID_PRODUCTS) as [Product, Products | null][]).flatMap(([product, its]) =>
    its === null || theirs.includes(its) ? [product] : [],
  );

/** The most that Plaid reads back, and only the first link can ask for it: https://plaid.com/docs/api/link/ */
const HISTORY_DAYS = 730;

type Asked = Pick<
  LinkTokenCreateRequest,
  "products" | "required_if_supported_products" | "optional_products" | "transactions"
>;

/**
 * One product is required of the bank, since each one more hides banks, and accounts that are otherwise well; the rest
 * of what the application requires is taken wherever bank and account support it.
 * https://plaid.com/docs/link/initializing-products/
 */
export function productsFor(required: readonly Product[], optional: readonly Product[]): Asked {
  const must = plaidProducts(required);
  const may = plaidProducts(optional);
  const base = baseOf(must, may, [...required, ...optional].includes("BALANCES"));
  const ifSupported = must.filter((product) => product !== base);
  const besides = may.filter((product) => product !== base && !must.includes(product));
  const reads = [base, ...ifSupported, ...besides];
  return {
    products: [base],
    ...(ifSupported.length > 0 && { required_if_supported_products: ifSupported }),
    ...(besides.length > 0 && { optional_products: besides }),
    ...(reads.includes(Products.Transactions) && { transactions: { days_requested: HISTORY_DAYS } }),
  };
}

/**
 * Of what must be there: what Plaid reads again by itself. An Item without such a product keeps its first balances for
 * ever (https://support.plaid.com/hc/en-us/articles/15197235844119), so balances, too, come with transactions where
 * nothing else that is read again was asked for.
 */
function baseOf(must: readonly Products[], may: readonly Products[], balances: boolean): Products {
  const readAgain = [Products.Transactions, Products.Investments];
  const kept = readAgain.find((product) => must.includes(product));
  const [first] = must;
  if (kept || (first && !balances)) return kept ?? first ?? Products.Transactions;
  return readAgain.find((product) => may.includes(product)) ?? Products.Transactions;
}
