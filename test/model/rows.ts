/**
 * The table a second time, copied by hand from the design and not from the code: which rows there are, and what each
 * allows. Nothing in this folder may import the gateway's own table or projection; `model.test.ts` looks.
 */

/** status/reason: may be refreshed, may be reconnected. */
export const ROWS = {
  IN_PROGRESS: "no no",
  EXPIRED: "no no",
  ACTIVE: "yes no",
  "ACTIVE/ACCESS_EXPIRING_SOON": "yes yes",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": "yes yes",
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": "yes yes",
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE": "yes yes",
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": "yes yes",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": "yes yes",
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": "yes yes",
  "DEGRADED/INTERACTIVE_REFRESH": "yes yes",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": "yes yes",
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": "yes yes",
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": "yes yes",
  "RECONNECT_REQUIRED/OTHER": "yes yes",
  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": "no yes",
  "UNRECOVERABLE/INSTITUTION_DISABLED": "no yes",
  "UNRECOVERABLE/OTHER": "no yes",
  "UNDETERMINED/AGGREGATION_TIMEOUT": "yes yes",
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": "yes yes",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": "yes yes",
  "UNDETERMINED/INTERNAL_ERROR": "yes yes",
  DELETED: "no no",
} as const;

export type Row = keyof typeof ROWS;

export const mayRefresh = (row: Row): boolean => ROWS[row].startsWith("yes");
export const mayReconnect = (row: Row): boolean => ROWS[row].endsWith("yes");

/** Who must act, where what the row means says so. */
const ACTS: Partial<Record<Row, "customer" | "institution" | "provider" | "operator" | "nobody">> = {
  IN_PROGRESS: "customer",
  ACTIVE: "nobody",
  "ACTIVE/ACCESS_EXPIRING_SOON": "customer",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": "customer",
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": "institution",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": "customer",
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": "provider",
  "DEGRADED/INTERACTIVE_REFRESH": "customer",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": "customer",
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": "customer",
  "RECONNECT_REQUIRED/OTHER": "customer",
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": "operator",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": "operator",
  "UNDETERMINED/INTERNAL_ERROR": "operator",
  DELETED: "nobody",
};

export const actsIn = (row: Row): string | undefined => ACTS[row];

/** Of rows that stand together, the first is shown. */
export const RANKS = ["UNRECOVERABLE", "RECONNECT_REQUIRED", "DEGRADED", "UNDETERMINED"] as const;
export type Rank = (typeof RANKS)[number];

export const rankOf = (row: Row): Rank | null => RANKS.find((rank) => row.startsWith(rank)) ?? null;

/** What every answer of the bank says while it lasts, and whether the customer's next login ends it. */
export const ANSWERED = {
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": "bank",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": "bank",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": "login",
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": "login",
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": "login",
  "RECONNECT_REQUIRED/OTHER": "login",
  "UNRECOVERABLE/INSTITUTION_DISABLED": "bank",
  "UNRECOVERABLE/OTHER": "login",
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": "bank",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": "bank",
} as const satisfies Partial<Record<Row, "bank" | "login">>;
export type Answered = keyof typeof ANSWERED;

/** What the bank tells beside its data, or what lies before the bank. */
export const TOLD = [
  "ACTIVE/ACCESS_EXPIRING_SOON",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE",
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS",
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  "DEGRADED/INTERACTIVE_REFRESH",
  "UNDETERMINED/INTERNAL_ERROR",
  "UNDETERMINED/AGGREGATION_TIMEOUT",
] as const satisfies readonly Row[];
export type Told = (typeof TOLD)[number];
