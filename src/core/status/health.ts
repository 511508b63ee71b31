/**
 * What is known of a provider connection, as a set of facts that only ever grows newer.
 *
 * One run of ours is one `Observation`, stamped with our clock when its first request was sent. `fold` merges it into
 * the `Health` record. Every member is a maximum or a latest by a total order, so observations may arrive late, twice
 * and in any order: the record is the same. No member says how the connection *is*; that is `project.ts`.
 */
import type { Product } from "../products.ts";
import type { State } from "./table.ts";

/** Milliseconds since the epoch, UTC. Repeated from `door.ts`: this folder imports nothing that it does not need. */
type Instant = number;

/** The rows that a run may report as trouble. The other rows are ours: life cycle, counts, clocks and properties. */
export type TroubleState = Extract<
  State,
  | "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS"
  | "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE"
  | "DEGRADED/INSTITUTION_ACTION_REQUIRED"
  | "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE"
  | `RECONNECT_REQUIRED/${string}`
  | "UNRECOVERABLE/INSTITUTION_DISABLED"
  | "UNRECOVERABLE/OTHER"
  | `UNDETERMINED/${string}`
>;

/** Which cell a fact belongs to: the connection "*", an account "acc_…", a product "BALANCES", or "acc_…/BALANCES". */
export type Scope = string;

/** The provider's own words, kept beside ours and never interpreted again. */
export interface Raw {
  code: string;
  message?: string;
  httpStatus?: number;
  requestId?: string;
}

/** Something that a run met. */
export interface Met {
  scope: Scope;
  state: TroubleState;
  raw: Raw;
}

/** One run of ours, told at its end, in the past tense. */
export interface Observation {
  /** The run's id; the same run folded twice is one run. */
  run: string;
  /** Our clock when the run's first request was sent. */
  at: Instant;
  /** A probe is a hint: it writes its trouble, but no success and no failure. */
  kind: "run" | "probe";
  successes: readonly Scope[];
  troubles: readonly Met[];
  /** The run failed for our own reason (quota, our keys, our bad request): never one of the three failures. */
  ours?: boolean;
  /** The run stopped because only the customer can go on: neither a trouble nor a failure. */
  needsCustomer?: boolean;
  /** The complete account list that was answered; an empty one is suspicious. Absent: no list was read. */
  listed?: readonly string[];
  interactive?: boolean;
  /** False: the provider states that the institution is supported again. True comes as a trouble. */
  institutionDisabled?: false;
  /** When access ends; null: the provider states that it does not end. */
  consentExpiresAt?: Instant | null;
  /** The provider has announced, beside its reads, that it breaks the access at this time unless the customer comes. */
  disconnect?: { at: Instant; raw: Raw };
  newAccounts?: boolean;
  /** Products answered as unsupported or not consented to (true), or as available again (false). */
  unavailable?: Partial<Record<Product, boolean>>;
  /** The provider's own last read of the bank, per product. */
  dataAsOf?: Partial<Record<Product, Instant>>;
  /** Attempts that our side stopped, and attempts that brought nothing newer. */
  blocked?: { ours?: readonly Product[]; provider?: readonly Product[] };
}

/** Ranks in the order of precedence; a cell keeps the latest trouble of each. */
export const RANKS = ["UNRECOVERABLE", "RECONNECT_REQUIRED", "DEGRADED", "UNDETERMINED", "PARTIALLY_ACTIVE"] as const;
export type Rank = (typeof RANKS)[number];

export interface Sighting {
  at: Instant;
  run: string;
  state: TroubleState;
  raw: Raw;
}

export interface Cell {
  success?: Instant;
  troubles: Partial<Record<Rank, Sighting>>;
}

/** A property's latest statement. */
export interface Statement<T> {
  at: Instant;
  run: string;
  value: T;
  /** The provider's own words, where the statement came as a code. */
  raw?: Raw;
}

export interface Health {
  cells: Record<Scope, Cell>;
  /** The latest runs of ours without one good cell, newest first, at most three. */
  failures: readonly { run: string; at: Instant }[];
  interactive?: Statement<boolean>;
  institutionDisabled?: Statement<boolean>;
  consentExpiresAt?: Statement<Instant | null>;
  /** Apart from the consent's end: a later read that knows of none takes nothing back. */
  disconnectAt?: Statement<Instant>;
  newAccounts?: Statement<boolean>;
  unavailable: Partial<Record<Product, Statement<boolean>>>;
  /** Per account: when it was last seen in a list, good or in trouble. */
  accounts: Record<string, Instant>;
  /** The latest complete non-empty list, and the latest empty one. */
  listedAt?: Instant;
  emptyAt?: Instant;
  dataAsOf: Partial<Record<Product, Instant>>;
  blockedAt: Partial<Record<Product, { ours?: Instant; provider?: Instant }>>;
}

export const UNSEEN: Health = { cells: {}, failures: [], unavailable: {}, accounts: {}, dataAsOf: {}, blockedAt: {} };

/** Merges one run into what is known. Pure; any order and any repetition of observations gives the same record. */
export function fold(health: Health, told: Observation): Health {
  // A probe is a hint: what it saw of lists and data is for the full run to say that it makes due.
  const { listed: _listed, dataAsOf: _dataAsOf, blocked: _blocked, ...hint } = told;
  const seen: Observation = told.kind === "probe" ? hint : told;
  const { at, run } = seen;
  const mark = { at, run };
  const successes = writesSuccess(seen) ? withParents(seen.successes) : new Set<Scope>();
  const cells = { ...health.cells };
  for (const scope of successes) {
    const cell = cells[scope] ?? { troubles: {} };
    cells[scope] = { ...cell, success: latest(cell.success, at) };
  }
  for (const met of seen.troubles.filter((m) => !statesDisabled(m))) {
    const cell = cells[met.scope] ?? { troubles: {} };
    const rank = rankOf(met.state);
    const sighting = later(cell.troubles[rank], { ...mark, state: met.state, raw: met.raw }, nameThenRun);
    cells[met.scope] = { ...cell, troubles: { ...cell.troubles, [rank]: sighting } };
  }

  const said = <T>(old: Statement<T> | undefined, value: T | undefined, raw?: Raw) =>
    value === undefined ? old : later(old, { ...mark, value, ...(raw && { raw }) }, valueThenRun);
  const disabled = seen.troubles.find(statesDisabled);
  const failed = seen.kind === "run" && successes.size === 0 && !seen.ours && !seen.needsCustomer && isBad(seen);

  return defined({
    cells,
    failures: failed ? latestThree(health.failures, mark) : health.failures,
    interactive: said(health.interactive, seen.interactive),
    institutionDisabled: said(health.institutionDisabled, disabled ? true : seen.institutionDisabled, disabled?.raw),
    consentExpiresAt: said(health.consentExpiresAt, seen.consentExpiresAt),
    disconnectAt: said(health.disconnectAt, seen.disconnect?.at, seen.disconnect?.raw),
    newAccounts: said(health.newAccounts, seen.newAccounts),
    unavailable: merged(health.unavailable, seen.unavailable, said),
    accounts: merged(health.accounts, Object.fromEntries((seen.listed ?? []).map((key) => [key, at])), latest),
    listedAt: seen.listed?.length ? latest(health.listedAt, at) : health.listedAt,
    emptyAt: seen.listed?.length === 0 ? latest(health.emptyAt, at) : health.emptyAt,
    // A provider can't have read the bank after it told us that it had.
    dataAsOf: merged(health.dataAsOf, seen.dataAsOf, (old, told) => latest(old, Math.min(told, at))),
    blockedAt: blocked(health.blockedAt, seen),
  });
}

export const rankOf = (state: TroubleState): Rank => state.slice(0, state.indexOf("/")) as Rank;

/** At the connection's scope it is a property; below it, an ordinary trouble of that cell. */
const statesDisabled = (met: Met) => met.scope === "*" && met.state === "UNRECOVERABLE/INSTITUTION_DISABLED";

/**
 * A run that met trouble of the whole connection, or an empty account list, writes no success at all: what it did
 * read may be what the provider kept from better days.
 */
function writesSuccess(seen: Observation): boolean {
  if (seen.kind === "probe" || seen.listed?.length === 0) return false;
  return !seen.troubles.some((met) => met.scope === "*");
}

const isBad = (seen: Observation) => seen.troubles.length > 0 || seen.listed?.length === 0;

/** A success of an account's product is also one of the account, and any success is one of the connection. */
function withParents(scopes: readonly Scope[]): Set<Scope> {
  const all = new Set<Scope>(scopes);
  for (const scope of scopes) {
    const slash = scope.indexOf("/");
    if (slash > 0) all.add(scope.slice(0, slash));
  }
  if (all.size > 0) all.add("*");
  return all;
}

const latest = (old: Instant | undefined, at: Instant): Instant => (old === undefined ? at : Math.max(old, at));

/** The later of two by a total order: time first, then whatever tells two of the same instant apart. */
function later<T extends { at: Instant }>(old: T | undefined, fresh: T, tie: (mark: T) => string): T {
  if (!old || fresh.at > old.at) return fresh;
  return fresh.at === old.at && tie(fresh) > tie(old) ? fresh : old;
}

const nameThenRun = (s: Sighting) => JSON.stringify([s.state, s.run, s.raw.code, s.raw]);
const valueThenRun = (s: Statement<unknown>) => JSON.stringify([String(s.value).padStart(20, "0"), s.run, s.raw]);

function latestThree(failures: Health["failures"], mark: { run: string; at: Instant }): Health["failures"] {
  const known = failures.find((f) => f.run === mark.run);
  const others = failures.filter((f) => f.run !== mark.run);
  const kept = [...others, { run: mark.run, at: latest(known?.at, mark.at) }];
  return kept.sort((a, b) => b.at - a.at || (a.run < b.run ? 1 : -1)).slice(0, 3);
}

function merged<T, V>(
  old: Partial<Record<string, T>>,
  fresh: Partial<Record<string, V>> | undefined,
  merge: (old: T | undefined, value: V) => T | undefined,
): Record<string, T> {
  const all = { ...old } as Record<string, T>;
  for (const [key, value] of Object.entries(fresh ?? {})) {
    const result = value === undefined ? all[key] : merge(all[key], value);
    if (result !== undefined) all[key] = result;
  }
  return all;
}

function blocked(old: Health["blockedAt"], seen: Observation): Health["blockedAt"] {
  const all = { ...old };
  for (const side of ["ours", "provider"] as const) {
    for (const product of seen.blocked?.[side] ?? []) {
      all[product] = { ...all[product], [side]: latest(all[product]?.[side], seen.at) };
    }
  }
  return all;
}

/** Absent and undefined are one thing here, also after a way through JSON. */
function defined(health: { [K in keyof Health]: Health[K] | undefined }): Health {
  return Object.fromEntries(Object.entries(health).filter(([, value]) => value !== undefined)) as unknown as Health;
}
