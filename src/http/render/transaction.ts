/** A transaction in the contract's shape. */
import { z } from "zod";
import { CATEGORIES, TRANSACTION_STATUSES } from "../../core/transaction.ts";
import { type ListedTransaction, transactionKey } from "../../store/lists/transactions.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, iso } from "../fields.ts";
import { amount, rendered } from "../money.ts";

const date = z.string().meta({ format: "date" });

export const TransactionBody = z
  .object({
    id: z.string(),
    accountId: z.string(),
    customerId: z.string(),
    externalCustomerId: z.string().nullable(),
    financialAccountId: z.string(),
    connectionIds: z.array(z.string()),
    amount: amount.meta({ description: "Positive: money out. Negative: money in." }),
    currency: z.string(),
    description: z.string(),
    category: z.enum(CATEGORIES),
    status: z.enum(TRANSACTION_STATUSES),
    recurringStatus: z.enum(["UNKNOWN", "RECURRING", "NOT_RECURRING"]),
    transactionDate: date,
    postedDate: date.nullable(),
    serviceProviderDetails: z.array(z.object({ serviceProvider: z.string(), updatedAt: instant })),
    key: z.string(),
  })
  .meta({ id: "Transaction" });

export function renderTransaction(
  { accountId, gateway }: Pick<Context, "accountId" | "gateway">,
  t: ListedTransaction,
): z.output<typeof TransactionBody> {
  return {
    id: t.id,
    accountId,
    customerId: t.customerId,
    externalCustomerId: t.externalCustomerId,
    financialAccountId: t.accountId,
    connectionIds: t.connectionIds ?? [],
    amount: rendered(t.amount),
    currency: t.currency,
    description: t.description,
    category: t.category,
    status: t.status,
    recurringStatus: "UNKNOWN",
    transactionDate: t.transactionDate,
    postedDate: t.postedDate,
    serviceProviderDetails: [{ serviceProvider: t.provider, updatedAt: iso(t.changedAt) }],
    key: cursorOf(gateway.salt, "transactions", transactionKey(t)),
  };
}
