/**
 * Takes down each request of the API for the activity log, after it was answered. Strangers are not taken down: they
 * could fill the log. Nor is what reads the log itself.
 */
import type { FastifyRequest } from "fastify";
import type { Noted } from "../core/activity.ts";
import { kindOf } from "../core/ids.ts";
import { isSchema, type Known, knownIn, NOTHING } from "../core/known-fields.ts";
import { MASK, maskForeign, maskKnown } from "../core/masks.ts";
import { actorOf } from "./actor.ts";
import { sizeOf } from "./bodies.ts";
import type { Api, Context } from "./context.ts";

type Fields = Record<string, unknown>;

/** Of a body and of an answer so much is kept, until it is masked. */
export const MOST = 64 * 1024;
const OWN_PATH = "/activity-log";
const SHOWN_HEADERS = ["content-type", "user-agent", "idempotency-key", "x-idempotency-key", "retry-after", "location"];

export function logRequests(app: Api, { gateway }: Context): void {
  const payloads = new WeakMap<FastifyRequest, string>();
  app.addHook("onSend", async (request, _reply, payload) => {
    if (gateway.activity && typeof payload === "string") payloads.set(request, payload);
    return payload;
  });
  app.addHook("onResponse", async (request, reply) => {
    const actor = actorOf(request);
    const path = request.routeOptions.url ?? "";
    if (!gateway.activity || !actor || path.startsWith(OWN_PATH)) return;
    const sent = payloads.get(request) ?? "";
    const [opens = ""] = /\S+$/.exec((request.headers.authorization ?? "").trim()) ?? [];
    const answer = sent.length > MOST ? null : sent;
    const size = sizeOf(request);
    const { querystring, body, response } = (request.routeOptions.schema ?? {}) as Schemas;
    const asked: Asked = {
      headers: shown(request.headers),
      query: { told: request.query, known: knownOf(querystring) },
      bodyKnown: knownOf(body),
      body: size > MOST ? undefined : request.body,
      tooLarge: size > MOST ? `[${size} bytes]` : null,
    };
    const answered: Answered = {
      status: reply.statusCode,
      headers: shown(reply.getHeaders()),
      body: answer,
      known: knownOf(response?.[reply.statusCode]),
      length: sent.length,
    };
    gateway.activity.add({
      at: gateway.door.now(),
      action: "INBOUND_REQUEST",
      actor,
      requestId: request.id,
      ...concernedBy(request, answer),
      ...(actor.type === "CUSTOMER" && actor.id !== null && { sessionId: actor.id }),
      summary: {
        method: request.method,
        path: without(opens, request.url.split("?")[0]),
        route: path,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
      },
      // It holds neither request nor reply: until the line is written, nothing of them lives on but this.
      detail: () => without(opens, detailOf(asked, answered)),
      weight: (answer?.length ?? 0) + Math.min(size, MOST) + 2_000,
    });
  });
}

/** Shorter ones stand in words by chance. */
const SHORTEST = 8;

/** What the request was let in by may stand anywhere in it by mistake, and a key of one's own choice has no shape. */
function without<T>(opens: string, told: T): T {
  const text = opens.length >= SHORTEST ? JSON.stringify(told) : undefined;
  return text?.includes(opens) ? (JSON.parse(text.replaceAll(opens, MASK)) as T) : told;
}

/** A body that was not understood has fields that nobody here knows: it is masked as a stranger's. */
function detailOf({ headers, query, body, bodyKnown, tooLarge }: Asked, answered: Answered): unknown {
  const masked = answered.status === 400 ? maskForeign(body) : maskKnown(body, bodyKnown);
  const told =
    answered.body === null ? `[${answered.length} characters]` : maskKnown(parsed(answered.body), answered.known);
  return {
    request: { headers, query: maskKnown(query.told, query.known), body: tooLarge ?? masked },
    response: { headers: answered.headers, body: told },
  };
}

interface Schemas {
  querystring?: unknown;
  body?: unknown;
  response?: Record<number, unknown>;
}

/** Of an operation's schema, which an answer may have beside its media type. */
function knownOf(schema: unknown): Known {
  const inner =
    (schema as { content?: Record<string, { schema?: unknown }> } | undefined)?.content?.["application/json"]?.schema ??
    schema;
  return isSchema(inner) ? knownIn(inner) : NOTHING;
}

interface Asked {
  headers: Fields;
  query: { told: unknown; known: Known };
  body: unknown;
  bodyKnown: Known;
  /** What stands for a body that is not kept. */
  tooLarge: string | null;
}

interface Answered {
  status: number;
  headers: Fields;
  body: string | null;
  known: Known;
  length: number;
}

const shown = (headers: Fields): Fields =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => SHOWN_HEADERS.includes(name)));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Concerned = Pick<Noted, "customerId" | "externalCustomerId" | "connectionId" | "accountId">;

const KINDS = { connection: "connectionId", customer: "customerId", account: "accountId" } as const;
const NAMES = ["id", "connectionId", "customerId", "financialAccountId"];

/** Whom a request concerns, by the ids in its path, query and body, and else in its answer. */
function concernedBy(request: FastifyRequest, answer: string | null): Concerned {
  const found: Record<string, string> = {};
  // Read only as far as its own fields go: a list's records concern nobody in particular.
  const told = answer !== null && request.method !== "GET" ? parsed(answer) : null;
  for (const part of [told, request.body, request.query, request.params]) {
    if (typeof part !== "object" || part === null) continue;
    for (const name of NAMES) {
      const value = (part as Fields)[name];
      const kind = typeof value === "string" ? kindOf(value) : null;
      if (kind === "connection" || kind === "customer" || kind === "account") found[KINDS[kind]] = value as string;
    }
    const external = (part as Fields)["externalCustomerId"] ?? (part as Fields)["externalId"];
    if (typeof external === "string") found["externalCustomerId"] = external;
  }
  return found;
}
