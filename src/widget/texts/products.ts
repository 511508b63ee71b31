// What is shared, in the customer's words. Products of the API that are not named here are shown by their own name.

export interface Shared {
  title: string;
  what: string;
}

const SHARED: Record<string, Shared> = {
  BALANCES: { title: "Accounts and balances", what: "Names, types and what is in them" },
  TRANSACTIONS: { title: "Transactions", what: "What came in and went out" },
  IDENTIFIERS: { title: "Account numbers", what: "Account and routing numbers" },
  OWNERS: { title: "Account holder", what: "Name and address, as the bank has them" },
};

const ORDER = Object.keys(SHARED);
const placeOf = (product: string): number => (ORDER.includes(product) ? ORDER.indexOf(product) : ORDER.length);

export const inOrder = (products: readonly string[]): string[] =>
  [...products].sort((one, other) => placeOf(one) - placeOf(other));

export const sharedOf = (product: string): Shared =>
  SHARED[product] ?? { title: product.charAt(0) + product.slice(1).toLowerCase().replaceAll("_", " "), what: "" };
