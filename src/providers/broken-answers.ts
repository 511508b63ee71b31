// Answers that no provider promises and every provider gives one day: what `conformance.ts` feeds to the verbs.
import type { Call } from "./provider.ts";
import { OVERSIZED } from "./reading.ts";

export const OUTAGE = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";

export const answering = (call: Call, answer: () => Response): Call => ({
  ...call,
  fetch: () => Promise.resolve(answer()),
});
export const failing = (call: Call, thrown: () => Error): Call => ({ ...call, fetch: () => Promise.reject(thrown()) });

const html = (status: number) => () =>
  new Response("<html><body>We will be back.</body></html>", { status, headers: { "content-type": "text/html" } });
const text =
  (body: string, status = 200) =>
  () =>
    new Response(body, { status, headers: { "content-type": "application/json" } });

export const GARBAGE: Record<string, () => Response> = {
  "HTML with 503": html(503),
  "HTML with 403": html(403),
  "HTML with 200": html(200),
  "an empty 500": text("", 500),
  "an empty 200": text(""),
  "JSON cut short": text('{"accounts": [{"na'),
  "a list": text("[]"),
  null: text("null"),
  "an empty object": text("{}"),
  "an empty object with 502": text("{}", 502),
};

const coded = (code: string): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });

export const BROKEN: Record<string, readonly [thrown: () => Error, state: string]> = {
  refused: [() => coded("ECONNREFUSED"), OUTAGE],
  reset: [() => coded("ECONNRESET"), OUTAGE],
  "a certificate that is none": [() => coded("SELF_SIGNED_CERT_IN_CHAIN"), OUTAGE],
  oversized: [() => Object.assign(new Error("too large"), { code: OVERSIZED }), OUTAGE],
  "no answer": [() => new DOMException("late", "TimeoutError"), "UNDETERMINED/AGGREGATION_TIMEOUT"],
};
