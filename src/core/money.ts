/**
 * Money is a decimal string and an ISO 4217 code, never a float: a bank's cent must survive the way through.
 */

/** A plain decimal: optional minus, digits, optional fraction. No exponent, no grouping, no plus, no minus zero. */
export type Decimal = string;

const PLAIN = /^-?\d+(\.\d+)?$/;
const MINUS_ZERO = /^-0+(\.0+)?$/;

export const isDecimal = (text: string): text is Decimal => PLAIN.test(text) && !MINUS_ZERO.test(text);

/**
 * A JSON number as providers send it, written out in full. JavaScript prints the shortest text that reads back as the
 * same double, which is the text the provider sent for any amount of at most 15 significant digits.
 * Throws RangeError on anything that is no finite number: an amount that we cannot read must not become one we invent.
 */
export function decimalOf(value: number | string): Decimal {
  const text = typeof value === "string" ? value.trim() : Number.isFinite(value) ? plain(value) : "";
  if (!PLAIN.test(text)) throw new RangeError(`"${String(value)}" is no decimal amount`);
  return MINUS_ZERO.test(text) ? text.slice(1) : text;
}

/** The same amount with its sign turned: money out is positive here, and not at every provider. */
export const negated = (amount: Decimal): Decimal =>
  amount.startsWith("-") ? amount.slice(1) : decimalOf(`-${amount}`);

function plain(value: number): string {
  const text = String(value);
  const found = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!found) return text;
  const [, sign = "", first = "", rest = "", power = "0"] = found;
  const digits = first + rest;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0").slice(0, point) + (digits.length > point ? `.${digits.slice(point)}` : "");
}
