/**
 * The kinds of value that requests and answers are made of. Each refuses what it is not with the problem and the mend;
 * the error handler puts the field's name in front.
 */
import { z } from "zod";
import { isCountry } from "../core/countries.ts";
import { type Kind, kindOf, PREFIXES } from "../core/ids.ts";
import { isOneLine, NOT_ONE_LINE } from "../core/label.ts";
import { PRODUCTS } from "../core/products.ts";

/** How an id's kind is spoken of. */
const NOUNS = {
  customer: "a customer's",
  connection: "a connection's",
  providerConnection: "a provider connection's",
  account: "an account's",
  transaction: "a transaction's",
  holding: "a holding's",
  investmentTransaction: "an investment transaction's",
  refresh: "a refresh's",
  session: "a session's",
  event: "an event's",
  entry: "a timeline entry's",
  run: "a run's",
  institution: "an institution's",
  incident: "an incident's",
  apiKey: "an API key's",
  webhook: "a webhook profile's",
  attempt: "an attempt's",
  inbound: "a received webhook's",
  activity: "an activity's",
  address: "an address's",
  audit: "an audit entry's",
  processorToken: "a processor token's",
} as const satisfies Record<Kind, string>;

/** PostgreSQL keeps neither, and a text that can't be kept can't be told back. */
const unkeepable = (text: string) => text.includes("\0") || !text.isWellFormed();

/** A text from outside, with bounds: nothing from outside is endless. */
export const text = (most: number, least = 1) =>
  z
    .string()
    .min(least)
    .max(most)
    .refine(
      (value) => !unkeepable(value),
      "has a NUL character or half a surrogate pair in it; send plain Unicode text",
    );

export const named = (most: number) =>
  text(most).refine((value) => value.trim().length > 0, "must not be blank; send at least one visible character");

/** What a person reads in a list, and a line of text holds. */
export const label = (most: number) => named(most).refine(isOneLine, `${NOT_ONE_LINE}; send one line of plain text`);

/** An id of this kind. One of another kind is told what it is. */
export const idOf = (kind: Kind) =>
  z
    .string()
    .check((context) => {
      const wrong = idProblem(kind, context.value);
      if (wrong) context.issues.push({ code: "custom", message: wrong, input: context.value });
    })
    .meta({ examples: [`${PREFIXES[kind]}_2Ab9cDeFgHiJkLmNpQrStU`] });

export function idProblem(kind: Kind, value: string): string | null {
  const found = kindOf(value);
  if (found === kind) return null;
  const wanted = `send ${NOUNS[kind]} (${PREFIXES[kind]}_…)`;
  return found ? `is ${NOUNS[found]} id (${PREFIXES[found]}_…); ${wanted}` : `is no id; ${wanted} as it was answered`;
}

export const product = z.enum(PRODUCTS).meta({ id: "Product" });

/** Each product once, in the order that they were named in. */
export const products = z
  .array(product)
  .max(50)
  .transform((list) => [...new Set(list)]);

export const region = z
  .string()
  .toUpperCase()
  .refine(
    (code) => /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(code) && isCountry(code.slice(0, 2)),
    "must be an ISO 3166 code; send a country (US) or a subdivision (US-CA)",
  );

/** A day of the calendar, as the contract writes it. */
export const day = z
  .string()
  .refine(isDay, "must be a day of the calendar; send it as YYYY-MM-DD")
  .meta({ format: "date", examples: ["2026-03-31"] });

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || value < "0001") return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}

/** A date and time with its zone, in a request. */
export const moment = z
  .string()
  .refine((value) => isMoment(value), "must be a date and time with its zone; send it like 2026-03-31T09:15:00Z")
  .meta({ format: "date-time" });

function isMoment(value: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(value) &&
    isDay(value.slice(0, 10)) &&
    !Number.isNaN(Date.parse(value))
  );
}

/** The start of a day, UTC. */
export const startOf = (value: string): number => Date.parse(`${value}T00:00:00Z`);

export const inOrder = ({ startDate, endDate }: { startDate?: string | undefined; endDate?: string | undefined }) =>
  startDate === undefined || endDate === undefined || startDate <= endDate;

export const OUT_OF_ORDER = { path: ["startDate"], message: "lies after endDate; send them the other way round" };

/** How many records a page has at most. Written out as digits: a query has no numbers. */
export const limit = (most: number, unset: number) =>
  z
    .string()
    .refine((digits) => /^\d{1,9}$/.test(digits), `must be a whole number; send 1 to ${most}`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, `is out of range; send 1 to ${most}`)
    .default(unset)
    .meta({ type: "integer", minimum: 1, maximum: most, description: `Records in a page, ${unset} if not named.` });

/** `A,B,C` in a query, each part read by `item`; the parameter may be repeated instead. */
export function list<Item extends z.ZodType<unknown, string>>(item: Item) {
  const known = item instanceof z.ZodEnum ? ` of ${item.options.join(", ")}` : "";
  return z
    .unknown()
    .transform((value) =>
      [value].flat().flatMap((part) =>
        String(part)
          .split(",")
          .map((one) => one.trim()),
      ),
    )
    .pipe(z.array(item).min(1).max(200))
    .meta({ type: "string", description: `One or more${known}, with a comma between.` });
}

/** An instant in an answer. */
export const instant = z.string().meta({ format: "date-time", examples: ["2026-03-31T09:15:00.000Z"] });

export const iso = (at: number): string => new Date(at).toISOString();
export const isoOrNull = (at: number | null | undefined): string | null =>
  at === null || at === undefined || !Number.isFinite(at) ? null : iso(at);
