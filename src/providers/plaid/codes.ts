/**
 * What Plaid's error codes mean. A row with `CODE + REASON` refines the code by its `error_code_reason`; a reason that
 * is not listed leaves the code's own meaning.
 *
 * The families are those that the verbs in this folder can meet. Left out are the codes of endpoints that are never
 * called from here (assets, payments, transfers, income, reports, identity verification, partners): should one of them
 * come all the same, it is unknown, and unknown is never healthy.
 *
 * Where published pages contradict each other, or a usual reading contradicts the rules, see
 * `docs/decisions/2026-11-22-plaid.md`.
 */
import type { Meaning } from "../provider.ts";

export const CODES = {
  // https://plaid.com/docs/errors/item/ : the Item at the bank. These stand in `item.error` until the customer or the
  // bank has cured them.
  ITEM_LOGIN_REQUIRED: "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "ITEM_LOGIN_REQUIRED + OAUTH_INVALID_TOKEN": "RECONNECT_REQUIRED/TOKEN_EXPIRED",
  "ITEM_LOGIN_REQUIRED + OAUTH_CONSENT_EXPIRED": "RECONNECT_REQUIRED/TOKEN_EXPIRED",
  // Withdrawn on purpose, which is not the same as run out.
  "ITEM_LOGIN_REQUIRED + OAUTH_USER_REVOKED": "RECONNECT_REQUIRED/OTHER",
  INVALID_CREDENTIALS: "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  INVALID_MFA: "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  // The customer goes to the bank first: our widget cannot unlock a login, choose a password or accept terms.
  ITEM_LOCKED: "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  PASSWORD_RESET_REQUIRED: "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  USER_SETUP_REQUIRED: "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  NO_ACCOUNTS: "RECONNECT_REQUIRED/OTHER",
  ACCESS_NOT_GRANTED: "RECONNECT_REQUIRED/OTHER",
  MFA_NOT_SUPPORTED: "UNRECOVERABLE/OTHER",
  ITEM_NOT_SUPPORTED: "UNRECOVERABLE/OTHER",
  ITEM_NOT_FOUND: "UNRECOVERABLE/OTHER",
  // Says only that the Item went while we asked. Whether the connection is deleted is for us to know.
  ITEM_CONCURRENTLY_DELETED: "UNRECOVERABLE/OTHER",

  // The same page: one product of the Item.
  NO_AUTH_ACCOUNTS: "partial",
  "no-depository-accounts": "partial",
  NO_INVESTMENT_ACCOUNTS: "partial",
  NO_INVESTMENT_AUTH_ACCOUNTS: "partial",
  NO_LIABILITY_ACCOUNTS: "partial",
  PRODUCTS_NOT_SUPPORTED: "unavailable",
  PRODUCT_NOT_ENABLED: "unavailable",
  PRODUCT_NOT_READY: "noChange",

  // The same page: met only while the customer is in Link, and told there.
  INSTANT_MATCH_FAILED: "noChange",
  INSUFFICIENT_CREDENTIALS: "noChange",
  INVALID_OTP: "noChange",
  INVALID_PHONE_NUMBER: "noChange",
  INVALID_SEND_METHOD: "noChange",
  INVALID_UPDATED_USERNAME: "noChange",
  MANUAL_VERIFICATION_REQUIRED: "noChange",
  USER_INPUT_TIMEOUT: "noChange",

  // https://plaid.com/docs/errors/institution/
  INSTITUTION_DOWN: "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  INSTITUTION_NOT_RESPONDING: "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  INSTITUTION_NOT_AVAILABLE: "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  UNSUPPORTED_RESPONSE: "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  INSTITUTION_NO_LONGER_SUPPORTED: "UNRECOVERABLE/INSTITUTION_DISABLED",
  // An institution id that we should not have sent: our catalogue is of another day or another environment.
  INSTITUTION_NOT_FOUND: "request",
  INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT: "request",
  // The registration with Plaid does not cover this bank: Plaid's support opens it, and until then no data comes.
  INSTITUTION_REGISTRATION_REQUIRED: "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",
  UNAUTHORIZED_INSTITUTION: "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",

  // https://plaid.com/docs/errors/api/
  INTERNAL_SERVER_ERROR: "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  "plaid-internal-error": "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  PLANNED_MAINTENANCE: "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",

  // https://plaid.com/docs/errors/transactions/ : the pages read so far are void, and nothing is wrong.
  TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION: "noChange",

  // https://plaid.com/docs/errors/rate-limit-exceeded/ : quota is not health. The bank's limit on Plaid is here too: a
  // 429 is no outage, and if it lasts, data that stays old tells it.
  ACCOUNTS_LIMIT: "quota",
  ACCOUNTS_BALANCE_GET_LIMIT: "quota",
  ADDITION_LIMIT: "quota",
  AUTH_LIMIT: "quota",
  BALANCE_LIMIT: "quota",
  IDENTITY_LIMIT: "quota",
  INSTITUTIONS_GET_LIMIT: "quota",
  INSTITUTIONS_GET_BY_ID_LIMIT: "quota",
  INSTITUTION_RATE_LIMIT: "quota",
  INVESTMENT_HOLDINGS_GET_LIMIT: "quota",
  INVESTMENT_TRANSACTIONS_LIMIT: "quota",
  ITEM_GET_LIMIT: "quota",
  RATE_LIMIT: "quota",
  TRANSACTIONS_LIMIT: "quota",
  TRANSACTIONS_REFRESH_LIMIT: "quota",
  TRANSACTIONS_SYNC_LIMIT: "quota",
  // No minute of waiting refills these: the plan is used up, and Plaid has to enlarge it.
  CREDITS_EXHAUSTED: "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",
  TRIAL_CONNECTION_LIMIT: "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",

  // https://plaid.com/docs/errors/invalid-input/ : keys, plan and registration.
  INVALID_API_KEYS: "ours",
  UNAUTHORIZED_ENVIRONMENT: "ours",
  UNAUTHORIZED_ROUTE_ACCESS: "ours",
  DIRECT_INTEGRATION_NOT_ENABLED: "ours",
  INVALID_PRODUCT: "ours",

  // The same page: what we sent.
  // Says "matches nothing here": a credential of ours that went bad, or of another environment. Never "removed".
  INVALID_ACCESS_TOKEN: "request",
  INVALID_INSTITUTION: "request",
  INVALID_LINK_CUSTOMIZATION: "request",
  INVALID_PROCESSOR_TOKEN: "request",
  INVALID_USER_TOKEN: "request",
  INVALID_WEBHOOK_VERIFICATION_KEY_ID: "request",

  // The same page: the customer's consent, and an account that is not there any more.
  USER_PERMISSION_REVOKED: "RECONNECT_REQUIRED/OTHER",
  ADDITIONAL_CONSENT_REQUIRED: "unavailable",
  INVALID_ACCOUNT_ID: "partial",

  // The same page: tokens of the customer's session. They live for minutes; late is not broken.
  INVALID_PUBLIC_TOKEN: "noChange",
  INVALID_LINK_TOKEN: "noChange",
  INCORRECT_DEPOSIT_AMOUNTS: "noChange",
  INCORRECT_DEPOSIT_VERIFICATION: "noChange",
  TOO_MANY_VERIFICATION_ATTEMPTS: "noChange",

  // https://plaid.com/docs/errors/invalid-request/
  INCOMPATIBLE_API_VERSION: "request",
  INVALID_BODY: "request",
  INVALID_CONFIGURATION: "request",
  INVALID_FIELD: "request",
  INVALID_HEADERS: "request",
  MISSING_FIELDS: "request",
  NO_LONGER_AVAILABLE: "request",
  NOT_FOUND: "request",
  SANDBOX_ONLY: "request",
  UNKNOWN_FIELDS: "request",
  INVALID_ACCOUNT_NUMBER: "noChange",

  // https://plaid.com/docs/errors/invalid-result/
  PLAID_DIRECT_ITEM_IMPORT_RETURNED_INVALID_MFA: "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  LAST_UPDATED_DATETIME_OUT_OF_RANGE: "partial",

  // https://plaid.com/docs/errors/oauth/ and https://plaid.com/docs/errors/recaptcha/ : a redirect that came twice or
  // to the wrong place, and a test for robots.
  INCORRECT_OAUTH_NONCE: "noChange",
  INCORRECT_LINK_TOKEN: "noChange",
  OAUTH_STATE_ID_ALREADY_PROCESSED: "noChange",
  OAUTH_STATE_ID_NOT_FOUND: "noChange",
  RECAPTCHA_REQUIRED: "noChange",
  RECAPTCHA_BAD: "noChange",
} as const satisfies Record<string, Meaning>;

/**
 * Codes of a whole row that speak, in answer to a product's request, of that product alone. All other rows mean the
 * Item, whichever product met them.
 */
export const OF_THE_PRODUCT: ReadonlySet<string> = new Set(["ACCESS_NOT_GRANTED"]);

/**
 * Update mode can't cure these: the Item is gone, or access to it was withdrawn, or it can never give an account.
 * https://plaid.com/docs/errors/item/ : a new Item can. A code that is not here is tried in update mode.
 */
export const BEYOND_REPAIR: ReadonlySet<string> = new Set([
  "ITEM_NOT_FOUND",
  "ITEM_CONCURRENTLY_DELETED",
  "USER_PERMISSION_REVOKED",
  "NO_ACCOUNTS",
  "ITEM_NOT_SUPPORTED",
  "MFA_NOT_SUPPORTED",
]);

/** Plaid knows the Item no more. */
export const GONE: ReadonlySet<string> = new Set(["ITEM_NOT_FOUND", "ITEM_CONCURRENTLY_DELETED"]);
