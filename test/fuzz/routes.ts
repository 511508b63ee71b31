// Every route that the gateway answers, as the server itself knows them: a new one is here without being listed.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { FastifyInstance } from "fastify";
import { z } from "zod";

type Schema = Record<string, unknown>;

export interface Route {
  method: string;
  /** As it was registered: `/bank-linking/connections/:connectionId`. */
  url: string;
  /** Who may ask. */
  asks: "key" | "token" | "operator" | "nobody";
  /** What stands for each parameter: the prefix of an id, or null where it is no id. */
  params: { name: string; prefix: string | null }[];
  query: string[];
  body: Schema | null;
  /** Null: a body's shape is not said. */
  takesBody: ValidateFunction | null;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Runs `make`, and tells the routes of the server that it makes. */
export async function routesOf<T>(make: () => Promise<T>): Promise<{ made: T; routes: Route[] }> {
  const routes: Route[] = [];
  const listen = (message: unknown) => {
    (message as { fastify: FastifyInstance }).fastify.addHook("onRoute", ({ method, url, schema = {} }) => {
      for (const one of [method].flat()) routes.push(routeOf(one, url, schema as Schema));
    });
  };
  subscribe("fastify.initialization", listen);
  try {
    return { made: await make(), routes };
  } finally {
    unsubscribe("fastify.initialization", listen);
  }
}

function routeOf(method: string, url: string, schema: Schema): Route {
  const params = (schemaOf(schema["params"])?.["properties"] ?? {}) as Record<string, { examples?: string[] }>;
  const body = schemaOf(schema["body"]);
  const said = JSON.stringify(schema["security"] ?? []);
  return {
    method,
    url,
    asks: url.startsWith("/dashboard/data/")
      ? "operator"
      : said.includes("connectToken")
        ? "token"
        : said.includes("apiKey")
          ? "key"
          : "nobody",
    params: [...url.matchAll(/:(\w+)|\*/g)].map(([found, name = found]) => ({
      name,
      prefix: /^([a-z]{3})_/.exec(params[name]?.examples?.[0] ?? "")?.[1] ?? null,
    })),
    query: Object.keys(schemaOf(schema["querystring"])?.["properties"] ?? {}),
    body,
    takesBody: body && ajv.compile(body),
  };
}

/** What goes in. Rules beside the schema are not in it, so what it refuses must be refused, and not the reverse. */
function schemaOf(schema: unknown): Schema | null {
  if (!(schema instanceof z.ZodType)) return null;
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Letters are made large before they are looked at.
      delete jsonSchema.pattern;
      delete jsonSchema["id"];
    },
  });
}
