/** What is told by webhook, what stands in headers, and what else the contract rules. */
import { type Row, same } from "./row.ts";

const OTHER = "payments and identity checks are not part of this gateway";

export const EVENTS: readonly Row[] = [
  ...same(
    "BANK_LINKING_CONNECTION_COMPLETED",
    "BANK_LINKING_CONNECTION_STATUS_CHANGE",
    "BANK_LINKING_CONNECTION_DELETED",
    "BANK_LINKING_ACCOUNTS_UPDATING",
    "BANK_LINKING_ACCOUNTS_UPDATED",
    "BANK_LINKING_ACCOUNTS_ADDED",
    "BANK_LINKING_ACCOUNTS_REMOVED",
    "BANK_LINKING_NEW_ACCOUNTS_AVAILABLE",
    "BANK_LINKING_TRANSACTIONS_AGGREGATED",
    "BANK_LINKING_HISTORICAL_TRANSACTIONS_AGGREGATED",
  ),
  ["WEBHOOK_TEST", "same"],
  ["BANK_LINKING_CUSTOMER_ACTION_REQUIRED", "absent", "the status change tells it, and `nextStep` who has to act"],
  ["TRANSACTION_CRYPTO_*", "absent", OTHER],
  ["TRANSACTION_FIAT_*", "absent", OTHER],
  ["CUSTOMER_KYC_STATUS_CHANGE", "absent", OTHER],
];

export const ENVELOPE: readonly Row[] = [
  ...same("eventType", "eventId", "timestamp", "accountId", "profileId", "version", "payload"),
];

/** Of every event of a connection. */
export const PAYLOAD: readonly Row[] = [
  ...same("requestId", "customerId", "externalCustomerId", "connectionId", "institutionId", "institutionName"),
  ["serviceProviderDetails", "different", "never the provider's own webhook: that is the operator's to read"],
  ["sequence", "extended", "gap-free per connection: what is missing can be seen, and read from the feed"],
];

/** Asked for with a request. */
export const REQUEST_HEADERS: readonly Row[] = [
  ["authorization", "extended", "`BASIC <key>` as the contract has it, `Bearer <key>` too"],
  ["meld-version", "same"],
  ["x-idempotency-key", "extended", "`Idempotency-Key` comes first; honoured by everything that changes something"],
];

/** Of every answer. */
export const ANSWER_HEADERS: readonly Row[] = [
  ["meld-version", "same"],
  ["x-request-id", "extended", "leads to the log"],
];

/** Of every delivery. */
export const DELIVERY_HEADERS: readonly Row[] = [
  ...same("meld-signature", "meld-signature-timestamp", "meld-retry-count", "meld-retry-reason"),
  ["webhook-id", "extended", "Standard Webhooks: the event's id"],
  ["webhook-timestamp", "extended", "Standard Webhooks"],
  ["webhook-signature", "extended", "Standard Webhooks; both secrets while one is being rotated"],
];

export const ERROR_BODY: readonly Row[] = same("code", "message", "requestId", "timestamp");

/** What no request alone shows: told in words. */
export const RULES: readonly Row[] = [
  ["23 pairs of status and reason", "same"],
  ["RECONNECT_REQUIRED may be refreshed", "different", "as the table has it; a guide says 409, and contradicts it"],
  ["409 where the state forbids it", "same"],
  ["4 hours until an unfinished session is EXPIRED", "same"],
  ["a delivery has failed unless it answers 200", "different", "any 2xx counts as received"],
  ["deliveries are retried for 3 days", "extended", "for at least 75 hours, with jitter; `Retry-After` is honoured"],
  ["one account per deployment", "same"],
  ["routing profiles", "absent", "the first configured provider that knows the bank and offers what is required"],
  ["app-to-app by `redirectUrl`", "same"],
  ["several dated versions", "different", "one: a header that asks for another is answered with it, and its name"],
];
