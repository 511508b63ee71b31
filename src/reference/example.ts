/** Examples out of schemas: what they name themselves, or else a value of their kind. */
import {
  alternatives,
  type ApiDocument,
  bodyOf,
  followed,
  type Operation,
  type Parameter,
  type Schema,
} from "./document.ts";

const OF_FORMAT: Record<string, string> = {
  "date-time": "2026-03-31T09:15:00.000Z",
  date: "2026-03-31",
  uri: "https://app.example.com",
};
const DEEP = 8;

/** `least`: without what may be left out, as somebody sends it who begins. */
export function exampleOf(given: Schema, document: ApiDocument, least = false, depth = 0): unknown {
  const { ways } = alternatives(followed(given, document));
  const schema = followed(ways[0] ?? {}, document);
  const named = schema.examples?.[0] ?? schema.example ?? schema.const ?? schema.enum?.[0];
  if (named !== undefined) return named;
  if (schema.anyOf || schema.oneOf) return depth > DEEP ? null : exampleOf(schema, document, least, depth + 1);
  const kind = [schema.type].flat().find((one) => one !== "null");
  if (kind === "array") {
    if (depth > DEEP || !schema.items) return [];
    return [exampleOf(schema.items, document, least, depth + 1)];
  }
  if (kind === "object" || schema.properties) {
    const shown = Object.entries(schema.properties ?? {}).filter(
      ([name]) => !least || (schema.required ?? []).includes(name),
    );
    if (depth > DEEP) return {};
    return Object.fromEntries(shown.map(([name, one]) => [name, exampleOf(one, document, least, depth + 1)]));
  }
  if (kind === "integer" || kind === "number") return schema.minimum ?? 1;
  if (kind === "boolean") return true;
  if (kind === "string") return OF_FORMAT[schema.format ?? ""] ?? "text";
  return null;
}

/** The shell's variable that stands for a part of the path: `$CONNECTION_ID`. */
export const variableOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Ids of the document lead nowhere; the reader's own do. */
const ID = /"(\w+)":"[a-z]+_2Ab9\w+"/g;
const given = (_: string, name: string): string => `"${name}":"'"$${variableOf(name)}"'"`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A call to paste where `U` is the gateway, and `K` a key (`T` a connect token). */
export function curlOf(operation: Operation, document: ApiDocument): string {
  const { method, path, parameters = [], security = [] } = operation;
  const to = path.replace(/\{(\w+)\}/g, (_, name: string) => `$${variableOf(name)}`);
  const query = parameters.filter((one) => one.in === "query" && one.required).map((one) => queryOf(one, document));
  const asked = query.length > 0 ? `?${query.join("&")}` : "";
  const lines = [`curl -s ${method === "GET" ? "" : `-X ${method} `}"$U${to}${asked}"`];
  const scheme = Object.keys(security[0] ?? {})[0];
  if (scheme !== undefined) lines.push(`-H "Authorization: Bearer $${scheme === "connectToken" ? "T" : "K"}"`);
  const body = bodyOf(operation);
  if (body) {
    const text = quoted(JSON.stringify(exampleOf(body, document, true)));
    lines.push(`-H 'Content-Type: application/json'`, `-d ${text.replace(ID, given)}`);
  }
  return lines.join(" \\\n  ");
}

function queryOf({ name, schema, example }: Parameter, document: ApiDocument): string {
  const value = example ?? exampleOf(schema, document);
  return `${name}=${encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value))}`;
}
