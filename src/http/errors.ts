/** Every answer that says no has one shape; what may be in `code` is the table in `core/refusal.ts`. */
import type { Socket } from "node:net";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Door } from "../core/door.ts";
import { Refusal, type RefusalCode, REFUSALS } from "../core/refusal.ts";
import { DatabaseAway } from "../store/database.ts";
import { instant, iso } from "./fields.ts";
import { VERSION, VERSION_HEADER } from "../core/compatibility.ts";

const CODES = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]];

export const ErrorBody = z
  .object({
    code: z.enum(CODES).meta({
      description: CODES.map((code) => `\`${code}\` (${REFUSALS[code].status}): ${REFUSALS[code].means}`).join("\n"),
    }),
    message: z.string().meta({ description: "One sentence for a person. `[field]` in front names what was wrong." }),
    requestId: z.string(),
    timestamp: instant,
  })
  .meta({ id: "Error" });

/** What fastify itself refuses, in our words. Anything else of its own below 500 is a bad request. */
const FASTIFY: Record<string, { code: RefusalCode; sentence: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "PAYLOAD_TOO_LARGE", sentence: "[body] is larger than 1 MiB; send less." },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "UNSUPPORTED_MEDIA_TYPE",
    sentence: "[content-type] is not JSON; send the body as application/json.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "BAD_REQUEST",
    sentence: "[content-length] does not fit the body; send the body's length in bytes.",
  },
  FST_ERR_BAD_URL: { code: "BAD_REQUEST", sentence: "[path] is not well encoded; send valid percent-encoding." },
};

/** Seconds after which a request that met no database, or no provider, may be tried again. */
const RETRY: Partial<Record<RefusalCode, number>> = { DATABASE_UNAVAILABLE: 2, PROVIDER_UNAVAILABLE: 5 };

export function refusalOf(error: unknown, request?: FastifyRequest): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof DatabaseAway) {
    return new Refusal("DATABASE_UNAVAILABLE", "The database can't be reached now; try again after Retry-After.");
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const { validationContext } = error as FastifyError;
    return new Refusal("BAD_REQUEST", sentenceOf(error.validation, validationContext, request?.body));
  }
  const { code = "", statusCode = 500 } = error as Partial<FastifyError>;
  const known = FASTIFY[code];
  if (known) return new Refusal(known.code, known.sentence);
  if (statusCode < 500) return new Refusal("BAD_REQUEST", "The request can't be read; send valid HTTP with JSON.");
  return null;
}

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, door: Door): FastifyReply {
  const refusal = refusalOf(error, request);
  if (!refusal) request.log.error({ requestId: request.id, err: error }, "A request failed.");
  const code = refusal?.code ?? "INTERNAL_ERROR";
  const retry = RETRY[code];
  if (retry !== undefined) reply.header("retry-after", retry);
  if (refusal?.notBefore !== undefined) {
    reply.header("retry-after", Math.max(1, Math.ceil((refusal.notBefore - door.now()) / 1000)));
  }
  // Said here too: what fastify refuses before a route is found passes no hook of ours.
  reply.headers({ "x-request-id": request.id });
  if (!reply.hasHeader(VERSION_HEADER)) reply.header(VERSION_HEADER, VERSION);
  const message = refusal?.message ?? "The gateway failed; give the request id to its operator.";
  return reply
    .code(REFUSALS[code].status)
    .serializer(JSON.stringify)
    .type("application/json; charset=utf-8")
    .send({ code, message, requestId: request.id, timestamp: iso(door.now()) });
}

/** What is not even HTTP: there is no request yet, so the answer is written by hand. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket, door: Door): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const requestId = requestIdFrom(door);
  const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const message = late
    ? "The request took too long to arrive; send its head within 30 s and all of it within 60 s."
    : "The request is no valid HTTP, or its head is too long; " +
      "send HTTP/1.1 with [path] and headers below 16 KiB in all.";
  const body = JSON.stringify({ code: "BAD_REQUEST", message, requestId, timestamp: iso(door.now()) });
  const lines = [
    late ? "HTTP/1.1 408 Request Timeout" : "HTTP/1.1 400 Bad Request",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    "connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

export const requestIdFrom = (door: Door): string => Buffer.from(door.random(16)).toString("hex");

interface Issue {
  keyword?: string;
  instancePath?: string;
  message?: string;
  params?: {
    origin?: string;
    minimum?: number;
    maximum?: number;
    expected?: string;
    values?: readonly unknown[];
    /** Of a union: what each of its members found wrong. */
    errors?: readonly (readonly Found[])[];
  };
}

/** As the schema library has it, inside a union. */
type Found = NonNullable<Issue["params"]> & { code: string; path: readonly PropertyKey[]; message: string };

/** The first problem is told; the next one shows itself when that is mended. */
function sentenceOf(issues: readonly Issue[], part: string | undefined, body: unknown): string {
  const [issue = {}] = issues.map(closest);
  const path = (issue.instancePath ?? "").split("/").filter(Boolean);
  const isMissing = part === "body" && isNowhere(body, path);
  return `[${path.join(".") || "body"}] ${problemOf(issue, part, isMissing)}.`;
}

const isNowhere = (body: unknown, path: readonly string[]): boolean =>
  path.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], body) ===
  undefined;

/** Of a union: what the member says that took the value for one of its own, and stumbled only inside. */
function closest(issue: Issue): Issue {
  for (const [found] of issue.params?.errors ?? []) {
    if (!found || (found.path.length === 0 && found.code === "invalid_type")) continue;
    const { code, path, message, ...params } = found;
    return { keyword: code, instancePath: [issue.instancePath, ...path].join("/"), message, params };
  }
  return issue;
}

const NOUNS: Record<string, string> = {
  object: "a JSON object",
  record: "a JSON object",
  array: "a JSON array",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};
const typed = (expected = "") => NOUNS[expected] ?? expected;

function problemOf(
  { keyword, message = "is wrong", params = {} }: Issue,
  part: string | undefined,
  isMissing: boolean,
): string {
  const { origin, minimum, maximum, expected, values, errors = [] } = params;
  const things = origin === "string" ? "characters" : origin === "array" ? "entries" : "";
  const wrong = isMissing ? "is missing" : "is of another type";
  switch (keyword) {
    case "invalid_type":
      // A query's parameters are texts: what is none came more than once.
      if (part === "querystring") return "is missing or named more than once; send it once";
      return `${wrong}; send ${typed(expected)}`;
    case "invalid_value":
      return `${isMissing ? "is missing" : "is none of the known values"}; send one of ${values?.join(", ")}`;
    case "too_small":
      return `is too ${things ? "short" : "small"}; send at least ${minimum} ${things}`.trimEnd();
    case "too_big":
      return `is too ${things ? "long" : "large"}; send at most ${maximum} ${things}`.trimEnd();
    case "invalid_union":
      return `${wrong}; send ${errors.map(([found]) => typed(found?.expected)).join(" or ")}`;
    default:
      return message;
  }
}
