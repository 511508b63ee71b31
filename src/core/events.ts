/** The kinds of event that a connection's life causes, and what of it each tells. Names are the contract's. */
export const EVENT_TYPES = [
  "BANK_LINKING_CONNECTION_COMPLETED",
  "BANK_LINKING_CONNECTION_STATUS_CHANGE",
  "BANK_LINKING_CONNECTION_DELETED",
  /** An aggregation has begun. */
  "BANK_LINKING_ACCOUNTS_UPDATING",
  /** The accounts' part of it is done: their data can be fetched. */
  "BANK_LINKING_ACCOUNTS_UPDATED",
  "BANK_LINKING_ACCOUNTS_ADDED",
  "BANK_LINKING_ACCOUNTS_REMOVED",
  /** More accounts could be had by reconnecting. */
  "BANK_LINKING_NEW_ACCOUNTS_AVAILABLE",
  "BANK_LINKING_TRANSACTIONS_AGGREGATED",
  /** The first whole history is there. */
  "BANK_LINKING_HISTORICAL_TRANSACTIONS_AGGREGATED",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** What an endpoint may ask for: its own test is sent whether or not it is named. */
export const HEARD_TYPES = [...EVENT_TYPES, "WEBHOOK_TEST"] as const;

export type HeardType = (typeof HEARD_TYPES)[number];

/** What happened to one account, as an event keeps it: ids and counts, never what the account holds. */
export interface ToldAccount {
  id: string;
  newAccount?: boolean;
  products?: readonly string[];
  counts?: Counts;
  /** The same of what was done in an investment account. */
  investments?: Counts;
}

export interface Counts {
  added: number;
  updated: number;
  /** Ids of ours. */
  removed: readonly string[];
  /** The day of the oldest transaction that was added or updated. */
  oldest: string | null;
}
