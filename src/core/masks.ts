/**
 * What is kept of bodies that pass through, and what is not. The gateway's own bodies are known field by field: what
 * stands in the table is masked, wherever it stands. A provider's are not: there everything is masked but what stands
 * in the list of what is shown. Secrets, numbers and persons are masked by their shape as well.
 */

export const MASK = "[masked]";

/** The gateway's own fields, by why their values are not kept. */
export const MASKED = {
  "opens something": /^(authorization|cookie|credential|proof|page|widgetUrl|.*(token|secret|password))$/i,
  "says where an account is reached":
    /^(identifiers|ach|eft|bacs|international|(account|routing|institution|branch)Number|[bi]ban|bic|sortCode)$/i,
  "says who a customer is":
    /^(owners|names|firstName|lastName|emails?|phone(Numbers?)?|dateOfBirth|address(es)?|line(One|Two)|street|city|postalCode)$/i,
  "says what an account holds":
    /^(balances|amount|(current|available)Amount|description|quantity|costBasis|closePrice|currentValue|symbol|cusip|isin)$/i,
} as const;

/** Of a provider's bodies: the fields whose words and numbers are kept. */
export const SHOWN =
  /^(status|code|kind|type|subtype|step|scheme|meaning|words|again|ends|error_(type|code|code_reason|message)|display_message|request_id|item_id|institution_id|webhook_(type|code)|consent_expiration_time|update_type|(un)?(iso|official)_currency_code|total_[a-z_]+|offset|count|size|days_requested|country_codes|language|products|(optional|consented|available|billed|additional_consented|required_if_supported)_products|wants|house|processor|next|more|has_more|asof|lacks)$/;

const SHAPES: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[^\s"',]+/gi, `$1 ${MASK}`],
  [/([?&#;](?:[^=&\s]*))=[^&\s"'#]+/g, `$1=${MASK}`],
  [/\bses_[1-9A-HJ-NP-Za-km-z]{22}\.[A-Za-z0-9_-]+/g, MASK],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, MASK],
  [/\b(access|public|link|processor)-[a-z]+-[0-9a-f-]{8,}/gi, MASK],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, MASK],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, MASK],
  [/\d(?:[ -]?\d){7,}/g, MASK],
];

/** The times and days of the gateway's own answers, which look like numbers. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const ID = /^[a-z]{3}_[1-9A-HJ-NP-Za-km-z]{22}$/;
const TEXT = 300;
const DEPTH = 8;
const FIELDS = 60;
/** Of a list so many are kept: what the others look like can be seen by these. */
const ENTRIES = 2;

export function maskText(text: string): string {
  if (TIME.test(text) || ID.test(text)) return text;
  const cut = text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
  return SHAPES.reduce((masked, [shape, by]) => masked.replace(shape, by), cut);
}

/** A body of the gateway's own. */
export const maskOwn = (body: unknown): unknown => walk(body, ownField, true, DEPTH);

/** A body of a provider's, in either direction. */
export const maskForeign = (body: unknown): unknown =>
  walk(body, (name) => (SHOWN.test(name) ? "shown" : "hidden"), false, DEPTH);

type Rule = (name: string) => "masked" | "shown" | "hidden";

const OWN = new RegExp(
  Object.values(MASKED)
    .map(({ source }) => source)
    .join("|"),
  "i",
);
const ownField: Rule = (name) => (OWN.test(name) ? "masked" : "shown");

/** `hidden`: words and numbers are masked one by one, and what is inside is looked at by its own names. */
function walk(value: unknown, rule: Rule, isShown: boolean, depth: number): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return isShown ? maskText(value) : MASK;
  if (typeof value === "number") return isShown ? value : MASK;
  if (typeof value !== "object") return null;
  if (depth === 0) return "[deep]";
  if (Array.isArray(value)) {
    const kept = value.slice(0, ENTRIES).map((one) => walk(one, rule, isShown, depth - 1));
    return value.length > ENTRIES ? [...kept, `[${value.length - ENTRIES} more]`] : kept;
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, FIELDS)
      .map(([name, inner]) => {
        const word = rule(name);
        if (word === "masked") return [name, inner === null ? null : MASK];
        return [name, walk(inner, rule, word === "shown", depth - 1)];
      }),
  );
}
