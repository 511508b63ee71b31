/**
 * Lives of a connection as fast-check draws them: what runs told, in the cells and properties of three accounts and
 * three products and with many ties of time, and what was tried with it, of which only what its state allowed counts.
 */
import fc from "fast-check";
import type { Product } from "../../src/core/products.ts";
import { type Act, allows } from "../../src/core/status/allowed.ts";
import { fold, type Health, type Observation, type TroubleState, UNSEEN } from "../../src/core/status/health.ts";
import { DAY, HOUR, MINUTE } from "../../src/core/status/policy.ts";
import { type Acts, project } from "../../src/core/status/project.ts";
import type { State } from "../../src/core/status/table.ts";

/** An arbitrary day, so that no rule can lean on zero. */
export const BEGIN = Date.UTC(2026, 0, 1);

// A record, so that a new row that runs may report does not compile until it is drawn here too.
const REPORTABLE: Record<TroubleState, true> = {
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": true,
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": true,
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": true,
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": true,
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": true,
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": true,
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": true,
  "RECONNECT_REQUIRED/OTHER": true,
  "UNRECOVERABLE/INSTITUTION_DISABLED": true,
  "UNRECOVERABLE/OTHER": true,
  "UNDETERMINED/AGGREGATION_TIMEOUT": true,
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": true,
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": true,
  "UNDETERMINED/INTERNAL_ERROR": true,
};
export const TROUBLES = Object.keys(REPORTABLE) as TroubleState[];

export const ACCOUNTS = ["a1", "a2", "a3"];
export const READ: readonly Product[] = ["BALANCES", "OWNERS", "TRANSACTIONS"];
const EACH = ACCOUNTS.flatMap((account) => READ.map((product) => `${account}/${product}`));
export const SCOPES = ["*", ...ACCOUNTS, ...READ, ...EACH];

/** Six weeks in days and hours: few enough for ties, with the milliseconds around each where rules turn. */
const moment = fc
  .tuple(
    fc.integer({ min: 0, max: 42 }),
    fc.constantFrom(0, HOUR, 4 * HOUR, 4.5 * HOUR),
    fc.constantFrom(-1, 0, 0, 0, 1),
  )
  .map(([days, hours, edge]) => BEGIN + Math.max(0, days * DAY + hours + edge));

// Records without a prototype are nothing that a run would tell.
const plain = { noNullPrototype: true } as const;
const some = <T>(from: readonly T[], maxLength = from.length) => fc.subarray([...from], { maxLength });
const flagged = <T>(value: fc.Arbitrary<T>) => fc.dictionary(fc.constantFrom(...READ), value, { maxKeys: 2, ...plain });

const trouble = fc.record(
  {
    scope: fc.oneof(fc.constant("*"), fc.constantFrom(...SCOPES)),
    state: fc.constantFrom(...TROUBLES),
    raw: fc.record(
      { code: fc.constantFrom("A", "B"), message: fc.constantFrom("one", "two") },
      { requiredKeys: ["code"], ...plain },
    ),
  },
  plain,
);

const told = fc.record(
  {
    at: moment,
    kind: fc.constantFrom("run", "run", "run", "probe"),
    successes: some(SCOPES, 6),
    troubles: fc.oneof(fc.constant([]), fc.array(trouble, { maxLength: 4 })),
    ours: fc.boolean(),
    needsCustomer: fc.boolean(),
    listed: some(ACCOUNTS),
    interactive: fc.boolean(),
    institutionDisabled: fc.constant(false),
    consentExpiresAt: fc.option(moment),
    disconnect: fc.record({ at: moment, raw: fc.constant({ code: "A" }) }),
    newAccounts: fc.boolean(),
    unavailable: flagged(fc.boolean()),
    dataAsOf: flagged(moment),
    blocked: fc.record({ ours: some(READ), provider: some(READ) }, { requiredKeys: [], ...plain }),
  },
  { requiredKeys: ["at", "kind", "successes", "troubles"], ...plain },
);

/** A failure of the whole connection and nothing besides: chance alone would hardly bring three in a row. */
const failure = fc.record({ at: moment, state: fc.constantFrom(...TROUBLES) }).map(({ at, state }) => ({
  at,
  kind: "run",
  successes: [],
  troubles: [{ scope: "*", state, raw: { code: "A" } }],
}));

/** Everything asked for, read well from every account. */
const wholeSuccess = fc.tuple(moment, fc.option(moment)).map(([at, end]) => ({
  at,
  kind: "run",
  successes: SCOPES,
  troubles: [],
  listed: ACCOUNTS,
  dataAsOf: Object.fromEntries(READ.map((product) => [product, at])),
  ...(end !== null && { consentExpiresAt: end }),
}));

/** Runs in any order of time; each has an id of its own. */
export const observations: fc.Arbitrary<Observation[]> = fc
  .array(fc.oneof(told, told, failure, wholeSuccess), { maxLength: 12 })
  .map((all) => all.map((one, index) => ({ ...one, run: `run ${index}` }) as Observation));

/** The same observations, each once and each twice, in any order. */
export const arranged = (seen: readonly Observation[]) => {
  const twice = [...seen, ...seen];
  return fc.tuple(
    fc.shuffledSubarray([...seen], { minLength: seen.length }),
    fc.shuffledSubarray(twice, { minLength: twice.length }),
  );
};

export type Deed = { at: number; act: Act | "rival" | "rival gone" };

const DEEDS: readonly Deed["act"][] = [
  "hold",
  "finish",
  "reconnect",
  "finish reconnect",
  "refresh",
  "refresh",
  "rival",
  "rival gone",
  "rival gone",
  "delete",
];

/** What was tried, in the order of time. Mostly a finish comes soon: a link that came to nothing has a short story. */
export const deeds: fc.Arbitrary<Deed[]> = fc
  .tuple(
    fc.option(fc.integer({ min: 0, max: 250 }), { freq: 9 }),
    fc.array(fc.record({ at: moment, act: fc.constantFrom(...DEEDS) }), { maxLength: 5 }),
  )
  .map(([minutes, others]) => {
    const finish: Deed[] = minutes === null ? [] : [{ at: BEGIN + minutes * MINUTE, act: "finish" }];
    return [...finish, ...others].sort((a, b) => a.at - b.at);
  });

const beginnings = fc.record({ asked: some(READ), cadence: fc.constantFrom(6 * HOUR, 20 * HOUR) });

export const lives = fc.record({ beginning: beginnings, deeds, seen: observations, now: moment });
export type Life = typeof lives extends fc.Arbitrary<infer Drawn> ? Drawn : never;

export const known = (seen: readonly Observation[]): Health => seen.reduce(fold, UNSEEN);

export interface Moment {
  at: number;
  acts: Acts;
  /** Just before the deed, and just after it. */
  before: State;
  after: State;
}

/** One moment a deed, in order. Each is tried under the state of its time, with what runs had told until then. */
export function lived({ beginning, deeds: tried, seen }: Omit<Life, "now">): Moment[] {
  const acts = { startedAt: BEGIN, superseded: false, ...beginning };
  const world: World = { acts, claimedAt: -Infinity, rivalAt: null };
  const moments: Moment[] = [];
  for (const { at, act } of tried) {
    const health = known(seen.filter((one) => one.at <= at));
    const before = project(health, world.acts, at).state;
    if (act === "rival" || act === "rival gone" || allows(before, act)) take(world, at, act);
    world.acts = { ...world.acts, superseded: world.rivalAt !== null && world.rivalAt > world.claimedAt };
    moments.push({ at, acts: world.acts, before, after: project(health, world.acts, at).state });
  }
  return moments;
}

/** What counts of our acts in the end. */
export const actsOf = (life: Omit<Life, "now">): Acts =>
  lived(life).at(-1)?.acts ?? { startedAt: BEGIN, superseded: false, ...life.beginning };

interface World {
  acts: Acts;
  claimedAt: number;
  rivalAt: number | null;
}

function take(world: World, at: number, act: Deed["act"]): void {
  const { acts } = world;
  const widgetFinish = { linkedAt: acts.linkedAt ?? at, reconnectedAt: at };
  if (act === "finish" || act === "finish reconnect" || act === "refresh") world.claimedAt = at;
  switch (act) {
    case "hold":
      world.acts = { ...acts, heldAt: at };
      break;
    case "finish":
      world.acts = { ...acts, ...widgetFinish, finishedAt: at };
      break;
    case "finish reconnect":
      world.acts = { ...acts, ...widgetFinish };
      break;
    case "rival":
      world.rivalAt = at;
      world.acts = { ...acts, ...widgetFinish };
      break;
    case "rival gone":
      world.rivalAt = null;
      break;
    case "delete":
      world.acts = { ...acts, deletedAt: at };
      break;
    // Beginning a reconnect leaves no fact, and neither does one that is cancelled, late or failed.
    case "reconnect":
      break;
    case "refresh":
      break;
  }
}
