/** One operation of the API: what is checked at run time and what is printed in the OpenAPI document, said once. */
import type { z } from "zod";
import { type RefusalCode, REFUSALS } from "../core/refusal.ts";
import { ErrorBody } from "./errors.ts";
import { type Keyed, NEEDED } from "./scopes.ts";

export const TAGS = {
  linking: "Link and repair, as the widget does it or by calls alone.",
  connections: "Connections: how they are, why, and what may be done about it.",
  accounts: "Financial accounts with balances, numbers and owners.",
  transactions: "Transactions, newest first within each account.",
  investments: "What is held in investment accounts, and what was done in them.",
  institutions: "Banks that can be linked.",
  customers: "The application's end users.",
  webhooks: "Events told to the application: signed webhooks, their log, and the feed that rebuilds what was lost.",
  providers: "Where providers call in, and what they sent.",
  sandbox: "Fake banks: link them, make them misbehave, move the clock.",
  operation: "Health, metrics and this document.",
} as const;

export type Tag = keyof typeof TAGS;

/** An answer that is no JSON. */
interface OfType {
  description: string;
  content: Record<string, { schema: z.ZodType }>;
}

interface Described {
  tag: Tag;
  summary: string;
  description?: string;
  params?: z.ZodType;
  querystring?: z.ZodType;
  body?: z.ZodType;
  answers: Record<number, z.ZodType | OfType>;
  /** Beyond what every operation may answer. */
  refusals?: readonly RefusalCode[];
}

/** Unset: whoever holds an API key of the scope that src/http/scopes.ts names. */
type Declared = Described & ({ id: Keyed; asks?: undefined } | { id: string; asks: "connect token" | "nobody" });

const EVERYWHERE: readonly RefusalCode[] = ["INTERNAL_ERROR", "DATABASE_UNAVAILABLE"];
const WITH_INPUT: readonly RefusalCode[] = ["BAD_REQUEST"];
const WITH_BODY: readonly RefusalCode[] = ["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"];

export function operation<const D extends Declared>(declared: D) {
  const { id, tag, summary, description, params, querystring, body, answers, refusals = [], asks } = declared;
  const scope = asks === undefined ? NEEDED[id] : null;
  const codes = new Set([
    ...EVERYWHERE,
    ...(params || querystring || body ? WITH_INPUT : []),
    ...(body ? WITH_BODY : []),
    ...(asks === "nobody" ? [] : (["UNAUTHORIZED"] as const)),
    ...(scope ? (["FORBIDDEN"] as const) : []),
    ...refusals,
  ]);
  const security = asks === "nobody" ? [] : [scope === null ? { connectToken: [] } : { apiKey: [scope] }];
  const schema = {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security,
    ...(scope !== null && { "x-scope": scope }),
    ...(params && { params }),
    ...(querystring && { querystring }),
    ...(body && { body }),
    response: { ...errorsOf([...codes]), ...answers },
  };
  return schema as unknown as typeof schema &
    Pick<D, Extract<keyof D, "params" | "querystring" | "body">> & {
      response: D["answers"];
    };
}

function errorsOf(codes: readonly RefusalCode[]) {
  const statuses = [...new Set(codes.map((code) => REFUSALS[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const told = codes.filter((code) => REFUSALS[code].status === status);
      const description = told.map((code) => `\`${code}\`: ${REFUSALS[code].means}`).join("\n\n");
      return [status, { description, content: { "application/json": { schema: ErrorBody } } }];
    }),
  );
}
