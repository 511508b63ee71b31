import { z } from "zod";
import type { Instant } from "../../core/door.ts";
import type { InvestmentTransactionFact, InvestmentTransactionType } from "../../core/investment.ts";
import { DAY } from "../../core/status/policy.ts";
import { bad, good, type Held, type InvestmentTransactionPage, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { currency, money } from "./exact.ts";
import { byId, type Security, security } from "./securities.ts";
import { item, statementsOf } from "./statements.ts";

const transaction = z.object({
  investment_transaction_id: z.string().min(1),
  account_id: z.string().min(1),
  security_id: z.string().nullish(),
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  name: z.string(),
  quantity: money,
  amount: money,
  type: z.string(),
  iso_currency_code: currency.nullish(),
});

const answer = z.object({
  investment_transactions: z.array(transaction),
  securities: z.array(security),
  /** Numbers come as they were written. */
  total_investment_transactions: z.string().regex(/^\d+$/),
  item,
});

/** The most that a page may hold, and how far back Plaid reads: https://plaid.com/docs/api/products/investments/ */
const PAGE = 500;
const FIRST = 730;
/** How many days of the last walk are told again: orders are amended, and called off, days after their date. */
const AGAIN = 60;

/** A subscription of the Item's own, which brings that of its holdings along. */
export const readInvestmentTransactions = (
  plaid: Plaid,
): Verb<Held & { cursor: string | null }, InvestmentTransactionPage> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential, cursor }) => {
    const place = placeOf(cursor, call.now());
    const request = {
      access_token: credential,
      start_date: place.from,
      end_date: place.to,
      // Where Link did not ask for investments, the first look is made in its own time, and not while we wait.
      options: { count: PAGE, offset: place.offset, async_update: true },
    };
    const told = await plaid(call, (api) => api.investmentsTransactionsGet(request), answer, {
      product: "INVESTMENT_TRANSACTIONS",
    });
    if (told.ok) return pageOf(told.facts, place);
    if (told.trouble.raw.code !== "PRODUCT_NOT_READY") return bad(told.trouble);
    const { from, to } = place;
    return good({ transactions: [], from, to, cursor: cursor ?? "", more: false, notReady: true, statements: {} });
  },
});

interface Place {
  from: string;
  to: string;
  offset: number;
  /** How many there were when the walk began; null: it begins. */
  total: string | null;
}

const dayAt = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

/** Within a walk its span, how far it is and how many there are; between walks the day on which the last one ended. */
function placeOf(cursor: string | null, now: Instant): Place {
  const [first = "", to, offset, total] = (cursor ?? "").split(" ");
  if (to !== undefined) return { from: first, to, offset: Number(offset), total: total ?? null };
  const from = first === "" ? now - FIRST * DAY : Date.parse(first) - AGAIN * DAY;
  return { from: dayAt(from), to: dayAt(now), offset: 0, total: null };
}

/** Pages are counted from the newest: one that came, or went, meanwhile has moved all that follow. */
function pageOf(told: z.infer<typeof answer>, { from, to, offset, total }: Place) {
  const { investment_transactions: page, total_investment_transactions: now } = told;
  if (total !== null && total !== now) {
    const raw = { code: "TOTAL_MOVED_WHILE_PAGING" };
    return bad({ scope: "session" as const, state: null, raw, restart: true as const });
  }
  const known = byId(told.securities);
  const next = offset + page.length;
  const more = next < Number(now);
  return good({
    transactions: page.map((one) => factOf(one, known.get(one.security_id ?? ""))),
    from,
    to,
    cursor: more ? `${from} ${to} ${next} ${now}` : to,
    more,
    statements: statementsOf({ item: told.item }),
  });
}

/** A fee is none of the things that the contract has a word for. */
const TYPES: Readonly<Record<string, InvestmentTransactionType>> = {
  buy: "BUY",
  sell: "SELL",
  cancel: "CANCEL",
  cash: "CASH",
  fee: "OTHER",
  transfer: "TRANSFER",
};

function factOf(told: z.infer<typeof transaction>, of: Security | undefined): InvestmentTransactionFact {
  return {
    ref: told.investment_transaction_id,
    accountRef: told.account_id,
    symbol: of?.ticker_symbol ?? null,
    description: told.name,
    type: Object.hasOwn(TYPES, told.type) ? (TYPES[told.type] ?? "OTHER") : "OTHER",
    // Plaid tells posted ones alone, and of those one day: that of the posting, mostly.
    status: "POSTED",
    postedDate: null,
    transactionDate: told.date,
    // Positive is bought, and money out, at Plaid as well.
    quantity: told.quantity,
    amount: told.amount,
    costBasis: null,
    currency: told.iso_currency_code ?? "XXX",
  };
}
