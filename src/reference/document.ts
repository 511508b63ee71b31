/** The OpenAPI document as the page reads it: operations in their order, references followed. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  example?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description?: string;
  example?: unknown;
  schema: Schema;
}

interface Content {
  schema: Schema;
  example?: unknown;
}

export interface Answer {
  description: string;
  content?: Record<string, Content>;
}

interface Stated {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Content> };
  responses: Record<string, Answer>;
  security?: Record<string, unknown>[];
}

export interface ApiDocument {
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Stated>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation extends Stated {
  method: string;
  path: string;
  tag: string;
}

export const operationsOf = ({ paths }: ApiDocument): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, stated]) => ({
      ...stated,
      path,
      method: method.toUpperCase(),
      tag: stated.tags[0] ?? "",
    })),
  );

export function bodyOf({ requestBody }: Operation): Schema | null {
  const { schema, example } = requestBody?.content["application/json"] ?? {};
  if (schema === undefined) return null;
  return example === undefined ? schema : { ...schema, example };
}

/** The schema behind a reference, with what is said of it where it is used. */
export function followed(schema: Schema, document: ApiDocument): Schema {
  const name = schema.$ref?.split("/").at(-1);
  if (name === undefined) return schema;
  const { $ref: _, ...said } = schema;
  return { ...document.components.schemas[name], ...said };
}

/** Alternatives without `null`, which is told apart. */
export function alternatives(schema: Schema): { ways: Schema[]; orNull: boolean } {
  const all = schema.anyOf ?? schema.oneOf;
  if (!all) {
    const types = [schema.type].flat();
    return { ways: [schema], orNull: types.length > 1 && types.includes("null") };
  }
  const { anyOf: _, oneOf: __, ...said } = schema;
  const ways = all.filter(({ type }) => type !== "null").map((way) => ({ ...said, ...way }));
  return { ways, orNull: ways.length < all.length };
}

/** All that can be searched for in an operation, in small letters. */
export function wordsOf(operation: Operation): string {
  const { operationId, method, path, summary, description = "", tag, parameters = [] } = operation;
  const names = parameters.map(({ name }) => name);
  const fields = Object.keys(bodyOf(operation)?.properties ?? {});
  return [operationId, method, path, summary, description, tag, ...names, ...fields].join(" ").toLowerCase();
}

/** Every word that was typed has to be found; their order does not matter. */
export const matches = (operation: Operation, typed: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => wordsOf(operation).includes(word));
