/** JSON whose numbers stay as they were written: a balance must not pass through a float on its way to us. */
import { z } from "zod";
import { decimalOf, type Decimal } from "../../core/money.ts";
import { keepable } from "../reading.ts";

type Parsed = { ok: true; json: unknown } | { ok: false };

/** Every number becomes its own text. */
export function exactly(text: string): Parsed {
  const keep = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" ? (context?.source ?? String(value)) : keepable(value);
  try {
    return { ok: true, json: JSON.parse(text, keep) as unknown };
  } catch {
    return { ok: false };
  }
}

/** An amount from that text. `1e3` is a legal JSON number too, and is written out. */
export const money = z.string().transform((text, context): Decimal => {
  const amount = /e/i.test(text) ? Number(text) : text;
  try {
    return decimalOf(amount);
  } catch {
    context.addIssue({ code: "custom", message: "no amount" });
    return z.NEVER;
  }
});

/** ISO 4217's letters; what is none is not written beside an amount. */
export const currency = z.string().regex(/^[A-Z]{3}$/, "no currency");
