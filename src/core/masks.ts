/**
 * What is kept of bodies that pass through, and what is not. Of the gateway's own bodies what the operation's schema
 * names is shown, less what stands in the table; a field that it does not name is masked. A provider's have no schema
 * here: there everything is masked but what stands in the list of what is shown. Secrets, numbers and persons are
 * masked by their shape as well.
 */
import { type Known, NOTHING } from "./known-fields.ts";

export const MASK = "[masked]";

/** The gateway's own fields, by why their values are not kept. */
export const MASKED = {
  "opens something": "authorization cookie credential proof page widgetUrl",
  "says where an account is reached":
    "identifiers ach eft bacs international accountNumber routingNumber institutionNumber branchNumber iban bban bic " +
    "sortCode",
  "says who a customer is":
    "owners names firstName lastName email emails phone phoneNumbers dateOfBirth addresses address lineOne lineTwo " +
    "street city postalCode",
  "says what an account holds":
    "balances amount currentAmount availableAmount description quantity costBasis closePrice currentValue symbol " +
    "cusip isin",
} as const;

/** Whatever stands in front of it, this opens something, too. */
const OPENS = /(token|secret|password)$/i;

/** Of a provider's bodies: the fields whose words and numbers are kept, by what they tell. */
export const SHOWN = {
  "what came of it":
    "status code words error_type error_code error_code_reason error_message display_message request_id update_type",
  "what kind of thing it is": "kind type subtype step scheme meaning webhook_type webhook_code processor house",
  "what was asked for":
    "products optional_products required_if_supported_products additional_consented_products consented_products " +
    "available_products billed_products wants lacks country_codes language days_requested",
  "how much of it there is":
    "count offset size next more has_more total_transactions total_investment_transactions total",
  "when it was": "again ends asof consent_expiration_time",
  "which bank it is": "institution_id",
  "in what money": "iso_currency_code unofficial_currency_code",
} as const;

const wordsOf = (table: Readonly<Record<string, string>>): ReadonlySet<string> =>
  new Set(Object.values(table).flatMap((words) => words.toLowerCase().split(" ")));

const SHAPES: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[^\s"',]+/gi, `$1 ${MASK}`],
  [/([?&#;](?:[^=&\s]*))=[^&\s"'#]+/g, `$1=${MASK}`],
  [/\bses_[1-9A-HJ-NP-Za-km-z]{22}\.[A-Za-z0-9_-]+/g, MASK],
  [/\bbow_[A-Za-z0-9_-]{20,}/g, MASK],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, MASK],
  [/\b(access|public|link|processor)-[a-z]+-[0-9a-f-]{8,}/gi, MASK],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, MASK],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, MASK],
  [/\d(?:[ -]?\d){7,}/g, MASK],
];

/** The times and days of the gateway's own answers, which look like numbers. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const ID = /^[a-z]{3}_[1-9A-HJ-NP-Za-km-z]{22}$/;
/** A word of the language, as states and products have; no shape fits it, and most values are one. */
const WORD = /^[A-Z_]{1,60}$/;
/** One deployment is one account: the same in every answer, with digits in it that count nothing. */
const CONSTANT = "accountId";
export const TEXT = 300;
export const DEPTH = 8;
export const FIELDS = 60;
/** Of a list so many are kept: what the others look like can be seen by these. */
const ENTRIES = 2;

export function maskText(text: string): string {
  if (WORD.test(text) || TIME.test(text) || ID.test(text)) return text;
  const cut = text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
  return SHAPES.reduce((masked, [shape, by]) => masked.replace(shape, by), cut);
}

/** A body of the gateway's own, whose fields are known without a schema. */
export const maskOwn = (body: unknown): unknown => walk(body, ownField, true, DEPTH);

/** A body of the gateway's own, by what its schema knows of it. */
export function maskKnown(body: unknown, known: Known, depth = DEPTH): unknown {
  if (body === null || body === undefined) return null;
  if (typeof body === "string") return known.isLeaf ? maskText(body) : MASK;
  if (typeof body !== "object") return known.isLeaf ? body : MASK;
  if (depth === 0) return "[deep]";
  if (Array.isArray(body)) return cut(body, (one) => maskKnown(one, known.entry ?? NOTHING, depth - 1));
  if (known.fields.size === 0) return MASK;
  return Object.fromEntries(
    Object.entries(body)
      .slice(0, FIELDS)
      .map(([name, inner]) => {
        if (name === CONSTANT) return [name, inner as unknown];
        const field = known.fields.get(name);
        const shown = field ? name : maskText(name);
        if (ownField(name) === "masked") return [shown, inner === null ? null : MASK];
        return [shown, maskKnown(inner, field ?? NOTHING, depth - 1)];
      }),
  );
}

function cut<T>(list: readonly unknown[], show: (one: unknown) => T): (T | string)[] {
  const kept = list.slice(0, ENTRIES).map(show);
  return list.length > ENTRIES ? [...kept, `[${list.length - ENTRIES} more]`] : kept;
}

/** A body of a provider's, in either direction. */
export const maskForeign = (body: unknown): unknown => walk(body, foreignField, false, DEPTH);

type Rule = (name: string) => "masked" | "shown" | "hidden";

const own = wordsOf(MASKED);
const foreign = wordsOf(SHOWN);
const ownField: Rule = (name) => (own.has(name.toLowerCase()) || OPENS.test(name) ? "masked" : "shown");
const foreignField: Rule = (name) => (foreign.has(name.toLowerCase()) ? "shown" : "hidden");

/** `hidden`: words and numbers are masked one by one, and what is inside is looked at by its own names. */
function walk(value: unknown, rule: Rule, isShown: boolean, depth: number): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return isShown ? maskText(value) : MASK;
  if (typeof value === "number") return isShown ? value : MASK;
  if (typeof value !== "object") return null;
  if (depth === 0) return "[deep]";
  if (Array.isArray(value)) return cut(value, (one) => walk(one, rule, isShown, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, FIELDS)
      .map(([name, inner]) => {
        const word = rule(name);
        if (name === CONSTANT) return [name, inner];
        if (word === "masked") return [maskText(name), inner === null ? null : MASK];
        return [maskText(name), walk(inner, rule, word === "shown", depth - 1)];
      }),
  );
}
