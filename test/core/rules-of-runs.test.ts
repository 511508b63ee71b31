// Those of the fourteen rules that say what a read means before it becomes a state: what is trouble and whose, what is
// none of the connection's, and when it is read again. Which state follows from it is in rules.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { observe, type Run } from "../../src/core/observe.ts";
import { planAfter } from "../../src/core/schedule.ts";
import { fold, type Health, UNSEEN } from "../../src/core/status/health.ts";
import { backoffCap, DAY, HOUR } from "../../src/core/status/policy.ts";
import { type Acts, decideHealth, project } from "../../src/core/status/project.ts";
import { type State, STATES, terminal } from "../../src/core/status/table.ts";
import { CODES } from "../../src/providers/plaid/codes.ts";
import type { Meaning } from "../../src/providers/meaning.ts";
import type { Trouble } from "../../src/providers/provider.ts";
import { OVERSIZED, readJson, retryAfter, transportTrouble, troubleOf } from "../../src/providers/reading.ts";
import { parse, play } from "../histories/history.ts";
import { BEGIN, TROUBLES } from "./life.ts";

const linkedAt = BEGIN + HOUR;
const acts: Acts = {
  startedAt: BEGIN,
  finishedAt: linkedAt,
  linkedAt,
  reconnectedAt: linkedAt,
  superseded: false,
  asked: ["BALANCES", "TRANSACTIONS"],
  cadence: 6 * HOUR,
};
const ends = (line: string) => play(parse(`${line} => ACTIVE`, "here")).state;

/** A run that met this trouble and nothing else, as it is known afterwards. */
function met(trouble: Trouble, health: Health = UNSEEN, at = linkedAt + DAY): Health {
  const run: Run = { run: `run at ${at}`, at, kind: "run", asked: acts.asked, read: [], told: [trouble], said: {} };
  return fold(health, observe(run, health));
}
const stateOf = (health: Health, now = linkedAt + DAY) => project(health, acts, now).state;

const MEANINGS: readonly Meaning[] = [
  ...TROUBLES,
  "partial",
  "interactive",
  "consent",
  "newAccounts",
  "disconnect",
  "hint",
  "noChange",
];

test("rule 2: an error inside a provider's widget is nobody's health, whatever its code means elsewhere", () => {
  // But for the provider's own outage, which has refused nobody: a session's answer is observed by no run either way.
  const isOutage = (meaning: Meaning) => meaning === "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";
  for (const meaning of MEANINGS) {
    const trouble = troubleOf("CODE", { CODE: meaning }, {}, { scope: "session" });
    if (isOutage(meaning)) {
      assert.equal(trouble.scope, "provider");
      continue;
    }
    assert.deepEqual([trouble.scope, trouble.state], ["session", null], meaning);
    assert.deepEqual([met(trouble).cells, met(trouble).failures], [{}, []], meaning);
    assert.equal(stateOf(met(trouble)), "ACTIVE", meaning);
  }
  assert.equal(troubleOf("UNSEEN_CODE", {}, {}, { scope: "session" }).state, null, "an unknown code too");
});

/** The same trouble at each of these times: three of them and two weeks, which would be lost if they were failures. */
const again = (trouble: Trouble) =>
  [DAY, 2 * DAY, 20 * DAY].reduce((health, later) => met(trouble, health, linkedAt + later), UNSEEN);

test("rule 3: quota is not health: no cell, no failure, no state, however often; only the time to come back", () => {
  const limit = troubleOf("LIMIT", { LIMIT: "quota" }, { httpStatus: 429 }, { notBefore: linkedAt + 2 * DAY });
  assert.deepEqual([limit.scope, limit.state, limit.notBefore], ["quota", null, linkedAt + 2 * DAY]);
  assert.deepEqual([again(limit).cells, again(limit).failures], [{}, []]);
  assert.equal(stateOf(met(limit)), "ACTIVE");
  for (const trouble of TROUBLES) {
    const before = met({ scope: "connection", state: trouble, raw: { code: "A" } });
    const after = met(limit, before, linkedAt + 2 * DAY);
    assert.equal(stateOf(after), stateOf(before), trouble);
    assert.deepEqual([after.cells, after.failures], [before.cells, before.failures], trouble);
  }
});

test("rule 3: Retry-After is read as seconds or as a date, and the next read waits for it", () => {
  const now = BEGIN;
  const told = (value: string) => retryAfter(new Headers({ "retry-after": value }), now);
  assert.equal(told("120"), now + 120_000);
  assert.equal(told(new Date(now + 60_000).toUTCString()), now + 60_000);
  assert.equal(told("soon"), undefined);
  assert.equal(retryAfter(new Headers(), now), undefined);
  const notBefore = now + 30 * DAY;
  for (const state of STATES.filter((one) => !terminal(one))) {
    const plan = planAfter(state, now, 6 * HOUR, 0, 0.5, notBefore);
    assert.equal(Math.min(plan.aggregateAt, plan.probeAt), notBefore, state);
  }
});

test("rule 4: our own keys are not the customer's fault: no cell, no failure, never RECONNECT_REQUIRED", () => {
  const refused = troubleOf("KEYS", { KEYS: "ours" }, { httpStatus: 401 });
  assert.deepEqual([refused.scope, refused.state], ["application", null]);
  assert.deepEqual([again(refused).cells, again(refused).failures], [{}, []]);
  assert.equal(stateOf(met(refused)), "ACTIVE");
  // Left for weeks it is an error of ours, by the age of the data (rule 12), and still not the customer's.
  assert.equal(stateOf(again(refused), linkedAt + 20 * DAY), "UNDETERMINED/INTERNAL_ERROR");
});

test("rule 6: the codes of a map tell a revocation from a lapse", () => {
  const said = (part: RegExp) => Object.entries(CODES).flatMap(([code, meaning]) => (part.test(code) ? [meaning] : []));
  assert.deepEqual(new Set(said(/REVOKED/)), new Set(["RECONNECT_REQUIRED/OTHER"]));
  assert.deepEqual(new Set(said(/EXPIRED|OAUTH_INVALID_TOKEN/)), new Set(["RECONNECT_REQUIRED/TOKEN_EXPIRED"]));
});

const UNKNOWN = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
const OUTAGE = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";

test("rule 7: a code that no map has is unknown, its raw answer kept, and so are names that every object has", () => {
  for (const code of ["NEVER_SEEN", "", "constructor", "__proto__", "toString", "hasOwnProperty"]) {
    const raw = { message: "what it said", httpStatus: 400, requestId: "r1" };
    const trouble = troubleOf(code, { SEEN: "noChange" }, raw);
    assert.deepEqual([trouble.scope, trouble.state, trouble.raw], ["connection", UNKNOWN, { code, ...raw }]);
    assert.deepEqual(project(met(trouble), acts, linkedAt + DAY).cause?.raw, { code, ...raw });
  }
});

test("rule 7: no answer in the job's time is AGGREGATION_TIMEOUT", () => {
  const slow = [
    new DOMException("late", "TimeoutError"),
    new DOMException("stopped", "AbortError"),
    ...["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"].map(coded),
  ];
  for (const error of slow) {
    for (const thrown of [error, new TypeError("fetch failed", { cause: error })]) {
      assert.equal(transportTrouble(thrown)?.state, "UNDETERMINED/AGGREGATION_TIMEOUT", String(error));
    }
  }
});

test("rule 7: refused, reset, TLS, an oversized answer and a broken connection are the provider's outage", () => {
  const broken = [
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EPIPE",
    "EHOSTUNREACH",
    "CERT_HAS_EXPIRED",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UND_ERR_SOCKET",
    "HPE_INVALID_CONSTANT",
    OVERSIZED,
  ];
  for (const code of broken) {
    const trouble = transportTrouble(new TypeError("fetch failed", { cause: coded(code) }));
    assert.deepEqual([trouble?.scope, trouble?.state, trouble?.raw.code], ["provider", OUTAGE, code]);
  }
  assert.equal(transportTrouble(new TypeError("fetch failed"))?.state, OUTAGE);
  assert.equal(transportTrouble(new TypeError("x is not a function")), null, "a bug of ours is no outage of theirs");
});

const coded = (code: string) => Object.assign(new Error(code), { code });

test("rule 7: an error page, HTML, half a JSON and nothing at all are the provider's outage", async () => {
  const answers: [string, number][] = [
    ["", 200],
    ["<html>down</html>", 200],
    ['{"a":', 200],
    ["<html>", 503],
    ["oops", 500],
  ];
  for (const [text, status] of answers) {
    const read = await readJson(new Response(text, { status }));
    assert.equal(read.ok, false, text);
    assert.equal(!read.ok && read.trouble.state, OUTAGE, text);
    assert.ok(!read.ok && !JSON.stringify(read.trouble.raw).includes("html>"), "none of its text is kept");
  }
});

test("rule 7: our request refused as malformed is INTERNAL_ERROR and no failure", () => {
  const refused = troubleOf("FIELD", { FIELD: "request" }, { httpStatus: 400 });
  assert.deepEqual([refused.scope, refused.state], ["request", "UNDETERMINED/INTERNAL_ERROR"]);
  assert.equal(stateOf(met(refused)), "UNDETERMINED/INTERNAL_ERROR");
  assert.deepEqual(again(refused).failures, []);
});

test("rule 7: an empty list is not believed once accounts were listed, and writes no success", () => {
  assert.equal(ends("0 start; 1h finish; 2h run ok; 1d run list: ok:BALANCES"), UNKNOWN);
  assert.equal(ends("0 start; 1h finish; 2h run ok; 1d run list:; 1d+1ms run ok"), "ACTIVE");
  assert.equal(ends("0 start; 1h finish; 2h run ok; 1d run list:; 1d+1ms reconnect"), "ACTIVE");
  const bare = { kind: "run", successes: ["*"], troubles: [] } as const;
  const listed = fold(UNSEEN, { ...bare, run: "1", at: linkedAt + 1, listed: ["a1"] });
  const empty = fold(listed, { ...bare, run: "2", at: linkedAt + 2, listed: [] });
  assert.deepEqual(empty.cells, listed.cells);
  assert.deepEqual(empty.accounts, listed.accounts, "the accounts are kept");
  assert.equal(project(empty, acts, linkedAt + 2).cause?.raw.code, "EMPTY_ACCOUNT_LIST");
});

test("rule 7: an empty first list is trouble on every required product, and its cure is to link anew", () => {
  const empty = fold(UNSEEN, { run: "1", at: linkedAt + 1, kind: "run", successes: [], troubles: [], listed: [] });
  const { state, cause } = project(empty, acts, linkedAt + 1);
  assert.deepEqual([state, cause?.raw.code], ["RECONNECT_REQUIRED/OTHER", "NO_ACCOUNTS"]);
  assert.ok(acts.asked.includes(cause?.scope as "BALANCES"), "told of a product");
});

const now = BEGIN;
const plan = (state: State, attempt = 0, chance = 0.5) => planAfter(state, now, 6 * HOUR, attempt, chance, null);

test("rule 8: ACTIVE, PARTIALLY_ACTIVE and interactive are read on cadence, passing trouble with a backoff", () => {
  const onCadence = { aggregateAt: now + 6 * HOUR, probeAt: Infinity, attempt: 0 };
  for (const state of STATES.filter((one) => /^(ACTIVE|PARTIALLY)/.test(one) || one.endsWith("INTERACTIVE_REFRESH"))) {
    for (const attempt of [0, 9]) assert.deepEqual(plan(state, attempt), onCadence, state);
  }
  const passing = STATES.filter((one) => /^(DEGRADED|UNDETERMINED)/.test(one) && !one.endsWith("INTERACTIVE_REFRESH"));
  assert.equal(passing.length, 7);
  for (const state of passing) {
    const waits = Array.from({ length: 40 }, (_, attempt) => plan(state, attempt).aggregateAt - now);
    waits.forEach((wait, n) => assert.ok(n === 0 || wait >= (waits[n - 1] ?? 0), "waits grow"));
    assert.equal(waits.at(-1), backoffCap);
    assert.deepEqual([plan(state, 3).probeAt, plan(state, 3).attempt], [Infinity, 4]);
  }
});

test("rule 8: what only others can mend gets one free probe a day and no full run", () => {
  const lost = STATES.filter((one) => /^(RECONNECT_REQUIRED|UNRECOVERABLE)/.test(one));
  assert.equal(lost.length, 7);
  for (const state of lost) {
    const daily = { aggregateAt: Infinity, probeAt: now + DAY, attempt: 0 };
    for (const attempt of [0, 9]) assert.deepEqual(plan(state, attempt), daily, state);
  }
});

test("rule 8: a good probe writes no success; a bad one writes its trouble and is no failure", () => {
  const at = linkedAt + DAY;
  const trouble = { scope: "*", state: "RECONNECT_REQUIRED/LOGIN_REQUIRED", raw: { code: "A" } } as const;
  const good = fold(UNSEEN, { run: "1", at, kind: "probe", successes: ["*", "a1"], troubles: [] });
  assert.deepEqual(good.cells, {});
  const bad = fold(UNSEEN, { run: "1", at, kind: "probe", successes: [], troubles: [trouble] });
  assert.deepEqual([stateOf(bad), bad.failures], [trouble.state, []]);
  assert.equal(fold(UNSEEN, { run: "1", at, kind: "run", successes: [], troubles: [trouble] }).failures.length, 1);
});

test("rule 8: schedules follow the provider connection's own state, before it is a duplicate", () => {
  for (const state of TROUBLES) {
    const health = met({ scope: "connection", state, raw: { code: "A" } });
    const superseded = { ...acts, superseded: true };
    assert.equal(project(health, superseded, linkedAt + DAY).state, "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE");
    assert.equal(decideHealth(health, superseded, linkedAt + DAY).state, state);
  }
});

test("rule 8: a run that stopped for want of the customer is neither a trouble nor a failure", () => {
  const asked = troubleOf("PRESENCE", { PRESENCE: "interactive" });
  assert.deepEqual([asked.scope, asked.state, asked.needsCustomer], ["session", null, true]);
  assert.deepEqual([again(asked).cells, again(asked).failures], [{}, []]);
  const interactive = { ...UNSEEN, interactive: { at: linkedAt, run: "1", value: true } };
  assert.equal(stateOf(met(asked, interactive)), "DEGRADED/INTERACTIVE_REFRESH");
});

test("rule 7: every row that a code may mean is shown as that row, so that no map's word is lost", () => {
  for (const state of TROUBLES) assert.equal(stateOf(met(troubleOf("CODE", { CODE: state }))), state);
});
