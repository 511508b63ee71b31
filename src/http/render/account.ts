/** A financial account in the contract's shape. */
import { z } from "zod";
import { ACCOUNT_TYPES, type Address, type Identifiers } from "../../core/account.ts";
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

/** `primary` is a text by contract: where a provider does not tell, it is UNKNOWN. */
const primary = z.enum(["TRUE", "FALSE", "UNKNOWN"]);
const owned = z.object({ data: z.string(), primary });
const part = z.string().nullable();
const AddressBody = z.object({
  street: part,
  city: part,
  region: part,
  postalCode: part,
  country: part,
  full: part.meta({ description: "The parts that are known, in one line." }),
});

const OwnerBody = z.object({
  names: z.array(z.string()),
  addresses: z.array(z.object({ data: AddressBody, primary })),
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
    identifiers: IdentifiersBody.nullable().meta({
      description: "Full numbers, for keys of the scope `link` and above, and each time written to the audit log.",
    }),
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
  showsNumbers: boolean,
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
    identifiers:
      showsNumbers && a.sealedIdentifiers ? identifiersOf(open(gateway.ring, a.sealedIdentifiers, a.id)) : null,
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
      a.owners.map(({ names, addresses, emails, phoneNumbers }) => ({
        names: [...names],
        addresses: addresses.map(({ data, primary: which }) => ({
          data: { ...data, full: fullOf(data) },
          primary: which,
        })),
        emails: [...emails],
        phoneNumbers: [...phoneNumbers],
      })),
    serviceProviderDetails: [
      { serviceProvider: a.provider, serviceProviderConnectionId: a.connectionRef, updatedAt: isoOrNull(a.lastSentAt) },
    ],
    key: cursorOf(gateway.salt, "accounts", accountKey(a)),
  };
}

function fullOf({ street, city, region, postalCode, country }: Address): string | null {
  const known = [street, city, [region, postalCode].filter(Boolean).join(" "), country].filter(Boolean);
  return known.length > 0 ? known.join(", ") : null;
}

function identifiersOf(text: string): z.output<typeof IdentifiersBody> {
  const { ach, eft, international, bacs } = JSON.parse(text) as Identifiers;
  const absent = { accountName: null, bban: null, sortCode: null };
  return { ach, eft, international: international && { ...absent, ...international }, bacs };
}
