/** A financial account in the contract's shape. */
import { z } from "zod";
import { ACCOUNT_TYPES, type Identifiers } from "../../core/account.ts";
import { accountKey, type ListedAccount } from "../../store/lists/accounts.ts";
import { open } from "../../store/seal.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, isoOrNull } from "../fields.ts";
import { amount, renderedOrNull } from "../money.ts";

const IdentifiersBody = z.object({
  ach: z.object({ accountNumber: z.string(), routingNumber: z.string() }).nullable(),
  eft: z.object({ accountNumber: z.string(), institutionNumber: z.string(), branchNumber: z.string() }).nullable(),
  international: z
    .object({
      accountName: z.string().nullable(),
      accountNumber: z.string().nullable(),
      bban: z.string().nullable(),
      bic: z.string().nullable(),
      iban: z.string().nullable(),
      sortCode: z.string().nullable(),
    })
    .nullable(),
  bacs: z.object({ accountNumber: z.string(), sortCode: z.string() }).nullable(),
});

/** `primary` is a text by contract: providers that do not tell are UNKNOWN, and none here tells. */
const owned = z.object({ data: z.string(), primary: z.enum(["TRUE", "FALSE", "UNKNOWN"]) });

const OwnerBody = z.object({
  names: z.array(z.string()),
  addresses: z.array(z.object({ data: z.record(z.string(), z.string().nullable()), primary: owned.shape.primary })),
  emails: z.array(owned),
  phoneNumbers: z.array(owned),
});

export const AccountBody = z
  .object({
    id: z.string(),
    accountId: z.string(),
    customerId: z.string(),
    externalCustomerId: z.string().nullable(),
    connectionIds: z.array(z.string()),
    institutionId: z.string().nullable(),
    institutionName: z.string().nullable(),
    name: z.string(),
    type: z.enum(ACCOUNT_TYPES),
    subtype: z.string(),
    status: z.enum(["ACTIVE", "INACTIVE"]).meta({
      description: "INACTIVE: closed or hidden at the bank, or no longer in the list that the bank tells.",
    }),
    truncatedAccountNumber: z.string().nullable(),
    historicalAggregationSucceeded: z.boolean(),
    identifiers: IdentifiersBody.nullable(),
    balances: z
      .object({
        currency: z.string().nullable(),
        currentAmount: amount.nullable(),
        availableAmount: amount.nullable(),
        updatedAt: instant.nullable(),
      })
      .nullable(),
    owners: z.array(OwnerBody).nullable(),
    serviceProviderDetails: z.array(
      z.object({
        serviceProvider: z.string(),
        serviceProviderConnectionId: z.string(),
        updatedAt: instant.nullable(),
      }),
    ),
    key: z.string(),
  })
  .meta({ id: "FinancialAccount" });

export function renderAccount(
  { accountId, gateway }: Pick<Context, "accountId" | "gateway">,
  a: ListedAccount,
): z.output<typeof AccountBody> {
  return {
    id: a.id,
    accountId,
    customerId: a.customerId,
    externalCustomerId: a.externalCustomerId,
    connectionIds: a.connectionIds ?? [],
    institutionId: a.institutionId,
    institutionName: a.institutionName,
    name: a.name,
    type: a.type,
    subtype: a.subtype,
    status: a.active && a.leftAt === null ? "ACTIVE" : "INACTIVE",
    truncatedAccountNumber: a.mask,
    historicalAggregationSucceeded: a.historyAt !== null,
    identifiers: a.sealedIdentifiers && identifiersOf(open(gateway.ring, a.sealedIdentifiers, a.id)),
    balances:
      a.balancesAt === null
        ? null
        : {
            currency: a.currency,
            currentAmount: renderedOrNull(a.currentAmount),
            availableAmount: renderedOrNull(a.availableAmount),
            updatedAt: isoOrNull(a.balancesAt),
          },
    owners:
      a.owners &&
      a.owners.map(({ names, emails, phoneNumbers }) => ({
        names: [...names],
        addresses: [],
        emails: emails.map(unknown),
        phoneNumbers: phoneNumbers.map(unknown),
      })),
    serviceProviderDetails: [
      { serviceProvider: a.provider, serviceProviderConnectionId: a.connectionRef, updatedAt: isoOrNull(a.lastSentAt) },
    ],
    key: cursorOf(gateway.salt, "accounts", accountKey(a)),
  };
}

const unknown = (data: string) => ({ data, primary: "UNKNOWN" as const });

function identifiersOf(text: string): z.output<typeof IdentifiersBody> {
  const { ach, eft, international, bacs } = JSON.parse(text) as Identifiers;
  const absent = { accountName: null, bban: null, sortCode: null };
  return { ach, eft, international: international && { ...absent, ...international }, bacs };
}
