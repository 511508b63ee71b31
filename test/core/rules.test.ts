// The fourteen rules that no code of a provider gives by itself, as far as they are decided without I/O: which trouble
// shows, from when to when, and what an act may do. What is read, written and scheduled is in rules-of-runs.test.ts.
// Rule 10 is all deeds (which events are announced): its test is in test/stories/rules.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Act, allows } from "../../src/core/status/allowed.ts";
import { fold, type Health, type TroubleState } from "../../src/core/status/health.ts";
import { type Acts, decideHealth, project } from "../../src/core/status/project.ts";
import {
  consentLead,
  continuedFailures,
  DAY,
  holdExtension,
  HOUR,
  MINUTE,
  staleness,
  widgetLifetime,
} from "../../src/core/status/policy.ts";
import { rowOf, type State } from "../../src/core/status/table.ts";
import type { Meaning } from "../../src/providers/meaning.ts";
import { parse, play } from "../histories/history.ts";
import { ACCOUNTS, BEGIN, known, TROUBLES } from "./life.ts";

const PARTIAL = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
const RANKS = ["UNRECOVERABLE", "RECONNECT_REQUIRED", "DEGRADED", "UNDETERMINED", "PARTIALLY_ACTIVE"];
const rank = (state: State) => RANKS.indexOf(rowOf(state).status);

/** How the line of a history ends, in the grammar of test/histories. */
const ends = (line: string, at?: string) => play(parse(`${line} => ACTIVE${at ? ` at ${at}` : ""}`, "here")).state;
const horizon = (line: string) => play(parse(`${line} => ACTIVE`, "here")).until;
const LINKED = "0 start; 1h finish; 2h run ok";

const started: Acts = { startedAt: BEGIN, superseded: false, asked: ["BALANCES", "TRANSACTIONS"], cadence: 6 * HOUR };
const linkedAt = BEGIN + HOUR;
const linked: Acts = { ...started, finishedAt: linkedAt, linkedAt, reconnectedAt: linkedAt };

test("rule 1: EXPIRED is the widget that nobody finished within 4 hours of its making, and nothing else", () => {
  assert.equal(widgetLifetime, 4 * HOUR);
  assert.equal(project(known([]), started, BEGIN + widgetLifetime - 1).state, "IN_PROGRESS");
  assert.equal(project(known([]), started, BEGIN + widgetLifetime).state, "EXPIRED");
  for (const trouble of TROUBLES) {
    for (const at of ["1d", "400d"]) assert.notEqual(ends(`${LINKED}; 1d run *!${trouble}`, at), "EXPIRED", trouble);
  }
  // @ts-expect-error no code of a provider may mean it
  const meaning: Meaning = "EXPIRED";
  assert.equal(
    TROUBLES.some((trouble) => (trouble as string) === meaning),
    false,
  );
});

test("rule 1: a consent that the provider says has expired, and one whose end has come, are TOKEN_EXPIRED", () => {
  assert.equal(ends(`${LINKED}; 1d run *!TOKEN_EXPIRED`), "RECONNECT_REQUIRED/TOKEN_EXPIRED");
  assert.equal(ends(`${LINKED} consent:30d`, "30d"), "RECONNECT_REQUIRED/TOKEN_EXPIRED");
});

test("rule 1: closing the widget is no act; until the last millisecond its token resumes the session", () => {
  // @ts-expect-error there is nothing to be done with a widget that was closed
  const close: Act = "close";
  assert.ok(!allows("IN_PROGRESS", close));
  for (const act of ["hold", "finish"] as const) assert.equal(allows("IN_PROGRESS", act), true);
  assert.equal(ends("0 start; 4h-1ms finish"), "ACTIVE");
});

test("rule 5: trouble on k of n accounts is PARTIALLY_ACTIVE, on all n it is the worst of theirs", () => {
  for (let n = 1; n <= 4; n += 1) {
    const accounts = [...ACCOUNTS, "a4"].slice(0, n);
    for (let k = 1; k <= n; k += 1) {
      for (const trouble of TROUBLES) {
        const met = accounts
          .slice(0, k)
          .map((account) => `${account}!${trouble}`)
          .join(" ");
        const expected = k === n ? trouble : PARTIAL;
        const line = `0 start; 1h finish; 2h run list:${accounts.join(",")} ok; 1d run ${met}`;
        assert.equal(ends(line), expected, `${trouble} on ${k} of ${n}`);
      }
    }
  }
});

test("rule 5: the worst of two accounts' troubles shows, whichever account has it", () => {
  for (const one of TROUBLES) {
    for (const other of TROUBLES) {
      const shown = ends(`${LINKED}; 1d run a1!${one} a2!${other}`);
      assert.equal(rank(shown), Math.min(rank(one), rank(other)), `${one} and ${other}`);
      assert.ok(shown === one || shown === other, shown);
      assert.equal(ends(`${LINKED}; 1d run a1!${other} a2!${one}`), shown);
    }
  }
});

test("rule 5: an account is in trouble by its own cell, or by every required product's cell of it", () => {
  const second = "a2!AGGREGATION_TIMEOUT";
  const worst = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
  assert.equal(ends(`${LINKED}; 1d run a1!LOGIN_REQUIRED ${second}`), worst);
  assert.equal(ends(`${LINKED}; 1d run a1/BALANCES!LOGIN_REQUIRED ${second}`), PARTIAL);
  assert.equal(ends(`${LINKED}; 1d run a1/BALANCES!LOGIN_REQUIRED a1/TRANSACTIONS!PARTIAL ${second}`), worst);
  const without = `${LINKED}; 3h run unavailable:TRANSACTIONS; 1d run a1/BALANCES!LOGIN_REQUIRED ${second}`;
  assert.equal(ends(without), worst, "a product that is not offered is not required");
});

test("rule 6: an explicit revocation and a lapsed access keep their own reasons, together and in either order", () => {
  const revoked = "RECONNECT_REQUIRED/OTHER";
  const lapsed = "RECONNECT_REQUIRED/TOKEN_EXPIRED";
  assert.equal(ends(`${LINKED}; 1d run *!${revoked}`), revoked);
  assert.equal(ends(`${LINKED}; 1d run *!${lapsed}`), lapsed);
  assert.equal(ends(`${LINKED}; 1d run *!${lapsed}; 2d run *!${revoked}`), revoked);
  assert.equal(ends(`${LINKED}; 1d run *!${revoked}; 2d run *!${lapsed}`), lapsed);
});

test("rule 9: of the claims on one provider connection the greatest is kept, all others are INACTIVE_DUPLICATE", () => {
  const troubles = [{ scope: "*", state: "RECONNECT_REQUIRED/LOGIN_REQUIRED", raw: { code: "A" } }] as const;
  const health = known([{ run: "run 1", at: linkedAt + 1, kind: "run", successes: [], troubles }]);
  const states = [true, false].map((superseded) => project(health, { ...linked, superseded }, linkedAt + 2).state);
  assert.deepEqual(states, ["PARTIALLY_ACTIVE/INACTIVE_DUPLICATE", "RECONNECT_REQUIRED/LOGIN_REQUIRED"]);
  // What both share is read by the provider connection's own state, whichever of the two is looked at.
  const own = [true, false].map((superseded) => decideHealth(health, { ...linked, superseded }, linkedAt + 2).state);
  assert.deepEqual(own, ["RECONNECT_REQUIRED/LOGIN_REQUIRED", "RECONNECT_REQUIRED/LOGIN_REQUIRED"]);
});

test("rule 9: a finish, a reconnect and an accepted refresh claim; a read does not; the other's going promotes", () => {
  const shared = `${LINKED}; 1d rival`;
  assert.equal(ends(shared), "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE");
  for (const claim of ["reconnect", "refresh"]) assert.equal(ends(`${shared}; 2d ${claim}`), "ACTIVE", claim);
  for (const read of ["run ok", "probe ok"]) assert.equal(ends(`${shared}; 2d ${read}`), ends(shared), read);
  assert.equal(ends("0 start; 1h rival; 2h finish"), "ACTIVE");
  assert.equal(ends(`${shared}; 2d rival gone`), "ACTIVE");
});

test("rule 11: a hold taken in time keeps expiry off for 30 minutes, to the millisecond", () => {
  assert.equal(holdExtension, 30 * MINUTE);
  for (const heldAt of [BEGIN, BEGIN + HOUR, BEGIN + widgetLifetime - holdExtension, BEGIN + widgetLifetime - 1]) {
    const acts = { ...started, heldAt };
    const end = Math.max(BEGIN + widgetLifetime, heldAt + holdExtension);
    assert.equal(project(known([]), acts, end - 1).state, "IN_PROGRESS");
    assert.equal(project(known([]), acts, end - 1).until, end);
    assert.equal(project(known([]), acts, end).state, "EXPIRED");
  }
});

test("rule 11: a hold or a finish that comes late is refused, so that EXPIRED and DELETED are never left", () => {
  for (const state of ["EXPIRED", "DELETED"] as const) {
    for (const act of ["hold", "finish", "finish reconnect"] as const) assert.equal(allows(state, act), false);
  }
  assert.equal(ends("0 start; 4h refused hold; 4h10m refused finish"), "EXPIRED");
  assert.equal(ends("0 start; 3h50m hold; 4h20m refused finish"), "EXPIRED");
  assert.equal(ends("0 start; 3h50m hold; 4h20m-1ms finish"), "ACTIVE");
});

test("rule 12: a product is stale when a block lies later than its data and 3 cadences, at least 48 hours", () => {
  assert.deepEqual(staleness, { cadences: 3, atLeast: 48 * HOUR });
  for (const hours of [1, 6, 16, 17, 24, 100]) {
    const cadence = hours * HOUR;
    const acts = { ...linked, asked: ["BALANCES" as const], cadence };
    const patience = Math.max(3 * cadence, 48 * HOUR);
    // Data of a run, data of the provider's own telling, and none at all: then the link counts.
    for (const dataAt of [linkedAt + HOUR, linkedAt + 5 * HOUR, null]) {
      const limit = (dataAt ?? linkedAt) + patience;
      const health: Health = { ...known([]), dataAsOf: dataAt === null ? {} : { BALANCES: dataAt } };
      const at = (ours: number) => project({ ...health, blockedAt: { BALANCES: { ours } } }, acts, limit + DAY).state;
      assert.equal(at(limit), "ACTIVE");
      assert.equal(at(limit + 1), "UNDETERMINED/INTERNAL_ERROR");
      assert.equal(project(health, acts, limit + 400 * DAY).state, "ACTIVE", "silence alone stales nothing");
    }
  }
});

test("rule 12: some stale is partial; of all stale the latest block says whose fault it is", () => {
  const ours = "UNDETERMINED/INTERNAL_ERROR";
  const theirs = "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";
  assert.equal(ends(`${LINKED}; 3d run blocked:ours:BALANCES`), PARTIAL);
  assert.equal(ends(`${LINKED}; 3d run blocked:ours`), ours);
  assert.equal(ends(`${LINKED}; 3d run blocked:provider`), theirs);
  assert.equal(ends(`${LINKED}; 3d run blocked:ours; 3d+1ms run blocked:provider:BALANCES`), theirs);
  assert.equal(ends(`${LINKED}; 3d run blocked:provider; 3d+1ms run blocked:ours:BALANCES`), ours);
  const other = "3h run unavailable:TRANSACTIONS";
  assert.equal(ends(`${LINKED}; ${other}; 3d run blocked:ours:BALANCES`), ours, "of all that are required");
});

/** `count` failures of the whole connection, the last of them `span` after the link and the others just before it. */
const failing = (count: number, span: number, state: TroubleState = "UNDETERMINED/INTERNAL_ERROR") =>
  known(
    Array.from({ length: count }, (_, n) => ({
      run: `run ${n}`,
      at: linkedAt + span - n,
      kind: "run" as const,
      successes: [],
      troubles: [{ scope: "*", state, raw: { code: "A" } }],
    })),
  );

test("rule 13: at least 3 failures, the latest at least 14 days after the last good moment", () => {
  const { count, span } = continuedFailures;
  assert.deepEqual([count, span], [3, 14 * DAY]);
  const lost = "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES";
  const shown = (failures: number, after: number, acts = linked) =>
    project(failing(failures, after), acts, linkedAt + 60 * DAY).state === lost;
  for (const failures of [0, 1, 2, 3, 4, 9]) {
    assert.equal(shown(failures, span), failures >= count, `${failures} failures`);
    assert.equal(shown(failures, span - 1), false, `${failures} failures, a millisecond early`);
  }
  // A later reconnect of any claim is the good moment, and so is a success.
  assert.equal(shown(3, span + HOUR, { ...linked, reconnectedAt: linkedAt + HOUR + 1 }), false);
  assert.equal(shown(3, span + HOUR, { ...linked, reconnectedAt: linkedAt + HOUR }), true);
  const good = { run: "good", at: linkedAt + HOUR + 1, kind: "run", successes: ["a1/BALANCES"], troubles: [] } as const;
  const health = fold(failing(3, span + HOUR), good);
  assert.equal(project(health, linked, BEGIN + 60 * DAY).state, "UNDETERMINED/INTERNAL_ERROR");
});

test("rule 13: our own downtime never does it: three failures and then silence are no two weeks of failing", () => {
  assert.equal(project(failing(3, DAY), linked, linkedAt + 400 * DAY).state, "UNDETERMINED/INTERNAL_ERROR");
});

test("rule 13: a standing RECONNECT_REQUIRED or UNRECOVERABLE keeps its more useful reason, nothing less does", () => {
  for (const trouble of TROUBLES) {
    const shown = project(failing(3, 15 * DAY, trouble), linked, linkedAt + 16 * DAY).state;
    const keeps = rank(trouble) <= rank("RECONNECT_REQUIRED/OTHER");
    assert.equal(shown, keeps ? trouble : "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES", trouble);
  }
});

test("rule 14: the lead is the lesser of 14 days and a third of the consent, counted from the reconnect", () => {
  assert.equal(consentLead.most, 14 * DAY);
  const lengths = [3, HOUR, DAY, 7 * DAY, 41 * DAY, 42 * DAY, 43 * DAY, 90 * DAY, 180 * DAY, 3650 * DAY];
  for (const reconnectedAt of [linkedAt, linkedAt + 10 * DAY]) {
    for (const length of lengths) {
      const end = reconnectedAt + length;
      const acts = { ...linked, reconnectedAt };
      // Told at the reconnect's own instant, which is not older than it.
      const said = { consentExpiresAt: end, successes: [], troubles: [] };
      const health = known([{ run: "run 1", at: reconnectedAt, kind: "run", ...said }]);
      const soon = end - Math.min(14 * DAY, Math.floor(length / 3));
      const at = (now: number) => project(health, acts, now);
      assert.deepEqual([at(soon - 1).state, at(soon - 1).until], ["ACTIVE", soon], `${length} ms`);
      assert.deepEqual([at(soon).state, at(soon).until], ["ACTIVE/ACCESS_EXPIRING_SOON", end]);
      assert.equal(at(end - 1).state, "ACTIVE/ACCESS_EXPIRING_SOON");
      assert.deepEqual([at(end).state, at(end).until], ["RECONNECT_REQUIRED/TOKEN_EXPIRED", null]);
    }
  }
});

test("rule 14: an end that is restated, voided by a reconnect or disproved by a later success warns of nothing", () => {
  const ending = `${LINKED} consent:30d`;
  assert.notEqual(horizon(ending), null);
  for (const later of ["3d run ok consent:none", "3d reconnect", "31d run ok"]) {
    assert.equal(ends(`${ending}; ${later}`), "ACTIVE", later);
    assert.equal(horizon(`${ending}; ${later}`), null, later);
  }
});
