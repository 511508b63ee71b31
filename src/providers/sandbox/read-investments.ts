import { DAY } from "../../core/status/policy.ts";
import type {
  HoldingFact,
  HoldingType,
  InvestmentTransactionFact,
  InvestmentTransactionType,
} from "../../core/investment.ts";
import type { Instant } from "../../core/door.ts";
import type { Decimal } from "../../core/money.ts";
import { bad, good } from "../provider.ts";
import type { Held, HoldingList, InvestmentTransactionPage, Verb } from "../provider.ts";
import { unreadable } from "../reading.ts";
import { dateOf, moneyOf, thousandths } from "./amounts.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { troublesOf } from "./statements.ts";
import { Positions, Trades } from "./wire.ts";
import type { Position, Trade } from "./wire.ts";

/** The farm's sorts of papers. A sort that is not here is OTHER; the farm may think of new ones. */
const SORTS: Readonly<Record<string, HoldingType>> = {
  share: "STOCK",
  fund: "MUTUALFUND",
  tracker: "ETF",
  option: "DERIVATIVE",
  coin: "DIGITALASSET",
  cash: "CASH",
};

/** What was done, and which way the pieces went. */
const DEEDS: Readonly<Record<string, [type: InvestmentTransactionType, sign: 1 | -1]>> = {
  bought: ["BUY", 1],
  sold: ["SELL", -1],
  dividend: ["CASH", 1],
  fee: ["OTHER", 1],
  moved: ["TRANSFER", 1],
  "called off": ["CANCEL", 1],
};

export const readHoldings = (settings: Settings): Verb<Held, HoldingList> => ({
  cost: "free",
  source: "bank",
  async run(call, { credential }) {
    const told = await ask(call, settings, {
      to: "GET /line/positions",
      grant: credential,
      shape: Positions,
      whose: { product: "INVESTMENT_HOLDINGS" },
    });
    if (!told.ok) return bad(told.trouble);
    const { held, faults, asof } = told.facts;
    const statements = { dataAsOf: { INVESTMENT_HOLDINGS: asof * 1000 }, troubles: troublesOf(faults) };
    return readable(() => ({ holdings: held.map(holdingOf), statements }));
  },
});

/** How far back a first walk goes, and how many days of the last one a next one tells again. */
const FIRST = 90;
const AGAIN = 14;

export const readInvestmentTransactions = (
  settings: Settings,
): Verb<Held & { cursor: string | null }, InvestmentTransactionPage> => ({
  cost: "free",
  source: "bank",
  async run(call, { credential, cursor }) {
    const { from, to, skip } = placeOf(cursor, call.now());
    const told = await ask(call, settings, {
      to: "GET /line/trades",
      grant: credential,
      query: { from: from.replaceAll("-", ""), to: to.replaceAll("-", ""), skip: String(skip) },
      shape: Trades,
      whose: { product: "INVESTMENT_TRANSACTIONS" },
    });
    if (!told.ok) return bad(told.trouble);
    const { trades, more, faults, asof } = told.facts;
    const next = more ? `${from} ${to} ${skip + trades.length}` : to;
    const statements = { dataAsOf: { INVESTMENT_TRANSACTIONS: asof * 1000 }, troubles: troublesOf(faults) };
    return readable(() => ({ transactions: trades.map(tradeOf), from, to, cursor: next, more, statements }));
  },
});

const dayAt = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

/** Within a walk: its span and how much of it was told; between walks: the day on which the last one ended. */
function placeOf(cursor: string | null, now: Instant): { from: string; to: string; skip: number } {
  const [first = "", to, skip] = (cursor ?? "").split(" ");
  if (to !== undefined) return { from: first, to, skip: Number(skip) };
  const from = cursor === null ? now - FIRST * DAY : Date.parse(first) - AGAIN * DAY;
  return { from: dayAt(from), to: dayAt(now), skip: 0 };
}

function readable<Facts>(read: () => Facts) {
  try {
    return good(read());
  } catch (error) {
    if (error instanceof RangeError) return bad(unreadable(error.message));
    throw error;
  }
}

function holdingOf(told: Position): HoldingFact {
  const worthOf = (minor: number | null): Decimal | null => (minor === null ? null : moneyOf(minor, told.cur).amount);
  return {
    ref: told.no,
    accountRef: told.acct,
    symbol: told.tick,
    cusip: null,
    isin: told.isin,
    description: told.name,
    type: SORTS[told.sort] ?? "OTHER",
    quantity: thousandths(told.pieces),
    costBasis: worthOf(told.paid),
    closePrice: worthOf(told.quote),
    currentValue: worthOf(told.worth),
    currency: moneyOf(0, told.cur).currency,
  };
}

/** The farm counts from the account: money out is negative there and positive here. */
function tradeOf(told: Trade): InvestmentTransactionFact {
  const [type, sign] = DEEDS[told.deed] ?? ["OTHER", 1];
  return {
    ref: told.no,
    accountRef: told.acct,
    symbol: told.tick,
    description: told.paper === null ? told.deed : `${told.deed}: ${told.paper}`,
    type,
    status: told.booked ? "POSTED" : "PENDING",
    quantity: thousandths(sign * told.pieces),
    costBasis: null,
    ...moneyOf(told.minor === 0 ? 0 : -told.minor, told.cur),
    transactionDate: dateOf(told.day),
    postedDate: told.bookday === undefined ? null : dateOf(told.bookday),
  };
}
