/** The contract's operations, each with what is asked in its query or body and what it answers. */
import type { ObjectName } from "./objects.ts";
import { type Row, same, type Verdict } from "./row.ts";

export interface Operation {
  /** As the OpenAPI document has it: `GET /path/{parameter}`. */
  route: string;
  is: Verdict;
  why?: string;
  query?: readonly Row[];
  body?: readonly Row[];
  /** What the answer has beside, or instead of, an object. */
  answer?: readonly Row[];
  /** What the answer is; in a list, under which name. */
  object?: ObjectName;
  list?: string;
}

const PAGING = same("before", "after", "limit");
const COUNTS = same("count", "remaining");
const BY_CUSTOMER = same("customerId", "externalCustomerId");
const LINKING = "/bank-linking";

export const OPERATIONS: readonly Operation[] = [
  {
    route: `POST ${LINKING}/connect/start`,
    is: "extended",
    why: "at least one product in `products` or `optionalProducts`",
    body: [
      ...same("externalCustomerId", "products", "optionalProducts", "regions", "institutionId"),
      ["institutionSearchString", "ignored", "the customer types it"],
      ...same("allowRedirect", "redirectUrl"),
      ["accountPreferenceOverride", "ignored", "nothing is published of what stands in it"],
      ["previousConnectionId", "absent", "to reconnect, send POST /bank-linking/connect/repair"],
    ],
    answer: [
      ...same("id"),
      ["connectToken", "different", "opaque, and no JWT: it opens one session for 4 hours, until its first success"],
      ...same("customerId", "externalCustomerId", "widgetUrl"),
      ["expiresAt", "extended", "when the session ends"],
    ],
  },
  {
    route: `POST ${LINKING}/connect/repair`,
    is: "extended",
    why: "`expiresAt` beside it",
    body: same("connectionId"),
    answer: [
      ...same("id", "connectToken", "institutionId", "widgetUrl"),
      ["expiresAt", "extended", "when the session ends"],
    ],
  },
  {
    route: `GET ${LINKING}/connections`,
    is: "extended",
    why: "`states`, `actors` and `stateSince` narrow further",
    query: [
      ...BY_CUSTOMER,
      ...same("institutionId", "institutionName", "statuses", "serviceProviders", "startDate", "endDate"),
      ...PAGING,
    ],
    answer: COUNTS,
    object: "Connection",
    list: "connections",
  },
  { route: `GET ${LINKING}/connections/{connectionId}`, is: "same", object: "Connection" },
  {
    route: `DELETE ${LINKING}/connections/{connectionId}`,
    is: "extended",
    why: "answers what stays of it, beside `requestId`",
    answer: same("requestId"),
    object: "Connection",
  },
  {
    route: `POST ${LINKING}/connections/{connectionId}/refresh`,
    is: "extended",
    why: "202 with `refresh`, to be followed to its outcome. RECONNECT_REQUIRED may be refreshed, as the table says",
    body: same("products"),
    answer: same("requestId", "serviceProviderDetails"),
  },
  {
    route: `POST ${LINKING}/connections/{connectionId}/update`,
    is: "extended",
    why: "says at once whether the customer has to consent, and with what",
    body: same("products"),
    answer: same("requestId"),
  },
  {
    route: `POST ${LINKING}/connections/import`,
    is: "extended",
    why: "answers the outcome of each; `dryRun` changes nothing; `bowline import` takes files",
    body: [...same("connections"), ["dryRun", "extended", "says what would happen"]],
    answer: [...same("requestId"), ["connections", "extended", "what became of each"]],
  },
  {
    route: `GET ${LINKING}/accounts`,
    is: "same",
    query: [...BY_CUSTOMER, ...same("institutionId", "connectionId"), ...PAGING],
    answer: COUNTS,
    object: "FinancialAccount",
    list: "financialAccounts",
  },
  { route: `GET ${LINKING}/accounts/{financialAccountId}`, is: "same", object: "FinancialAccount" },
  {
    route: `POST ${LINKING}/accounts/{financialAccountId}/processors/create-token`,
    is: "same",
    body: same("processor", "serviceProvider"),
    answer: same("token", "processor", "serviceProvider"),
  },
  {
    route: `GET ${LINKING}/transactions`,
    is: "same",
    query: [
      ...BY_CUSTOMER,
      ...same("financialAccountId", "connectionId", "status", "category", "startDate", "endDate"),
      ...PAGING,
    ],
    answer: COUNTS,
    object: "Transaction",
    list: "financialAccountTransactions",
  },
  { route: `GET ${LINKING}/transactions/{transactionId}`, is: "same", object: "Transaction" },
  {
    route: `GET ${LINKING}/investments/holdings`,
    is: "same",
    query: [...BY_CUSTOMER, ...same("financialAccountId", "connectionId"), ...PAGING],
    answer: COUNTS,
    object: "InvestmentHolding",
    list: "investmentHoldings",
  },
  { route: `GET ${LINKING}/investments/holdings/{investmentHoldingId}`, is: "same", object: "InvestmentHolding" },
  {
    route: `GET ${LINKING}/investments/transactions`,
    is: "same",
    query: [
      ...BY_CUSTOMER,
      ...same("financialAccountId", "connectionId", "statuses", "startDate", "endDate"),
      ...PAGING,
    ],
    answer: COUNTS,
    object: "InvestmentTransaction",
    list: "investmentTransactions",
  },
  {
    route: `GET ${LINKING}/investments/transactions/{investmentTransactionId}`,
    is: "same",
    object: "InvestmentTransaction",
  },
  {
    route: "GET /institutions",
    is: "extended",
    why: "finds what was mistyped, and ranks it",
    query: [
      ...same("name", "serviceProviders", "regions"),
      ["type", "absent", "no provider here tells a bank's kind"],
      ["products", "extended", "offers all of them through one provider"],
      ...PAGING,
    ],
    answer: COUNTS,
    object: "Institution",
    list: "institutions",
  },
  { route: "GET /institutions/{institutionId}", is: "same", object: "Institution" },
  {
    route: "POST /accounts/customers",
    is: "same",
    body: same("externalId", "name", "email", "phone", "dateOfBirth", "type", "addresses"),
    object: "Customer",
  },
  {
    route: "GET /accounts/customers",
    is: "same",
    query: [...same("customerIds", "externalId", "email", "phone", "status", "type"), ...PAGING],
    answer: COUNTS,
    object: "Customer",
    list: "customers",
  },
  {
    route: "DELETE /accounts/customers/{customerId}",
    is: "same",
    query: same("serviceProviders"),
    answer: same("id", "isDeleted", "serviceProviderCustomersDeleted"),
  },
  {
    route: "POST /accounts/customers/{customerId}/addresses",
    is: "extended",
    why: "with its status",
    body: [
      ...same("type", "lineOne", "lineTwo", "city", "region", "postalCode", "country"),
      ["status", "extended", "as an import has it"],
    ],
    answer: same("id", "type", "lineOne", "lineTwo", "city", "region", "postalCode", "country", "status"),
  },
  {
    route: "POST /notifications/webhooks",
    is: "same",
    body: same("name", "url", "eventTypes", "eventVersion"),
    object: "WebhookProfile",
  },
  {
    route: "GET /notifications/webhooks",
    is: "same",
    query: PAGING,
    answer: COUNTS,
    object: "WebhookProfile",
    list: "webhookProfiles",
  },
  { route: "GET /notifications/webhooks/{webhookProfileId}", is: "same", object: "WebhookProfile" },
  {
    route: "PATCH /notifications/webhooks/{webhookProfileId}",
    is: "same",
    body: same("name", "url", "eventTypes", "eventVersion", "status"),
    object: "WebhookProfile",
  },
  {
    route: "GET /activity-log",
    is: "same",
    query: [
      ...same("start", "end", "actions", "requestId"),
      ...BY_CUSTOMER,
      ...same("connectionIds", "financialAccountIds", "eventType"),
      ...PAGING,
    ],
    answer: COUNTS,
    object: "Activity",
    list: "activities",
  },
  {
    route: "GET /activity-log/details",
    is: "extended",
    why: "by `id` as well as by `key`",
    query: same("key"),
    object: "Activity",
  },
];

/** What this gateway has beside the contract. */
export const BESIDE: readonly (readonly [route: string, what: string])[] = [
  [`GET ${LINKING}/connections/{connectionId}/timeline`, "what happened to a connection"],
  [`GET ${LINKING}/connections/{connectionId}/events`, "what was told of it, and to whom"],
  [`GET ${LINKING}/connections/{connectionId}/refreshes`, "its forced refreshes, with outcomes"],
  [`GET ${LINKING}/connections/{connectionId}/transactions/changes`, "what changed since a cursor"],
  ["GET /events", "the feed from which everything that was lost is rebuilt"],
  ["GET /service-providers", "which providers are configured, what they offer, and their limits"],
  ["GET /accounts/customers/{customerId}", "one customer"],
  ["PATCH /accounts/customers/{customerId}", "change what is known of a customer"],
  ["GET /accounts/customers/{customerId}/addresses", "a customer's addresses"],
  ["GET /accounts/customers/{customerId}/addresses/{addressId}", "one of them"],
  ["PATCH /accounts/customers/{customerId}/addresses/{addressId}", "change it"],
  ["DELETE /accounts/customers/{customerId}/addresses/{addressId}", "delete it"],
  ["POST /notifications/webhooks/{webhookProfileId}/test", "send a test event and tell what came of it"],
  ["POST /notifications/webhooks/{webhookProfileId}/rotate", "a new secret, the old one valid for a day more"],
];
