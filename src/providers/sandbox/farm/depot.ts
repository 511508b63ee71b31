/**
 * The custody account of a house: orders are drawn once, by the day, and what is held is what the orders left. Both are
 * pure functions of the seed and the moment, like the other books.
 */
import type { Instant } from "../../../core/door.ts";
import { CURRENCY } from "./accounts.ts";
import type { Account, Owner } from "./accounts.ts";
import { dayOf, dayOfMonth, wireDay } from "./days.ts";
import type { Day } from "./days.ts";
import { digits, draw, mark } from "./draw.ts";
import { HISTORY_DAYS } from "./walk.ts";

/** An order is booked so many days after it was given; one that was an error is struck out as many days later. */
const SETTLES_AFTER = 2;
const STRUCK_AFTER = 5;

interface Paper {
  name: string;
  tick: string | null;
  sort: "share" | "fund" | "tracker" | "bond" | "option" | "coin";
  /** Minor units, of one piece, before the market moved it; null: nobody quotes it. */
  quote: number | null;
}

const PAPERS: readonly Paper[] = [
  { name: "Copper Mesa Mining", tick: "CMM", sort: "share", quote: 4_210 },
  { name: "Tallgrass Foods", tick: "TGF", sort: "share", quote: 11_835 },
  { name: "World Tracker 500", tick: "WT5", sort: "tracker", quote: 48_790 },
  { name: "Lantern Balanced Fund", tick: "LBFX", sort: "fund", quote: 2_318 },
  { name: "Harbor Works 4.25% 2031", tick: null, sort: "bond", quote: null },
  { name: "Bitcoin", tick: "BTC", sort: "coin", quote: 6_120_000 },
];

type Deed = "bought" | "sold" | "dividend" | "fee" | "moved" | "called off";

interface Order {
  no: string;
  paper: number | null;
  deed: Deed;
  /** Thousandths of a piece, always positive; `deed` says which way. */
  pieces: number;
  /** Minor units; negative is money out. */
  minor: number;
  day: Day;
  /** Struck out later: it was an error. */
  struck: boolean;
}

/** One line of the orders, on the wire. */
export interface Trade {
  no: string;
  acct: string;
  paper: string | null;
  tick: string | null;
  deed: Deed;
  pieces: number;
  minor: number;
  cur: number;
  booked: boolean;
  day: number;
  bookday?: number;
}

export interface Position {
  acct: string;
  no: string;
  name: string;
  tick: string | null;
  isin: string | null;
  sort: Paper["sort"] | "cash";
  pieces: number;
  paid: number | null;
  quote: number | null;
  worth: number | null;
  cur: number;
}

const wordsOf = (owner: Owner, account: Account) => [owner.seed, owner.bank.id, owner.user, account.place] as const;

/** The market's price of a day, a few percent around where it began. */
function quoteOn(owner: Owner, paper: number, day: Day): number | null {
  const first = PAPERS[paper]?.quote ?? null;
  return first === null ? null : Math.round((first * (9_500 + draw(owner.seed, "market", paper, day)(1_000))) / 10_000);
}

/** Whole fractions alone: no rounding is told as a fact. */
const worthOf = (pieces: number, quote: number): number => Math.round((pieces * quote) / 1_000);

function ordersOn(owner: Owner, account: Account, day: Day): Order[] {
  const words = [...wordsOf(owner, account), "orders", day] as const;
  const orders: Order[] = [];
  const give = (order: Omit<Order, "no" | "day" | "struck">, struck = false) =>
    orders.push({ ...order, no: `or_${mark(...words, orders.length)}`, day, struck });
  if (dayOfMonth(day) === 1) give({ paper: null, deed: "fee", pieces: 0, minor: -350 });
  if (dayOfMonth(day) === 15) give({ paper: 0, deed: "dividend", pieces: 0, minor: 1_284 });
  const of = draw(...words);
  if (of(5) !== 0) return orders;
  const paper = of(PAPERS.length);
  const fate = of(12);
  const quote = quoteOn(owner, paper, day);
  if (quote === null || fate === 0) {
    give({ paper, deed: "moved", pieces: 1_000 + of(2_000), minor: 0 });
    return orders;
  }
  // A coin is dear, and bought by the thousandth.
  const pieces = PAPERS[paper]?.sort === "coin" ? 1 + of(20) : (1 + of(9)) * (fate > 8 ? 250 : 1_000);
  const minor = worthOf(pieces, quote);
  if (fate === 1) give({ paper, deed: "called off", pieces, minor: 0 });
  else if (fate < 4)
    give({ paper, deed: "sold", pieces: Math.ceil(pieces / 4), minor: worthOf(Math.ceil(pieces / 4), quote) });
  else give({ paper, deed: "bought", pieces, minor: -minor }, fate === 11);
  return orders;
}

const isThere = (order: Order, today: Day): boolean => !order.struck || today < order.day + STRUCK_AFTER;

/** Where the books of a line begin. */
export const firstDay = (since: Instant): Day => dayOf(since) - HISTORY_DAYS;

/** The balance of a custody account is what all of it is worth. */
export const worthOfAll = (owner: Owner, account: Account, since: Instant, now: Instant): number =>
  positionsOf(owner, account, firstDay(since), now).reduce((sum, { worth }) => sum + (worth ?? 0), 0);

/** The orders of a span of days, the oldest first. */
export function tradesOf(owner: Owner, account: Account, from: Day, to: Day, now: Instant): Trade[] {
  const today = dayOf(now);
  const trades: Trade[] = [];
  for (let day = from; day <= Math.min(to, today); day += 1) {
    for (const order of ordersOn(owner, account, day)) {
      if (!isThere(order, today)) continue;
      const paper = order.paper === null ? undefined : PAPERS[order.paper];
      const booked = today >= day + SETTLES_AFTER;
      trades.push({
        no: order.no,
        acct: account.ref,
        paper: paper?.name ?? null,
        tick: paper?.tick ?? null,
        deed: order.deed,
        pieces: order.pieces,
        minor: order.minor,
        cur: CURRENCY[owner.bank.land],
        booked,
        day: wireDay(day),
        ...(booked ? { bookday: wireDay(day + SETTLES_AFTER) } : {}),
      });
    }
  }
  return trades;
}

/** What is held: what there was on the first day, and what the orders since then left. Cash is a position too. */
export function positionsOf(owner: Owner, account: Account, since: Day, now: Instant): Position[] {
  const today = dayOf(now);
  const opening = draw(...wordsOf(owner, account), "opening");
  const held = PAPERS.map(({ sort }, paper) => {
    const pieces = sort === "coin" ? 40 + opening(60) : (20 + opening(30)) * 1_000;
    const quote = quoteOn(owner, paper, since);
    return { pieces, paid: quote === null ? null : worthOf(pieces, quote) };
  });
  let cash = 80_000 + opening(50_000);
  for (let day = since; day <= today; day += 1) {
    for (const order of ordersOn(owner, account, day)) {
      if (!isThere(order, today)) continue;
      cash += order.minor;
      const position = order.paper === null ? undefined : held[order.paper];
      if (position === undefined || order.deed === "dividend" || order.deed === "called off") continue;
      const sign = order.deed === "sold" ? -1 : 1;
      // What was paid goes with the pieces that are sold, in proportion.
      const paid = order.deed === "sold" ? (position.paid ?? 0) * (order.pieces / position.pieces) : -order.minor;
      if (position.paid !== null) position.paid = Math.round(position.paid + sign * paid);
      position.pieces += sign * order.pieces;
    }
  }
  const cur = CURRENCY[owner.bank.land];
  const positions = held.map(({ pieces, paid }, paper): Position => {
    const { name = "", tick = null, sort = "share" } = PAPERS[paper] ?? {};
    const quote = quoteOn(owner, paper, today - 1);
    const isin = sort === "coin" ? null : `XF${digits(draw(owner.seed, "isin", paper), 10)}`;
    const worth = quote === null ? null : worthOf(pieces, quote);
    return { acct: account.ref, no: `pa_${paper}`, name, tick, isin, sort, pieces, paid, quote, worth, cur };
  });
  return [
    ...positions.filter(({ pieces }) => pieces > 0),
    {
      acct: account.ref,
      no: "cash",
      name: "Cash",
      tick: null,
      isin: null,
      sort: "cash",
      pieces: cash * 10,
      paid: null,
      quote: 100,
      worth: cash,
      cur,
    },
  ];
}
