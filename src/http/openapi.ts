/** The OpenAPI document, from the schemas that the routes run on. */
import swagger from "@fastify/swagger";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { Api } from "./context.ts";
import { TAGS } from "./operation.ts";

const DESCRIPTION = `Bowline keeps bank connections alive. One table says how each is, why, and what may be done.

**Lists** answer \`count\`, \`remaining\` and records with a \`key\`: send the last one's as \`after\` for the next
page, or the first one's as \`before\` for the previous one.

**Idempotency**: send \`Idempotency-Key\` with a request that changes something, and repeating it changes nothing more.

**Errors** have one shape, \`Error\`; \`code\` is for programs, \`message\` names the field and the mend.`;

/** The operator's pages speak to their own copy of the operations, which is no part of the API. */
const PAGES = "/dashboard";

interface Body {
  required?: boolean;
  content: Record<string, { schema: { anyOf?: { type?: string }[] } }>;
}

interface Operation {
  summary?: string;
  requestBody?: Body;
  responses?: Record<string, { description?: string; headers?: unknown }>;
}

interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, unknown>; headers?: unknown };
}

export async function openapi(app: Api): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Bowline",
        version: "0.1.0",
        description: DESCRIPTION,
        license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
      },
      servers: [{ url: "/", description: "The gateway that serves this document." }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          apiKey: {
            type: "apiKey",
            in: "header",
            name: "Authorization",
            description: "`Bearer <API key>` or `BASIC <API key>`, the key as it was shown when it was made.",
          },
          connectToken: { type: "http", scheme: "bearer", description: "The connect token of one session." },
        },
      },
    },
    transform: (given) =>
      given.url.startsWith(`${PAGES}/`)
        ? { ...given, schema: { ...given.schema, hide: true } }
        : jsonSchemaTransform(given),
    transformObject: (given) => tidied(jsonSchemaTransformObject(given) as Document) as never,
  });
}

/** What the printers leave out or put in too much. */
function tidied(document: Document): Document {
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    for (const answer of Object.values(operation.responses ?? {})) {
      if (answer.description === "Default Response") answer.description = operation.summary ?? "";
      answer.headers = { "X-Request-Id": { $ref: "#/components/headers/RequestId" } };
    }
    const { requestBody } = operation;
    const shapes = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => schema.anyOf ?? []);
    if (requestBody && shapes.some(({ type }) => type === "null")) requestBody.required = false;
  }
  const components = document.components ?? {};
  components.headers = { RequestId: { description: "Leads to the log.", schema: { type: "string" } } };
  const single = oneNameEach(document);
  return { ...single, components: { ...single.components, schemas: referred(single) } };
}

/** Each schema is printed once as it is read and once as it is written; where both are alike one name is enough. */
function oneNameEach(document: Document): Document {
  const schemas = document.components?.schemas ?? {};
  const alike = Object.keys(schemas).filter(
    (name) => name.endsWith("Input") && JSON.stringify(schemas[name]) === JSON.stringify(schemas[name.slice(0, -5)]),
  );
  const text = alike.reduce(
    (all, name) => all.replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${name.slice(0, -5)}"`),
    JSON.stringify(document),
  );
  return JSON.parse(text) as Document;
}

/** The schemas that an operation refers to, directly or through others. */
function referred(document: Document): Record<string, unknown> {
  const schemas = document.components?.schemas ?? {};
  const kept = new Set<string>();
  const follow = (value: unknown): void => {
    for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (kept.has(name)) continue;
      kept.add(name);
      follow(schemas[name]);
    }
  };
  follow(document.paths ?? {});
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => kept.has(name)));
}
