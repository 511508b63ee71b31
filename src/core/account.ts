/** A financial account as a provider tells it, and as the gateway keeps it. */
import type { Instant } from "./door.ts";
import type { Decimal } from "./money.ts";

export const ACCOUNT_TYPES = ["DEPOSITORY", "CREDIT", "LOAN", "INVESTMENT", "OTHER"] as const;
export type AccountType = (typeof ACCOUNT_TYPES)[number];

/**
 * Positive for every type: what is there, or, for cards and loans, what is owed. A provider that tells it otherwise is
 * turned round in its own folder.
 */
export interface Balances {
  /** ISO 4217, or null where the provider tells none. */
  currency: string | null;
  current: Decimal | null;
  available: Decimal | null;
  /** When the provider read them from the bank; null: it does not tell. */
  asOf: Instant | null;
}

/** The account numbers by the contract's shapes; kinds that do not exist are null. */
export interface Identifiers {
  ach: { accountNumber: string; routingNumber: string } | null;
  eft: { accountNumber: string; institutionNumber: string; branchNumber: string } | null;
  international: { iban: string | null; bic: string | null; accountNumber: string | null } | null;
  bacs: { accountNumber: string; sortCode: string } | null;
}

/** Whether it is the owner's first one; UNKNOWN where the provider does not tell. */
export interface Reached<Data = string> {
  data: Data;
  primary: "TRUE" | "FALSE" | "UNKNOWN";
}

export interface Address {
  street: string | null;
  city: string | null;
  region: string | null;
  postalCode: string | null;
  /** ISO 3166-1 alpha-2, where the provider keeps to it. */
  country: string | null;
}

export interface Owner {
  names: readonly string[];
  addresses: readonly Reached<Address>[];
  emails: readonly Reached[];
  phoneNumbers: readonly Reached[];
}

export interface AccountFact {
  /** The provider's account id. */
  ref: string;
  /** An id that survives relinking, where the provider has one. */
  persistentRef?: string;
  name: string;
  type: AccountType;
  /** The provider's subtype in upper case, e.g. CHECKING. */
  subtype: string;
  /** The last digits that the customer knows the account by. */
  mask: string | null;
  /** False: closed or hidden at the bank. */
  active: boolean;
  /** Absent: balances were not told in this answer. */
  balances?: Balances;
}

export interface IdentifierFact {
  accountRef: string;
  identifiers: Identifiers;
}

export interface OwnerFact {
  accountRef: string;
  owners: readonly Owner[];
}
