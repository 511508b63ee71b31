// The accounts behind a login, derived from the farm's seed, the house and the customer's name.
import type { Instant } from "../../../core/door.ts";
import type { Bank } from "./banks.ts";
import { dayOf } from "./days.ts";
import type { Day } from "./days.ts";
import { digits, draw, mark } from "./draw.ts";

/** Whose accounts: every derived thing begins with these words. */
export interface Owner {
  seed: string;
  bank: Bank;
  user: string;
  /** The line, where a login has more than one: references are its own. */
  label?: string;
}

export type Kind = "current" | "saver" | "card" | "loan";

export interface Account {
  /** The account's place behind the login. */
  place: number;
  ref: string;
  kind: Kind;
  title: string;
  number: string;
}

const TITLES: Record<Bank["land"], Record<Kind, string>> = {
  US: { current: "Everyday Checking", saver: "Growth Savings", card: "Rewards Card", loan: "Home Loan" },
  GB: { current: "Current Account", saver: "Easy Access Saver", card: "Credit Card", loan: "Personal Loan" },
};

const ORDER: readonly Kind[] = ["current", "saver", "card", "loan"];

/** ISO 4217 has numbers beside its letters; the farm speaks in numbers. */
export const CURRENCY: Record<Bank["land"], number> = { US: 840, GB: 826 };

/** Two to four, so that none of them is ever the only one. */
export const countOf = (owner: Owner): number =>
  owner.bank.habits.alike ? 3 : 2 + draw(owner.seed, owner.bank.id, owner.user, "accounts")(3);

/** The places of a login's first accounts. Where they are exchanged, the second is closed and a later one opened. */
export function firstPlaces(owner: Owner): number[] {
  const places = Array.from({ length: countOf(owner) }, (_, place) => place);
  const isExchanged = owner.bank.habits.exchanges === true && owner.label !== undefined;
  return isExchanged ? [...places.filter((place) => place !== 1), ORDER.length] : places;
}

export function accountAt(owner: Owner, place: number): Account {
  const words = [owner.seed, owner.bank.id, owner.user, place] as const;
  // Accounts that were opened later are savings accounts.
  const isTwin = owner.bank.habits.alike === true && place === 2;
  const kind = isTwin ? "saver" : (ORDER[place] ?? "saver");
  const title = TITLES[owner.bank.land][kind];
  const number = digits(draw(...words, "number"), owner.bank.land === "GB" ? 8 : 10);
  const label = owner.label === undefined ? [] : [owner.label];
  return {
    place,
    ref: `ac_${mark(...words, "account", ...label)}`,
    kind,
    title: place < ORDER.length ? title : `${title} ${place - ORDER.length + 2}`,
    number: isTwin ? number.slice(0, -4) + accountAt(owner, 1).number.slice(-4) : number,
  };
}

/**
 * Minor units. Two conventions in one house, as real ones have: a card tells what is owed as a negative balance, a loan
 * tells it as a positive one.
 */
export function balancesOf(owner: Owner, account: Account, now: Instant): { ledger: number; free?: number } {
  const words = [owner.seed, owner.bank.id, owner.user, account.place] as const;
  const opening = draw(...words, "opening");
  const today: Day = dayOf(now);
  const drift = draw(...words, "balance", today)(20_000) - 10_000;
  switch (account.kind) {
    case "current": {
      const ledger = 150_000 + opening(400_000) + drift;
      return { ledger, free: ledger - draw(...words, "held", today)(9_000) };
    }
    case "saver": {
      const ledger = 500_000 + opening(2_000_000) + today;
      return { ledger, free: ledger };
    }
    case "card": {
      const ledger = -(60_000 + opening(90_000) + drift);
      return { ledger, free: 500_000 + ledger };
    }
    case "loan":
      return { ledger: 9_000_000 + opening(9_000_000) - today };
  }
}
