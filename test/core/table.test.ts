// The table against an expectation typed out by hand: a change of a row must be made twice, knowingly.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, DAY, words } from "../../src/core/status/policy.ts";
import type { Reconnectable, Refreshable, State } from "../../src/core/status/table.ts";
import { isState, rowOf, STATES, TABLE, terminal } from "../../src/core/status/table.ts";

const EXPECTED = `
IN_PROGRESS        -                                      no  no
EXPIRED            -                                      no  no
ACTIVE             -                                      yes no
ACTIVE             ACCESS_EXPIRING_SOON                   yes yes
ACTIVE             NEW_ACCOUNTS_AVAILABLE                 yes yes
PARTIALLY_ACTIVE   PARTIAL_AGGREGATION_SUCCESS            yes yes
PARTIALLY_ACTIVE   INACTIVE_DUPLICATE                     yes yes
DEGRADED           INSTITUTION_CURRENTLY_UNAVAILABLE      yes yes
DEGRADED           INSTITUTION_ACTION_REQUIRED            yes yes
DEGRADED           SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE yes yes
DEGRADED           INTERACTIVE_REFRESH                    yes yes
RECONNECT_REQUIRED LOGIN_REQUIRED                         yes yes
RECONNECT_REQUIRED REPAIRING_INSTITUTION                  yes yes
RECONNECT_REQUIRED TOKEN_EXPIRED                          yes yes
RECONNECT_REQUIRED OTHER                                  yes yes
UNRECOVERABLE      CONTINUED_AGGREGATION_FAILURES         no  yes
UNRECOVERABLE      INSTITUTION_DISABLED                   no  yes
UNRECOVERABLE      OTHER                                  no  yes
UNDETERMINED       AGGREGATION_TIMEOUT                    yes yes
UNDETERMINED       SUBMIT_SERVICE_PROVIDER_TICKET         yes yes
UNDETERMINED       UNKNOWN_SERVICE_PROVIDER_ERROR_CODE    yes yes
UNDETERMINED       INTERNAL_ERROR                         yes yes
DELETED            -                                      no  no
`;

const yesOrNo = (flag: boolean) => (flag ? "yes" : "no");

test("the table's rows, order and flags are the published ones", () => {
  const expected = EXPECTED.trim()
    .split("\n")
    .map((line) => line.split(/ +/));
  assert.deepEqual(
    TABLE.map((r) => [r.status, r.reason ?? "-", yesOrNo(r.canRefresh), yesOrNo(r.canReconnect)]),
    expected,
  );
});

test("there are 23 states of 9 statuses, each named by its pair and by nothing else", () => {
  assert.equal(TABLE.length, 23);
  assert.equal(new Set(TABLE.map((r) => r.status)).size, 9);
  assert.equal(new Set(STATES).size, 23);
  for (const row of TABLE) {
    assert.equal(row.state, row.reason === null ? row.status : `${row.status}/${row.reason}`);
    assert.equal(rowOf(row.state), row);
  }
  assert.equal(TABLE.filter((r) => r.reason === "OTHER").length, 2, "a reason alone names nothing");
});

test("whether a refresh is allowed depends on the status alone", () => {
  const flags = new Map<string, boolean>();
  for (const { status, canRefresh } of TABLE) {
    assert.equal(flags.get(status) ?? canRefresh, canRefresh, `${status} both may and may not be refreshed`);
    flags.set(status, canRefresh);
  }
  const reconnect = new Set(TABLE.filter((r) => r.status === "ACTIVE").map((r) => r.canReconnect));
  assert.equal(reconnect.size, 2, "a reconnect does not: ACTIVE differs by reason");
});

test("a state is recognised, and what merely looks like one is not", () => {
  for (const state of STATES) assert.equal(isState(state), true, state);
  for (const other of ["OTHER", "ACTIVE/OTHER", "active", "ACTIVE/", "DEGRADED", "", null, undefined, 7, ["ACTIVE"]]) {
    assert.equal(isState(other), false, String(other));
  }
});

test("exactly EXPIRED and DELETED are never left", () => {
  assert.deepEqual(STATES.filter(terminal), ["EXPIRED", "DELETED"]);
});

test("every row has a sentence of its own, and the numbers in it are the policy's", () => {
  assert.equal(new Set(TABLE.map((r) => r.meaning)).size, TABLE.length);
  for (const { state, meaning } of TABLE) assert.match(meaning, /^[A-Z0-9][^.]*\.$/, state);
  assert.match(rowOf("EXPIRED").meaning, /\b4 hours\b/);
  const failures = rowOf("UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES").meaning;
  assert.match(failures, /\b3 failures\b/);
  assert.match(failures, /\b2 weeks\b/);
  const numbered = TABLE.filter((r) => /\d/.test(r.meaning)).map((r) => r.state);
  assert.deepEqual(numbered, ["EXPIRED", "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES"]);
});

test("a duration is said in the largest unit that divides it, and an odd one is refused", () => {
  const said = [MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, 36 * HOUR, DAY, 10 * DAY, 14 * DAY].map(words);
  assert.deepEqual(said, ["1 minute", "30 minutes", "1 hour", "4 hours", "36 hours", "1 day", "10 days", "2 weeks"]);
  for (const odd of [0, 1, MINUTE + 1, -HOUR, Number.NaN]) {
    assert.throws(() => words(odd), /policy\.ts must be whole minutes/);
  }
});

test("what may not be refreshed or reconnected does not compile", () => {
  const healthy: Refreshable = "ACTIVE";
  const lost: Reconnectable = "UNRECOVERABLE/OTHER";
  // @ts-expect-error a lost connection may not be refreshed
  const refresh: Refreshable = "UNRECOVERABLE/OTHER";
  // @ts-expect-error a healthy connection needs no reconnect
  const reconnect: Reconnectable = "ACTIVE";
  // @ts-expect-error the pair is in no row
  const pair: State = "ACTIVE/OTHER";
  assert.deepEqual([healthy, lost, refresh, reconnect].map(isState), [true, true, true, true]);
  assert.equal(isState(pair), false);
});
