/**
 * What the contract has and this gateway has not. Who asks for it is told so, and what to do instead: passed over in
 * silence it would look as if it had been heard.
 */
import type { FastifyRequest } from "fastify";
import { EVENTS } from "../core/contract/events.ts";
import { OPERATIONS } from "../core/contract/operations.ts";
import { isThere, type Row } from "../core/contract/row.ts";
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";

const missing = (rows: readonly Row[] = []): readonly Row[] => rows.filter((row) => !isThere(row));

const ABSENT = new Map(
  OPERATIONS.map(({ route, query, body }) => [route, { query: missing(query), body: missing(body) }] as const),
);

/** As the table has it: `GET /path/{parameter}`. */
const routeOf = ({ method, routeOptions: { url = "" } }: FastifyRequest): string =>
  `${method} ${url.replace(/:(\w+)/g, "{$1}")}`;

export function refuseAbsent(app: Api): void {
  app.addHook("preValidation", async (request) => {
    const absent = ABSENT.get(routeOf(request));
    if (!absent) return;
    const [query, body] = [fieldsOf(request.query), fieldsOf(request.body)];
    for (const row of absent.query) if (query[row[0]] !== undefined) throw notHere(row[0], row);
    for (const row of absent.body) if ((body[row[0]] ?? null) !== null) throw notHere(row[0], row);
    if (request.routeOptions.url?.startsWith("/notifications/webhooks")) refuseEvents(body["eventTypes"]);
  });
}

const fieldsOf = (part: unknown): Record<string, unknown> =>
  typeof part === "object" && part !== null ? (part as Record<string, unknown>) : {};

const notHere = (field: string, [name, , why = ""]: Row): Refusal => {
  const what = field === name ? "" : `${name} `;
  return new Refusal("NOT_BUILT", `[${field}] ${what}is not part of this gateway: ${why}. Leave it out.`);
};

/** A name that ends in a star stands for a family of them. */
const isOf = (name: string, type: string): boolean =>
  name.endsWith("*") ? type.startsWith(name.slice(0, -1)) : type === name;

function refuseEvents(types: unknown): void {
  if (!Array.isArray(types)) return;
  for (const [at, type] of types.entries()) {
    const row = missing(EVENTS).find(([name]) => typeof type === "string" && isOf(name, type));
    if (row) throw notHere(`eventTypes.${at}`, row);
  }
}
