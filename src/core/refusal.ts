/**
 * Why the gateway says no. Every code that an error body may carry is a row here; the API's documentation is printed
 * from it. A refusal is an expected answer and is told as one sentence that names the mend.
 */
import type { Instant } from "./door.ts";

export const REFUSALS = {
  BAD_REQUEST: { status: 400, means: "A value of the request is missing or wrong; the message names the field." },
  UNAUTHORIZED: { status: 401, means: "No API key, connect token or signature was sent, or one that is not known." },
  FORBIDDEN: { status: 403, means: "The key or token is known and does not reach this." },
  NOT_FOUND: { status: 404, means: "There is nothing under this id or path." },
  METHOD_NOT_ALLOWED: { status: 405, means: "The path exists, and not with this method." },
  STATE_FORBIDS: { status: 409, means: "The connection's state does not allow it; the message names the state." },
  ALREADY_DELETED: { status: 409, means: "The connection is deleted already." },
  QUESTION_OPEN: { status: 409, means: "Only the customer knows how to go on: the session shows what is asked." },
  CLOCK_IS_REAL: { status: 409, means: "The sandbox's clock moves only while no other provider is configured." },
  GONE: {
    status: 410,
    means: "The connection is deleted and this part of it with it, or it is older than what is kept.",
  },
  SESSION_OVER: { status: 410, means: "The widget session has ended; start or repair again." },
  PAYLOAD_TOO_LARGE: { status: 413, means: "The body is larger than the limit named in the message." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, means: "The body must be JSON, sent as application/json." },
  IDEMPOTENCY_KEY_REUSED: { status: 422, means: "The idempotency key was used before with another body." },
  PROVIDER_REFUSED: { status: 422, means: "The provider refused what the customer's session brought." },
  TOO_EARLY: {
    status: 429,
    means:
      "Not before the time in Retry-After: a limit of a provider or of this gateway, or the same thing is under way.",
  },
  INTERNAL_ERROR: { status: 500, means: "The gateway failed; the request id leads to the log." },
  NOT_BUILT: { status: 501, means: "Part of the contract, and not built yet; the message says what to do instead." },
  PROVIDER_UNAVAILABLE: { status: 503, means: "The provider did not answer; try again after Retry-After." },
  DATABASE_UNAVAILABLE: { status: 503, means: "The database can't be reached; try again after Retry-After." },
} as const satisfies Record<string, { status: number; means: string }>;

export type RefusalCode = keyof typeof REFUSALS;

export class Refusal extends Error {
  override name = "Refusal";
  readonly code: RefusalCode;
  /** The gateway's clock: not before this instant. */
  readonly notBefore: Instant | undefined;

  constructor(code: RefusalCode, sentence: string, notBefore?: Instant) {
    super(sentence);
    this.code = code;
    this.notBefore = notBefore;
  }
}

export const isRefusal = (error: unknown, code: RefusalCode): error is Refusal =>
  error instanceof Refusal && error.code === code;
