import assert from "node:assert/strict";
import { test } from "node:test";
import type { Meaning } from "../../src/providers/meaning.ts";
import { OVERSIZED, readJson, retryAfter, transportTrouble, troubleOf } from "../../src/providers/reading.ts";

const MAP = {
  LOCKED: "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  PART: "partial",
  NOT_HERE: "unavailable",
  LIMIT: "quota",
  KEY: "ours",
  WRONG: "request",
  PRESENT: "interactive",
  LATER: "hint",
} as const satisfies Record<string, Meaning>;

const PARTIAL = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
const UNKNOWN = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";

test("A code becomes what its row says, with the provider's words beside it", () => {
  const raw = { message: "Call us.", httpStatus: 403 };
  assert.deepEqual(troubleOf("LOCKED", MAP, raw), {
    scope: "connection",
    state: "DEGRADED/INSTITUTION_ACTION_REQUIRED",
    raw: { code: "LOCKED", ...raw },
  });
  const cases = [
    ["LOCKED", { accountRef: "a" }, "account DEGRADED/INSTITUTION_ACTION_REQUIRED"],
    ["LOCKED", { product: "OWNERS" }, "connection DEGRADED/INSTITUTION_ACTION_REQUIRED"],
    ["LOCKED", { scope: "session" }, "session null"],
    ["PART", { product: "OWNERS" }, `product ${PARTIAL}`],
    ["PART", { accountRef: "a" }, `account ${PARTIAL}`],
    ["NOT_HERE", { product: "OWNERS" }, `product ${PARTIAL}`],
    ["LIMIT", {}, "quota null"],
    ["KEY", { scope: "session" }, "application null"],
    ["WRONG", {}, "request UNDETERMINED/INTERNAL_ERROR"],
    ["PRESENT", {}, "session null"],
    ["LATER", {}, "session null"],
  ] as const;
  for (const [code, whose, expected] of cases) {
    const { scope, state } = troubleOf(code, MAP, {}, whose);
    assert.equal(`${scope} ${state}`, expected, code);
  }
  assert.equal(troubleOf("NOT_HERE", MAP).unavailable, true);
  assert.equal(troubleOf("PRESENT", MAP).needsCustomer, true);
  assert.equal(troubleOf("LIMIT", MAP, {}, { notBefore: 7 }).notBefore, 7);
});

test("A refined key keeps the provider's own code", () => {
  assert.equal(troubleOf("LOCKED", MAP, { code: "LOCKED_BY_BRANCH" }).raw.code, "LOCKED_BY_BRANCH");
});

test("What is in no map is unknown, also by a name that every object has", () => {
  for (const code of ["NEW", "", "constructor", "__proto__", "locked"]) {
    assert.deepEqual(troubleOf(code, MAP), { scope: "connection", state: UNKNOWN, raw: { code } });
  }
});

test("A body is JSON, whatever its status, or trouble that quotes nothing of it", async () => {
  assert.deepEqual(await readJson(new Response("[1]", { status: 503 })), { ok: true, json: [1], status: 503 });
  const cases = [
    [503, "HTTP_503"],
    [200, "UNREADABLE_ANSWER"],
    [404, "UNREADABLE_ANSWER"],
  ] as const;
  for (const [status, code] of cases) {
    const read = await readJson(new Response("<p>token-1", { status, headers: { "content-type": "text/html" } }));
    assert.ok(!read.ok);
    const { scope, state, raw } = read.trouble;
    assert.deepEqual([scope, state], ["provider", "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE"]);
    assert.deepEqual([raw.code, raw.httpStatus], [code, status]);
    assert.ok(!JSON.stringify(read).includes("token-1"));
  }
});

test("A wait is told in seconds or as a date", () => {
  const now = Date.UTC(2026, 0, 1);
  const told = (value: string) => retryAfter(new Headers({ "retry-after": value }), now);
  assert.deepEqual(
    [
      told("120"),
      told("Thu, 01 Jan 2026 00:05:00 GMT"),
      told("soon"),
      told("99999999999999"),
      retryAfter(new Headers(), now),
    ],
    [now + 120_000, now + 300_000, undefined, undefined, undefined],
  );
});

test("A transport that fails is told from a bug of ours, and its message is not kept", () => {
  const coded = (code: string) => Object.assign(new Error("https://x/?key=s3cret"), { code });
  const wrapped = (code: string) => new TypeError("fetch failed", { cause: coded(code) });
  const cases: [unknown, string | undefined][] = [
    [wrapped("ECONNREFUSED"), "ECONNREFUSED"],
    [wrapped("ENOTFOUND"), "ENOTFOUND"],
    [wrapped("CERT_HAS_EXPIRED"), "CERT_HAS_EXPIRED"],
    [wrapped("DEPTH_ZERO_SELF_SIGNED_CERT"), "DEPTH_ZERO_SELF_SIGNED_CERT"],
    [wrapped("UND_ERR_SOCKET"), "UND_ERR_SOCKET"],
    [new TypeError("fetch failed"), "TRANSPORT_FAILED"],
    [new TypeError("terminated", { cause: new Error("other side closed") }), "TRANSPORT_FAILED"],
    [coded(OVERSIZED), OVERSIZED],
    [wrapped("UND_ERR_HEADERS_TIMEOUT"), "NO_ANSWER_IN_TIME"],
    [wrapped("ETIMEDOUT"), "NO_ANSWER_IN_TIME"],
    [new DOMException("x", "TimeoutError"), "NO_ANSWER_IN_TIME"],
    [new DOMException("x", "AbortError"), "NO_ANSWER_IN_TIME"],
    [new TypeError("x is not a function"), undefined],
    [coded("ENOENT"), undefined],
    ["a word", undefined],
  ];
  for (const [thrown, expected] of cases) {
    const trouble = transportTrouble(thrown);
    assert.equal(trouble?.raw.code, expected, String(thrown));
    const late = expected === "NO_ANSWER_IN_TIME";
    const outage = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";
    if (trouble) assert.equal(trouble.state, late ? "UNDETERMINED/AGGREGATION_TIMEOUT" : outage);
    assert.ok(!JSON.stringify(trouble).includes("s3cret"));
  }
});
