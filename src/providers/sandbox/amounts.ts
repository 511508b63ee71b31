// The farm's money and days in ours: whole minor units with a number for the currency, days as 20261122.
import type { Decimal } from "../../core/money.ts";

/** ISO 4217: number → letters and the digits of the minor unit. */
const CURRENCIES: Readonly<Record<number, readonly [letters: string, minor: number]>> = {
  826: ["GBP", 2],
  840: ["USD", 2],
};

export interface Money {
  amount: Decimal;
  currency: string;
}

/** Throws RangeError on a currency whose minor unit is not known: a guess would move the point. */
export function moneyOf(minor: number, number: number): Money {
  const known = CURRENCIES[number];
  if (known === undefined) throw new RangeError(`Currency ${number} is not in the sandbox's table.`);
  const [currency, digits] = known;
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return { amount: `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`, currency };
}

/** A count in thousandths, written out: 1250 is 1.25, and 2000 is 2. */
export function thousandths(count: number): Decimal {
  const text = String(Math.abs(count)).padStart(4, "0");
  const [whole, part] = [text.slice(0, -3), text.slice(-3).replace(/0+$/, "")];
  return `${count < 0 ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}

export function dateOf(day: number): string {
  const text = String(day).padStart(8, "0");
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}
