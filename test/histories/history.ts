/** Reads and plays the histories of this folder; README.md has their grammar. */
import { readdirSync, readFileSync } from "node:fs";
import { isProduct, PRODUCTS, type Product } from "../../src/core/products.ts";
import { type Act, allows } from "../../src/core/status/allowed.ts";
import {
  fold,
  type Health,
  type Met,
  type Observation,
  type TroubleState,
  UNSEEN,
} from "../../src/core/status/health.ts";
import { type Acts, type Projection, project } from "../../src/core/status/project.ts";
import { isState, STATES, type State } from "../../src/core/status/table.ts";

export interface History {
  text: string;
  where: string;
  asked: Product[];
  cadence: number;
  steps: { at: number; what: string }[];
  expect: State;
  at: number;
  until?: number | null;
}

/** Time is counted from an arbitrary day, so that no rule can lean on zero. */
const ORIGIN = Date.UTC(2026, 0, 1);
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function duration(text: string): number {
  if (text === "0") return 0;
  if (!/^([+-]?\d+(ms|s|m|h|d))+$/.test(text)) throw new SyntaxError(`"${text}" is no time`);
  return [...text.matchAll(/([+-]?)(\d+)(ms|s|m|h|d)/g)].reduce(
    (sum, [, sign, count, unit]) => sum + (sign === "-" ? -1 : 1) * Number(count) * (UNITS[unit ?? ""] ?? Number.NaN),
    0,
  );
}

export function readHistories(): History[] {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".txt"))
    .sort();
  return files.flatMap((file) =>
    readFileSync(`${import.meta.dirname}/${file}`, "utf8")
      .split("\n")
      .flatMap((text, index) =>
        text.trim() === "" || text.startsWith("#") ? [] : [parse(text, `${file}:${index + 1}`)],
      ),
  );
}

export function parse(text: string, where: string): History {
  const [left = "", right] = text.split("=>").map((part) => part.trim());
  if (right === undefined) throw new SyntaxError(`${where}: no "=>"`);
  const [before, after] = left.includes("|") ? left.split("|") : ["", left];
  const setup = (before ?? "").trim().split(/\s+/);
  const value = (name: string) => setup[setup.indexOf(name) + 1] ?? "";
  const steps = (after ?? "").split(";").map((step) => {
    const [, time = "", what = ""] = /^(\S+)\s+(.*)$/.exec(step.trim()) ?? [];
    return { at: ORIGIN + duration(time), what };
  });
  const told = /^(\S+)(?:\s+at\s+(\S+))?(?:\s+until\s+(\S+))?$/.exec(right);
  const [, expect, at, until] = told ?? [];
  if (!isState(expect)) throw new SyntaxError(`${where}: "${right}" names no state`);
  return {
    text,
    where,
    steps,
    expect,
    asked: setup.includes("asked") ? (value("asked").split(",") as Product[]) : ["BALANCES", "TRANSACTIONS"],
    cadence: setup.includes("cadence") ? duration(value("cadence")) : duration("6h"),
    at: at === undefined ? (steps.at(-1)?.at ?? ORIGIN) : ORIGIN + duration(at),
    ...(until !== undefined && { until: until === "never" ? null : ORIGIN + duration(until) }),
  };
}

interface World {
  acts: Acts;
  claimedAt: number;
  rivalAt: number | null;
  observations: Observation[];
  lastListed: readonly string[];
}

/** The end of the history; `arrange` may reorder or repeat the observations, which must not matter. */
export function play(history: History, arrange = (all: readonly Observation[]) => all): Projection {
  const world: World = {
    acts: { startedAt: Number.NaN, superseded: false, asked: history.asked, cadence: history.cadence },
    claimedAt: -Infinity,
    rivalAt: null,
    observations: [],
    lastListed: ["a1", "a2"],
  };
  for (const step of history.steps) take(world, history, step.at, step.what);
  const health = arrange(world.observations).reduce<Health>(fold, UNSEEN);
  return project(health, world.acts, history.at);
}

/** Every observation of the history, in the order of its line. */
export function observationsOf(history: History): Observation[] {
  let all: readonly Observation[] = [];
  play(history, (seen) => (all = seen));
  return [...all];
}

function take(world: World, history: History, at: number, what: string): void {
  const [verb = "", ...rest] = what.split(/\s+/);
  if (verb === "run" || verb === "probe") {
    world.observations.push(observed(world, history, at, verb, rest));
    return;
  }
  const { acts } = world;
  const refused = verb === "refused";
  const act = refused ? rest.join(" ") : what;
  const state = Number.isNaN(acts.startedAt)
    ? null
    : project(world.observations.reduce<Health>(fold, UNSEEN), acts, at).state;
  if (refused) {
    if (state && allows(state, act as Act)) throw new Error(`${state} does not refuse ${act}`);
    return;
  }
  const own = {
    hold: "hold",
    finish: "finish",
    reconnect: "finish reconnect",
    refresh: "refresh",
    delete: "delete",
  } as const;
  const asked = own[act as keyof typeof own];
  if (asked && state && !allows(state, asked)) throw new Error(`${state} refuses ${act}`);
  switch (act) {
    case "start":
      acts.startedAt = at;
      break;
    case "hold":
      acts.heldAt = at;
      break;
    case "finish":
      acts.finishedAt = at;
      claimed(world, at);
      widgetFinished(world, at);
      break;
    case "reconnect":
      claimed(world, at);
      widgetFinished(world, at);
      break;
    case "refresh":
      claimed(world, at);
      break;
    case "rival":
      world.rivalAt = at;
      widgetFinished(world, at);
      break;
    case "rival gone":
      world.rivalAt = null;
      break;
    case "delete":
      acts.deletedAt = at;
      break;
    default:
      throw new SyntaxError(`${history.where}: "${what}" is no step`);
  }
  acts.superseded = world.rivalAt !== null && world.rivalAt > world.claimedAt;
}

const claimed = (world: World, at: number) => {
  world.claimedAt = at;
};

function widgetFinished({ acts }: World, at: number): void {
  acts.linkedAt ??= at;
  acts.reconnectedAt = at;
}

/** A reason that occurs once, or a whole state. */
function stateNamed(name: string): TroubleState {
  if (name === "PARTIAL") return "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
  const found = STATES.filter((state) => state === name || state.endsWith(`/${name}`));
  if (found.length !== 1) throw new SyntaxError(`"${name}" names ${found.length} states`);
  return found[0] as TroubleState;
}

type Draft = { -readonly [K in keyof Observation]: Observation[K] } & {
  successes: string[];
  troubles: Met[];
  dataAsOf: Partial<Record<Product, number>>;
  blocked: { ours: Product[]; provider: Product[] };
  unavailable: Partial<Record<Product, boolean>>;
};

function observed(world: World, history: History, at: number, kind: "run" | "probe", items: string[]): Observation {
  const seen: Draft = {
    run: `run ${world.observations.length + 1}`,
    at,
    kind,
    successes: [],
    troubles: [],
    dataAsOf: {},
    blocked: { ours: [], provider: [] },
    unavailable: {},
  };
  const listed = items.find((item) => item.startsWith("list:"))?.slice("list:".length);
  const accounts = listed === undefined ? world.lastListed : listed === "" ? [] : listed.split(",");
  if (listed !== undefined || items.includes("ok")) seen.listed = accounts;
  if (seen.listed?.length) world.lastListed = seen.listed;
  for (const item of items) {
    const [name = "", value = ""] = item.split(/:(.*)/s);
    const [scope = "", trouble] = item.split("!");
    if (trouble !== undefined) seen.troubles.push({ scope, state: stateNamed(trouble), raw: { code: trouble } });
    else if (item === "ok") ok(seen, history, accounts, at);
    else if (name === "ok") seen.successes.push(value);
    else if (name === "list") continue;
    else if (item === "interactive" || item === "not-interactive") seen.interactive = item === "interactive";
    else if (item === "enabled") seen.institutionDisabled = false;
    else if (item === "new-accounts" || item === "no-new-accounts") seen.newAccounts = item === "new-accounts";
    else if (name === "disconnect") seen.disconnect = { at: ORIGIN + duration(value), raw: { code: "ANNOUNCED" } };
    else if (name === "consent") seen.consentExpiresAt = value === "none" ? null : ORIGIN + duration(value);
    else if (name === "unavailable" || name === "available") seen.unavailable[product(value)] = name === "unavailable";
    else if (name === "asof") asOf(seen, value);
    else if (name === "blocked") block(seen, history, value);
    else if (item === "ours") seen.ours = true;
    else if (item === "needs-customer") seen.needsCustomer = true;
    else throw new SyntaxError(`${history.where}: "${item}" is no item`);
  }
  return seen;
}

function ok(seen: Draft, history: History, accounts: readonly string[], at: number): void {
  for (const one of history.asked) {
    seen.successes.push(one, ...accounts.map((account) => `${account}/${one}`));
    seen.dataAsOf[one] ??= at;
  }
}

function asOf(seen: Draft, value: string): void {
  const [name = "", time = ""] = value.split("=");
  seen.dataAsOf[product(name)] = ORIGIN + duration(time);
}

function block(seen: Draft, history: History, value: string): void {
  const [side = "", name] = value.split(":");
  if (side !== "ours" && side !== "provider") throw new SyntaxError(`${history.where}: "${value}" blocks nothing`);
  seen.blocked[side].push(...(name === undefined ? history.asked : [product(name)]));
}

function product(name: string): Product {
  if (!isProduct(name)) throw new SyntaxError(`"${name}" is no product; there are ${PRODUCTS.join(", ")}`);
  return name;
}
