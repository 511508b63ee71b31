/**
 * The book of an account. A purchase is drawn once, with all that will ever become of it; what the book shows at a
 * moment is a pure function of the purchase and that moment. So a walk from one moment to another tells each change
 * exactly once, however late it is asked, and without a log.
 */
import type { Instant } from "../../../core/door.ts";
import { DAY, MINUTE } from "../../../core/status/policy.ts";
import { CURRENCY } from "./accounts.ts";
import type { Account, Owner } from "./accounts.ts";
import { dayOf, dayOfMonth, startOf, wireDay } from "./days.ts";
import type { Day } from "./days.ts";
import { draw, mark } from "./draw.ts";
import type { Draw } from "./draw.ts";

/** No purchase changes later than this after the day on which it was made. */
export const SETTLED_AFTER_DAYS = 8;

interface Purchase {
  id: string;
  slot: number;
  madeAt: Instant;
  text: string;
  sort: string;
  /** Minor units; negative is money out. */
  minor: number;
  /** Absent: booked from the start. */
  bookedAt?: Instant;
  /** The bank writes it anew: the shop's full name, and the tip. */
  amendedAt?: Instant;
  /** Given back: it leaves the book, booked or not. */
  goneAt?: Instant;
}

/** One line of the book, on the wire. */
export interface Entry {
  no: string;
  acct: string;
  was?: string;
  minor: number;
  cur: number;
  text: string;
  sort: string;
  booked: boolean;
  day: number;
  bookday?: number;
}

const SHOPS = [
  ["GROCER", "groceries", 1_200, 9_000],
  ["COFFEE BAR", "meals", 280, 900],
  ["NOODLE HOUSE", "meals", 900, 3_200],
  ["CITY TRANSIT", "transport", 250, 600],
  ["FUEL STATION", "transport", 2_500, 6_000],
  ["PHARMACY", "health", 500, 4_000],
  ["BOOKSHOP", "leisure", 700, 4_500],
  ["CINEMA", "leisure", 1_000, 3_000],
  ["HARDWARE STORE", "household", 600, 12_000],
  ["CLOTHES SHOP", "shopping", 1_500, 11_000],
  ["KIOSK", "sundry", 100, 1_200],
] as const;

/** Made on that day in that account, in the order of the day. */
export function purchasesOn(owner: Owner, account: Account, day: Day): Purchase[] {
  const words = [owner.seed, owner.bank.id, owner.user, account.place, "day", day] as const;
  if (account.kind === "saver") return monthly(words, day, 1, "INTEREST", "interest", 740);
  if (account.kind === "loan") return monthly(words, day, 5, "INSTALMENT RECEIVED", "loan", 84_000);
  const of = draw(...words);
  const made = account.kind === "current" ? monthly(words, day, 25, "SALARY", "salary", 285_000) : [];
  for (let count = of(4); count > 0; count -= 1) made.push(purchase(words, day, made.length, of));
  const first = made.find((one) => one.bookedAt !== undefined);
  // Two coffees at the same counter: equal in all that a person can see, and yet two.
  const again = owner.bank.habits.twins ? day % 2 === 0 : of(12) === 0;
  if (first !== undefined && again) made.push({ ...first, id: mark(...words, made.length), slot: made.length });
  return made;
}

function monthly(words: readonly (string | number)[], day: Day, on: number, text: string, sort: string, minor: number) {
  if (dayOfMonth(day) !== on) return [];
  return [{ id: mark(...words, sort), slot: 0, madeAt: startOf(day), text, sort, minor }] as Purchase[];
}

function purchase(words: readonly (string | number)[], day: Day, slot: number, of: Draw): Purchase {
  const [text, sort, least, most] = SHOPS[of(SHOPS.length)] ?? SHOPS[0];
  const madeAt = startOf(day) + of(24 * 60) * MINUTE;
  const bookedAt = madeAt + DAY + of(24 * 60) * MINUTE;
  const made: Purchase = {
    id: mark(...words, slot),
    slot,
    madeAt,
    text: `${text} ${100 + of(900)}`,
    sort,
    minor: -(least + of(most - least)),
    bookedAt,
  };
  const fate = of(20);
  if (fate === 0) return { ...made, amendedAt: bookedAt + DAY };
  if (fate === 1) return { ...made, goneAt: bookedAt + 2 * DAY };
  // A hold that is let go: it never comes to a booking.
  if (fate === 2) return { ...made, goneAt: bookedAt - 6 * 60 * MINUTE };
  return made;
}

/** What the book shows of a purchase at a moment; null: nothing. */
export function entryAt(owner: Owner, account: Account, made: Purchase, at: Instant): Entry | null {
  if (at < made.madeAt || (made.goneAt !== undefined && at >= made.goneAt)) return null;
  const amended = made.amendedAt !== undefined && at >= made.amendedAt;
  const id = owner.label === undefined ? made.id : mark(made.id, owner.label);
  const entry: Entry = {
    no: `en_${id}`,
    acct: account.ref,
    minor: amended ? made.minor - 200 : made.minor,
    cur: CURRENCY[owner.bank.land],
    text: amended ? `${made.text} INCL SERVICE` : made.text,
    sort: made.sort,
    booked: true,
    day: wireDay(dayOf(made.madeAt)),
    bookday: wireDay(dayOf(made.bookedAt ?? made.madeAt)),
  };
  if (made.bookedAt === undefined) return entry;
  if (at >= made.bookedAt) return { ...entry, no: `en_${id}b`, was: entry.no };
  const { bookday: _, ...pending } = entry;
  return { ...pending, booked: false };
}
