/**
 * Plaid's own OpenAPI document as a judge of what we send, and of what the played Plaid answers. The document is not
 * ours to ship: `BOWLINE_SPECS` names a folder that has it, and without one nobody judges.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Ajv2019, type ValidateFunction } from "ajv/dist/2019.js";
import formats from "ajv-formats";
import { parse } from "yaml";

const DOCUMENT = "plaid-2020-09-14.yml.gz";

export const WHY_NO_JUDGE = `skipped: BOWLINE_SPECS names no folder with ${DOCUMENT}`;

/** Each answers what is wrong, one sentence a fault; an empty list is consent. */
export interface Judge {
  request(method: string, path: string, body: unknown): string[];
  response(method: string, path: string, status: number, body: unknown): string[];
  /** The webhooks of the document that name an Item, as "TYPE: CODE". */
  hooks(): string[];
}

type Json = { [key: string]: Json };

let judge: Judge | null | undefined;

/** One judge for a process: the document takes more than a second and 200 MB to read. */
export function specJudge(): Judge | null {
  judge ??= seated();
  return judge;
}

function seated(): Judge | null {
  const folder = process.env["BOWLINE_SPECS"];
  const file = folder ? join(folder, DOCUMENT) : "";
  if (!folder || !existsSync(file)) return null;
  const document = parse(gunzipSync(readFileSync(file)).toString(), { maxAliasCount: -1 }) as Json;
  const ajv = new Ajv2019({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  const compiled = new Map<string, ValidateFunction>();

  const faults = (name: string, schema: Json | undefined, body: unknown): string[] => {
    if (!schema) return [`${name} is not in the document`];
    // Plaid refuses a request with a field that it does not know, and adds fields to its answers whenever it likes.
    const closed = name.endsWith("request") ? { unevaluatedProperties: false } : {};
    const check = compiled.get(name) ?? ajv.compile({ ...whole(document, schema), ...closed });
    compiled.set(name, check);
    if (check(body)) return [];
    return (check.errors ?? []).map((error) => {
      const about = error.params as { additionalProperty?: string; allowedValues?: unknown };
      return `${name}${error.instancePath}: ${error.message ?? ""} ${JSON.stringify(about)}`;
    });
  };
  const operation = (method: string, path: string): Json | undefined =>
    document["paths"]?.[path]?.[method.toLowerCase()];
  const schemaIn = (holder: Json | undefined): Json | undefined =>
    holder?.["content"]?.["application/json"]?.["schema"];

  const word = (property: Json | undefined) => JSON.stringify(property?.["description"] ?? "").replace(/[`"\\\s]/g, "");
  const hooks = Object.values(document["components"]?.["schemas"] ?? {}).flatMap(({ properties }) =>
    properties?.["webhook_code"]?.["description"] && properties["item_id"]
      ? [`${word(properties["webhook_type"])}: ${word(properties["webhook_code"])}`]
      : [],
  );

  return {
    hooks: () => hooks,
    request: (method, path, body) =>
      faults(`${method} ${path} request`, schemaIn(operation(method, path)?.["requestBody"]), body),
    response: (method, path, status, body) => {
      const told = operation(method, path)?.["responses"];
      return faults(`${method} ${path} ${status}`, schemaIn(told?.[String(status)] ?? told?.["default"]), body);
    },
  };
}

/** A schema with all that it refers to, as JSON Schema; of 2,000 schemas, an operation needs a few dozen. */
function whole(document: Json, schema: Json): object {
  const needed: Record<string, unknown> = {};
  const take = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(take);
    if (typeof part !== "object" || part === null) return part;
    const turned = jsonSchemaOf(part as Record<string, unknown>);
    const ref = turned["$ref"];
    if (typeof ref === "string") {
      const name = ref.replace("#/components/schemas/", "");
      if (!(name in needed)) {
        needed[name] = true;
        needed[name] = take(document["components"]?.["schemas"]?.[name]);
      }
      return { $ref: `#/$defs/${name}` };
    }
    return Object.fromEntries(
      Object.entries(turned).map(([key, value]) => [key, key === "properties" ? takeEach(value as Json) : take(value)]),
    );
  };
  // Names of properties are not words of the schema: one may be called "description" or "nullable".
  const takeEach = (named: Json): object =>
    Object.fromEntries(Object.entries(named).map(([name, property]) => [name, take(property)]));
  const root = take(schema);
  return { allOf: [root], $defs: needed };
}

/** OpenAPI 3.0 says "or null" beside the type, draft 7 of JSON Schema within it. What only documents is left out. */
function jsonSchemaOf(part: Record<string, unknown>): Record<string, unknown> {
  const { nullable, example: _example, examples: _examples, description: _description, ...schema } = part;
  for (const [bound, least] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    // A mark on the bound beside it, where JSON Schema has the bound itself.
    if (typeof schema[bound] !== "boolean") continue;
    const { [bound]: beyond, [least]: limit } = schema;
    delete schema[bound];
    if (beyond) schema[bound] = limit;
  }
  if (nullable !== true) return schema;
  if (Array.isArray(schema["enum"])) schema["enum"] = [...schema["enum"], null];
  if (typeof schema["type"] === "string") return { ...schema, type: [schema["type"], "null"] };
  return { anyOf: [schema, { type: "null" }] };
}
