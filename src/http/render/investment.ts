/** A holding and an investment transaction in the contract's shapes. */
import { z } from "zod";
import { HOLDING_TYPES, INVESTMENT_TRANSACTION_TYPES } from "../../core/investment.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import {
  holdingKey,
  investmentTransactionKey,
  type ListedHolding,
  type ListedInvestmentTransaction,
} from "../../store/lists/investments.ts";
import type { Context } from "../context.ts";
import { instant, iso } from "../fields.ts";
import { amount, rendered, renderedOrNull } from "../money.ts";

const date = z.string().meta({ format: "date" });
const exact = (description: string) => amount.meta({ description });

const owned = {
  id: z.string(),
  accountId: z.string(),
  customerId: z.string(),
  externalCustomerId: z.string().nullable(),
  financialAccountId: z.string(),
  connectionIds: z.array(z.string()),
  symbol: z.string().nullable(),
};

const told = {
  currency: z.string(),
  serviceProviderDetails: z.array(z.object({ serviceProvider: z.string(), updatedAt: instant })),
  key: z.string(),
};

export const HoldingBody = z
  .object({
    ...owned,
    cusip: z.string().nullable(),
    isin: z.string().nullable(),
    description: z.string(),
    type: z.enum(HOLDING_TYPES),
    quantity: exact("How many are held."),
    costBasis: exact("What was paid for all of it.").nullable(),
    closePrice: exact("Of one, when the market last closed.").nullable(),
    currentValue: exact("Of all of it; null where nobody tells a price.").nullable(),
    ...told,
  })
  .meta({ id: "InvestmentHolding" });

export const InvestmentTransactionBody = z
  .object({
    ...owned,
    description: z.string(),
    type: z.enum(INVESTMENT_TRANSACTION_TYPES),
    status: z.enum(["PENDING", "POSTED"]),
    quantity: exact("Positive: into the account, as in a purchase. Negative: out of it."),
    costBasis: exact("What was paid for what is sold, where the provider tells it.").nullable(),
    amount: exact("Positive: cash goes out, as in a purchase. Negative: cash comes in."),
    transactionDate: date,
    postedDate: date.nullable(),
    ...told,
  })
  .meta({ id: "InvestmentTransaction" });

type Site = Pick<Context, "accountId" | "gateway">;

const ownedBy = ({ accountId }: Site, row: ListedHolding | ListedInvestmentTransaction) => ({
  id: row.id,
  accountId,
  customerId: row.customerId,
  externalCustomerId: row.externalCustomerId,
  financialAccountId: row.accountId,
  connectionIds: row.connectionIds ?? [],
  symbol: row.symbol,
  description: row.description,
  currency: row.currency,
  quantity: rendered(row.quantity),
  costBasis: renderedOrNull(row.costBasis),
  serviceProviderDetails: [{ serviceProvider: row.provider, updatedAt: iso(row.changedAt) }],
});

export const renderHolding = (site: Site, h: ListedHolding): z.output<typeof HoldingBody> => ({
  ...ownedBy(site, h),
  cusip: h.cusip,
  isin: h.isin,
  type: h.type,
  closePrice: renderedOrNull(h.closePrice),
  currentValue: renderedOrNull(h.currentValue),
  key: cursorOf(site.gateway.salt, "holdings", holdingKey(h)),
});

export const renderInvestmentTransaction = (
  site: Site,
  t: ListedInvestmentTransaction,
): z.output<typeof InvestmentTransactionBody> => ({
  ...ownedBy(site, t),
  type: t.type,
  status: t.status,
  amount: rendered(t.amount),
  transactionDate: t.transactionDate,
  postedDate: t.postedDate,
  key: cursorOf(site.gateway.salt, "investment transactions", investmentTransactionKey(t)),
});
