import { z } from "zod";
import type { AccountFact, AccountType } from "../../core/account.ts";
import { bad, good, type AccountList, type Held, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { currency, money } from "./exact.ts";
import { item, statementsOf, time } from "./statements.ts";

const account = z.object({
  account_id: z.string().min(1),
  persistent_account_id: z.string().nullish(),
  name: z.string(),
  mask: z.string().nullish(),
  type: z.string(),
  subtype: z.string().nullish(),
  balances: z.object({
    available: money.nullish(),
    current: money.nullish(),
    iso_currency_code: currency.nullish(),
    last_updated_datetime: time.nullish(),
  }),
});

/** Of /accounts/get and of /accounts/balance/get alike. */
export const accountsAnswer = z.object({ accounts: z.array(account), item });

/** https://plaid.com/docs/api/accounts/#account-type-schema */
const TYPES: Readonly<Record<string, AccountType>> = {
  depository: "DEPOSITORY",
  credit: "CREDIT",
  loan: "LOAN",
  investment: "INVESTMENT",
  brokerage: "INVESTMENT",
};

/** The accounts with the balances of Plaid's cache: `readBalances` asks the bank. */
export const readAccounts = (plaid: Plaid): Verb<Held, AccountList> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.accountsGet(request), accountsAnswer, { product: "BALANCES" });
    if (!told.ok) return bad(told.trouble);
    return good(listOf(told.facts));
  },
});

export const listOf = (told: z.infer<typeof accountsAnswer>): AccountList => ({
  accounts: told.accounts.map(factOf),
  statements: statementsOf({ item: told.item }),
});

export const subtypeOf = (told: string | null | undefined): string =>
  (told ?? "other").toUpperCase().replace(/[^A-Z0-9]+/g, "_");

function factOf(told: z.infer<typeof account>): AccountFact {
  const { balances } = told;
  return {
    ref: told.account_id,
    ...(told.persistent_account_id ? { persistentRef: told.persistent_account_id } : {}),
    name: told.name,
    type: (Object.hasOwn(TYPES, told.type) && TYPES[told.type]) || "OTHER",
    subtype: subtypeOf(told.subtype),
    mask: told.mask ?? null,
    // A closed account leaves the list.
    active: true,
    // A card's and a loan's `current` is what is owed, positive, as here.
    balances: {
      currency: balances.iso_currency_code ?? null,
      current: balances.current ?? null,
      available: balances.available ?? null,
      asOf: balances.last_updated_datetime ?? null,
    },
  };
}
