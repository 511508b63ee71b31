/** The fields of the contract's objects. */
import { type Row, same } from "./row.ts";

const OWNER = same("id", "accountId", "customerId", "externalCustomerId");
const KEY = same("key");
const DETAILS =
  "`serviceProvider` and the provider's own id; what a provider holds beyond that (tokens, cursors) never leaves";

export const OBJECTS = {
  Connection: [
    ...OWNER,
    ...same("institutionId", "institutionName", "status", "statusReason", "products", "optionalProducts", "regions"),
    ...same("duplicateConnectionIds", "activeDuplicateConnectionId"),
    ["serviceProviderDetails", "different", DETAILS],
    ...same("createdAt", "successfullyAggregatedAt"),
    ...KEY,
    ["canRefresh", "extended", "the table's own word on it"],
    ["canReconnect", "extended", "the table's own word on it"],
    ["stateSince", "extended", "since when it is so"],
    ["nextStep", "extended", "who has to act, what to do, when the gateway acts next and why"],
    ["cause", "extended", "the provider's own code behind the state"],
    ["lastAttemptAt", "extended", "when the bank was last asked"],
    ["lastSuccessAt", "extended", "when it last answered well"],
    ["dataAsOf", "extended", "per product"],
    ["nextRefreshAllowedAt", "extended", "the provider's limit"],
    ["replacesConnectionId", "extended", "of a link that was finished after it had expired"],
  ],
  FinancialAccount: [
    ...OWNER,
    ...same("connectionIds", "institutionId", "institutionName", "name", "type", "subtype", "status"),
    ...same("truncatedAccountNumber", "historicalAggregationSucceeded"),
    ...same("identifiers", "balances", "owners"),
    ["serviceProviderDetails", "different", DETAILS],
    ...KEY,
  ],
  Transaction: [
    ...OWNER,
    ...same("financialAccountId", "connectionIds", "amount", "currency", "description", "category", "status"),
    ["recurringStatus", "different", "always UNKNOWN: no provider here tells it in the reads that are used"],
    ...same("transactionDate", "postedDate", "serviceProviderDetails"),
    ...KEY,
  ],
  InvestmentHolding: [
    ...OWNER,
    ...same("financialAccountId", "connectionIds", "symbol", "cusip", "isin", "description", "type", "quantity"),
    ...same("costBasis", "closePrice", "currentValue", "currency", "serviceProviderDetails"),
    ...KEY,
  ],
  InvestmentTransaction: [
    ...OWNER,
    ...same("financialAccountId", "connectionIds", "symbol", "quantity", "costBasis", "amount", "currency"),
    ...same("description", "type", "status", "transactionDate", "postedDate"),
    ["cashBalance", "absent", "no provider here tells it"],
    ...KEY,
  ],
  Institution: [
    ...same("id", "name"),
    ["subName", "different", "always null: other names are under `aliases`"],
    ...same("aliases", "domain"),
    ["images", "different", "each of them null: no provider's pictures are handed on"],
    ...same("isTest"),
    ["type", "different", "always null: no provider here tells it"],
    ...same("rank", "providers"),
    ["domains", "extended", "all hosts that are known to be its own"],
    ["countries", "extended", "where it serves"],
    ["products", "extended", "what it offers"],
    ...KEY,
  ],
  Customer: [
    ...same("id", "accountId", "externalId", "name", "email", "phone", "dateOfBirth", "status", "type", "addresses"),
    ["serviceProviderCustomers", "same"],
    ["previouslyUsedOnramps", "different", "always empty: payments are not part of this gateway"],
    ...KEY,
    ["createdAt", "extended", "when it was first named"],
  ],
  WebhookProfile: [
    ...same("id", "accountId", "name", "url", "eventTypes", "eventVersion"),
    ["secret", "different", "shown when it is made, and null from then on"],
    ...same("status"),
    ...KEY,
    ["disabledBecause", "extended", "by whom or what"],
  ],
  Activity: [
    ...same("actor", "entity", "attributes", "details", "occurredAt"),
    ...KEY,
    ["id", "extended", "details are asked for by it"],
    ["action", "same"],
  ],
} as const satisfies Record<string, readonly Row[]>;

export type ObjectName = keyof typeof OBJECTS;
