// What is shared, in the customer's words. Products of the API that are not named here are shown by their own name.

export interface Shared {
  title: string;
  what: string;
}

const SHARED: Record<string, Shared> = {
  BALANCES: { title: "Accounts and balances", what: "Names, types and what is in them" },
  TRANSACTIONS: { title: "Transactions", what: "What came in and went out, with dates and amounts" },
  IDENTIFIERS: { title: "Account numbers", what: "Account and routing numbers, for payments" },
  OWNERS: { title: "Account holder", what: "The name, address and contact that the bank has" },
};

export const sharedOf = (product: string): Shared =>
  SHARED[product] ?? { title: product.charAt(0) + product.slice(1).toLowerCase().replaceAll("_", " "), what: "" };
