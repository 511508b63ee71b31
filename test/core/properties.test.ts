// What must hold for every life, whatever happens in it: drawn at random where they are many, all of them where few.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Act, allows } from "../../src/core/status/allowed.ts";
import { fold, type Health, rankOf, type TroubleState, UNSEEN } from "../../src/core/status/health.ts";
import {
  consentLead,
  continuedFailures,
  DAY,
  holdExtension,
  HOUR,
  staleness,
  widgetLifetime,
} from "../../src/core/status/policy.ts";
import { type Acts, decideHealth, project } from "../../src/core/status/project.ts";
import { isState, rowOf, STATES, type State, terminal } from "../../src/core/status/table.ts";
import {
  ACCOUNTS,
  actsOf,
  arranged,
  BEGIN,
  known,
  lived,
  lives,
  observations,
  READ,
  SCOPES,
  TROUBLES,
} from "./life.ts";

const often = { numRuns: 2500 };
const YEARS = 3650 * DAY;

/** Moments at which a life could turn, if anything forgot to say so: every instant in it, each rule's span later. */
function turningPoints(health: Health, acts: Acts): number[] {
  const instants = new Set<number>();
  JSON.stringify([health, acts], (_key, value: unknown) => {
    if (typeof value === "number" && value >= BEGIN) instants.add(value);
    return value;
  });
  const patience = [staleness.atLeast, staleness.cadences * acts.cadence];
  const spans = [0, holdExtension, widgetLifetime, ...patience, continuedFailures.span, -consentLead.most, YEARS];
  return [...instants].flatMap((at) => spans.flatMap((span) => [at + span - 1, at + span, at + span + 1]));
}

test("every order and repetition of the observations gives the same health, and so the same state and horizon", () => {
  const arrangedLife = lives.chain((life) => fc.tuple(fc.constant(life), arranged(life.seen)));
  fc.assert(
    fc.property(arrangedLife, ([life, [shuffled, doubled]]) => {
      const acts = actsOf(life);
      const health = known(life.seen);
      for (const other of [known(shuffled), known(doubled)]) {
        assert.deepEqual(other, health);
        assert.deepEqual(project(other, acts, life.now), project(health, acts, life.now));
      }
    }),
    often,
  );
});

test("EXPIRED and DELETED are never left: not by any deed, not by any observation, not by time", () => {
  const ended = new Set<State>();
  fc.assert(
    fc.property(lives, fc.integer({ min: 0, max: YEARS }), (life, later) => {
      const moments = lived(life);
      const end = moments.find(({ after }) => terminal(after));
      if (!end) return;
      ended.add(end.after);
      const rest = moments.slice(moments.indexOf(end));
      for (const { acts, after } of rest) {
        assert.equal(after, end.after);
        // With everything that runs tell before and after, at its instant and at any later one.
        for (const health of [UNSEEN, known(life.seen)]) {
          assert.deepEqual(project(health, acts, end.at + later), { state: end.after, until: null, cause: null });
        }
      }
    }),
    often,
  );
  assert.deepEqual([...ended].sort(), ["DELETED", "EXPIRED"], "the lives drawn end in both ways");
});

test("in EXPIRED and DELETED every act is refused", () => {
  const acts: Act[] = ["hold", "finish", "reconnect", "finish reconnect", "refresh", "delete"];
  for (const state of STATES.filter(terminal)) {
    for (const act of acts) assert.equal(allows(state, act), false, `${act} in ${state}`);
  }
});

test("a state allows a refresh and a reconnect exactly where its row says so, other acts by its life cycle", () => {
  const linking = (state: State) => state === "IN_PROGRESS";
  const rules: Record<Act, (state: State) => boolean> = {
    refresh: (state) => rowOf(state).canRefresh,
    reconnect: (state) => rowOf(state).canReconnect,
    hold: linking,
    finish: linking,
    "finish reconnect": (state) => !linking(state) && !terminal(state),
    delete: (state) => !terminal(state),
  };
  for (const state of STATES) {
    for (const [act, rule] of Object.entries(rules) as [Act, (typeof rules)[Act]][]) {
      assert.equal(allows(state, act), rule(state), `${act} in ${state}`);
    }
    // Whoever could begin a reconnect may finish it, though the state was another in between.
    if (allows(state, "reconnect")) assert.equal(allows(state, "finish reconnect"), true, state);
  }
});

test("a refused act changes nothing", () => {
  fc.assert(
    fc.property(lives, (life) => {
      const moments = lived(life);
      moments.forEach(({ before, acts }, index) => {
        const act = life.deeds[index]?.act;
        if (!act || act === "rival" || act === "rival gone" || allows(before, act)) return;
        assert.deepEqual(acts, moments[index - 1]?.acts ?? actsOf({ ...life, deeds: [] }), `${act} in ${before}`);
      });
    }),
  );
});

test("the horizon is exact: no change before it, a change at it, and none ever where there is none", () => {
  let horizons = 0;
  fc.assert(
    fc.property(lives, (life) => {
      const health = known(life.seen);
      const acts = actsOf(life);
      const { state, until } = project(health, acts, life.now);
      if (until !== null) {
        horizons += 1;
        assert.ok(until > life.now);
        assert.notEqual(project(health, acts, until).state, state);
        assert.equal(project(health, acts, until - 1).state, state);
      }
      for (const at of turningPoints(health, acts).filter((at) => at > life.now && at < (until ?? Infinity))) {
        assert.equal(project(health, acts, at).state, state, `at ${at - BEGIN} ms`);
      }
    }),
    often,
  );
  assert.ok(horizons > often.numRuns / 50, `only ${horizons} lives drawn had a horizon`);
});

test("one horizon leads to the next, and after a few of them nothing changes by time alone", () => {
  fc.assert(
    fc.property(lives, (life) => {
      const health = known(life.seen);
      const acts = actsOf(life);
      let at: number | null = BEGIN;
      for (let n = 0; n < 4 && at !== null; n += 1) at = project(health, acts, at).until;
      assert.equal(at, null);
    }),
  );
});

test("the lives drawn here reach every row", () => {
  const drawn = fc.sample(lives, { seed: 23, numRuns: 3000 });
  const reached = new Set(drawn.map((life) => project(known(life.seen), actsOf(life), life.now).state));
  assert.deepEqual(
    STATES.filter((state) => !reached.has(state)),
    [],
  );
});

test("health survives its way through JSON, its keys in another order, and goes on as if it had not gone it", () => {
  fc.assert(
    fc.property(lives, fc.nat({ max: 12 }), (life, cut) => {
      const acts = actsOf(life);
      const health = known(life.seen.slice(0, cut));
      const read = JSON.parse(JSON.stringify(health)) as Health;
      assert.deepEqual(read, health);
      const whole = life.seen.slice(cut).reduce(fold, health);
      const sorted = inOrder(read) as Health;
      assert.deepEqual(life.seen.slice(cut).reduce(fold, sorted), whole);
      assert.deepEqual(project(sorted, acts, life.now), project(health, acts, life.now));
    }),
    often,
  );
});

/** As a database may hand it back: the same members, sorted. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, inOrder(member)]));
}

test("folding changes nothing of what it is given", () => {
  fc.assert(
    fc.property(observations, (seen) => {
      let health = UNSEEN;
      for (const one of seen) {
        const before = JSON.stringify([health, one]);
        const after = fold(health, one);
        assert.equal(JSON.stringify([health, one]), before);
        health = after;
      }
    }),
  );
});

/** Any record of the right shape, however impossible; folding makes only some of these. */
const anyHealth = (): fc.Arbitrary<Health> => {
  const near = fc.integer({ min: BEGIN - DAY, max: BEGIN + 50 * DAY });
  const at = fc.oneof(near, fc.constantFrom(0, -1, 8.64e15, -8.64e15));
  const run = fc.constantFrom("", "run 1", "run 2");
  const sighting = fc.record({ at, run, state: fc.constantFrom(...TROUBLES), raw: fc.record({ code: fc.string() }) });
  const byRank = (all: { state: TroubleState }[]) => Object.fromEntries(all.map((one) => [rankOf(one.state), one]));
  const troubles = fc.array(sighting, { maxLength: 5 }).map(byRank);
  const cell = fc.record({ success: at, troubles }, { requiredKeys: ["troubles"] });
  const said = <T>(value: fc.Arbitrary<T>) => fc.record({ at, run, value });
  const odd = ["", "/", "//", "a1/", "/OWNERS", "a1/OWNERS/more", "gone"];
  const scope = fc.oneof(fc.constantFrom(...SCOPES), fc.constantFrom(...odd));
  const each = <T>(value: fc.Arbitrary<T>) => fc.dictionary(fc.constantFrom(...READ), value);
  const drawn = fc.record(
    {
      cells: fc.dictionary(scope, cell, { maxKeys: 6 }),
      failures: fc.array(fc.record({ run, at }), { maxLength: 3 }),
      interactive: said(fc.boolean()),
      institutionDisabled: said(fc.boolean()),
      newAccounts: said(fc.boolean()),
      consentExpiresAt: said(fc.option(at)),
      disconnectAt: said(at),
      unavailable: each(said(fc.boolean())),
      accounts: fc.dictionary(fc.constantFrom(...ACCOUNTS, ""), at),
      listedAt: at,
      emptyAt: at,
      dataAsOf: each(at),
      blockedAt: each(fc.record({ ours: at, provider: at }, { requiredKeys: [] })),
    },
    { requiredKeys: ["cells", "failures", "unavailable", "accounts", "dataAsOf", "blockedAt"] },
  );
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- the compiler asks for it: optional is exact.
  return drawn as fc.Arbitrary<Health>;
};

test("the projection is total: any record, acts and time have a state and a later horizon or none", () => {
  const at = fc.integer({ min: BEGIN - DAY, max: BEGIN + 50 * DAY });
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- the compiler asks for it: optional is exact.
  const anyActs: fc.Arbitrary<Acts> = fc.record(
    {
      startedAt: at,
      heldAt: at,
      finishedAt: at,
      deletedAt: at,
      linkedAt: at,
      reconnectedAt: at,
      superseded: fc.boolean(),
      asked: fc.subarray([...READ]),
      cadence: fc.constantFrom(0, HOUR, 40 * HOUR),
    },
    { requiredKeys: ["startedAt", "superseded", "asked", "cadence"] },
  ) as fc.Arbitrary<Acts>;
  fc.assert(
    fc.property(anyHealth(), anyActs, at, observations, (health, acts, now, seen) => {
      const { state, until } = project(health, acts, now);
      assert.ok(isState(state));
      assert.ok(until === null || until > now);
      assert.ok(isState(decideHealth(health, acts, now).state));
      assert.ok(isState(project(seen.reduce(fold, health), acts, now).state));
    }),
    often,
  );
});

test("what is known is bounded by what there is, however many runs tell of it", () => {
  const many = fc
    .array(observations, { minLength: 1, maxLength: 20 })
    .map((lists) => lists.flatMap((list, n) => list.map((one) => ({ ...one, run: `${n} ${one.run}` }))));
  fc.assert(
    fc.property(many, (seen) => {
      const health = known(seen);
      assert.ok(Object.keys(health.cells).every((scope) => SCOPES.includes(scope)));
      for (const [scope, { troubles }] of Object.entries(health.cells)) {
        for (const [rank, one] of Object.entries(troubles)) assert.equal(rankOf(one.state), rank, scope);
      }
      assert.ok(health.failures.length <= continuedFailures.count);
      assert.ok(Object.keys(health.accounts).every((account) => ACCOUNTS.includes(account)));
      for (const perProduct of [health.unavailable, health.dataAsOf, health.blockedAt]) {
        assert.ok(Object.keys(perProduct).every((product) => (READ as readonly string[]).includes(product)));
      }
    }),
    { numRuns: 300 },
  );
});
