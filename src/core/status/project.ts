/**
 * How a connection is, from what is known of it and from what we did: the one place where a state is decided.
 *
 * `project(health, acts, now)` is pure and total. It also says `until` when time alone would change the answer, so
 * that no timer exists which could be lost: a row is due for projection at its own horizon.
 *
 * Read `standing` and `decide` from top to bottom: they are design rules in the order of precedence.
 */
import { isProduct, type Product } from "../products.ts";
import {
  type Health,
  RANKS,
  type Rank,
  type Raw,
  rankOf,
  type Scope,
  type Sighting,
  type Statement,
} from "./health.ts";
import { consentLead, continuedFailures, holdExtension, staleness, widgetLifetime } from "./policy.ts";
import type { State } from "./table.ts";

type Instant = number;

/** What we did, for one connection, and what it asked for. Times are ours. */
export interface Acts {
  /** The connect token was made. */
  startedAt: Instant;
  /** The latest finish that began in time. */
  heldAt?: Instant;
  /** This connection's own first link was completed. */
  finishedAt?: Instant;
  deletedAt?: Instant;
  /** Another connection of the same customer has the greater claim on the provider connection. */
  superseded: boolean;
  /** The provider connection's first link, and the latest widget finish of any claim on it. */
  linkedAt?: Instant;
  reconnectedAt?: Instant;
  /** Products asked for at link and offered by provider and institution. */
  asked: readonly Product[];
  /** How often the provider is read by itself, in milliseconds. */
  cadence: number;
}

export interface Projection {
  state: State;
  /** When time alone will change the state; null: never. */
  until: Instant | null;
  /** The fact behind the state, in the provider's words; null where none is needed. */
  cause: { scope: Scope; at: Instant; run: string; raw: Raw } | null;
}

export function project(health: Health, acts: Acts, now: Instant): Projection {
  const { state, cause } = decide(health, acts, now);
  const until = horizons(health, acts)
    .filter((at) => at > now)
    .sort((a, b) => a - b)
    .find((at) => decide(health, acts, at).state !== state);
  return { state, until: until ?? null, cause };
}

interface Decision {
  state: State;
  cause: Projection["cause"];
}

function decide(health: Health, acts: Acts, now: Instant): Decision {
  if (acts.deletedAt !== undefined) return plain("DELETED");
  if (acts.finishedAt === undefined) return plain(now < expiry(acts) ? "IN_PROGRESS" : "EXPIRED");
  if (acts.superseded) return plain("PARTIALLY_ACTIVE/INACTIVE_DUPLICATE");
  return decideHealth(health, acts, now);
}

/** The provider connection's own state, which its schedule follows: claims and sessions play no part in it. */
export function decideHealth(health: Health, acts: Acts, now: Instant): Decision {
  const required = acts.asked.filter((product) => !isUnavailable(health, acts, product));
  const pools = standing(health, acts, required, now);
  const stale = staleProducts(health, acts, required);
  const consent = consentWindow(health, acts);

  if (isDisabled(health, acts)) return becauseOf("UNRECOVERABLE/INSTITUTION_DISABLED", health.institutionDisabled);
  const grave = worst(pools, ["UNRECOVERABLE", "RECONNECT_REQUIRED"]);
  if (grave) return grave;
  if (hasFailedOn(health, acts)) return failedOn(health);
  const passing = worst(pools, ["DEGRADED", "UNDETERMINED"]);
  if (passing) return passing;
  const partial = partialTrouble(health, acts, required);
  if (partial) return { ...partial, state: "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS" };
  if (stale.length > 0 && stale.length < required.length) return plain("PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS");
  if (health.interactive?.value) return becauseOf("DEGRADED/INTERACTIVE_REFRESH", health.interactive);
  if (stale.length > 0) return plain(whoBlocked(health, required));
  if (consent && now >= consent.soon && now < consent.end)
    return becauseOf("ACTIVE/ACCESS_EXPIRING_SOON", health.consentExpiresAt);
  if (willBreak(health, acts)) return becauseOf("ACTIVE/ACCESS_EXPIRING_SOON", health.disconnectAt);
  if (health.newAccounts?.value && !isVoid(health.newAccounts, acts))
    return becauseOf("ACTIVE/NEW_ACCOUNTS_AVAILABLE", health.newAccounts);
  return plain("ACTIVE");
}

const plain = (state: State): Decision => ({ state, cause: null });

const becauseOf = (state: State, said: Statement<unknown> | undefined): Decision => ({
  state,
  cause: said
    ? { scope: "*", at: said.at, run: said.run, raw: said.raw ?? { code: state.slice(state.indexOf("/") + 1) } }
    : null,
});

/** The moments at which time alone can matter. */
function horizons(health: Health, acts: Acts): Instant[] {
  if (acts.finishedAt === undefined) return [expiry(acts)];
  const consent = consentWindow(health, acts);
  return consent ? [consent.soon, consent.end] : [];
}

const expiry = (acts: Acts) =>
  Math.max(acts.startedAt + widgetLifetime, acts.heldAt === undefined ? 0 : acts.heldAt + holdExtension);

/** A finished reconnect voids every statement that is older than it. */
const isVoid = (said: Statement<unknown>, acts: Acts) => said.at < (acts.reconnectedAt ?? -Infinity);

const successOf = (health: Health, scope: Scope) => health.cells[scope]?.success ?? -Infinity;

function isUnavailable(health: Health, acts: Acts, product: Product): boolean {
  const said = health.unavailable[product];
  return said !== undefined && said.value && !isVoid(said, acts);
}

function isDisabled(health: Health, acts: Acts): boolean {
  const said = health.institutionDisabled;
  return said !== undefined && said.value && !isVoid(said, acts) && said.at > successOf(health, "*");
}

/** An end that was told before the latest reconnect, or that a success after it has shown not to be one. */
const isOutlived = (said: Statement<unknown>, end: Instant, health: Health, acts: Acts): boolean =>
  isVoid(said, acts) || successOf(health, "*") > end;

/** When access ends, and from when that is told. Null: it does not end, or a later success showed that it did not. */
function consentWindow(health: Health, acts: Acts): { soon: Instant; end: Instant; said: Statement<unknown> } | null {
  const said = health.consentExpiresAt;
  if (!said || said.value === null || isOutlived(said, said.value, health, acts)) return null;
  const length = Math.max(0, said.value - (acts.reconnectedAt ?? acts.startedAt));
  const lead = Math.min(consentLead.most, Math.floor(length * consentLead.share));
  return { soon: said.value - lead, end: said.value, said };
}

/** Announced is not done: after its time, too, only a read tells whether the access is broken. */
function willBreak(health: Health, acts: Acts): boolean {
  const said = health.disconnectAt;
  return said !== undefined && !isOutlived(said, said.value, health, acts);
}

type Pool = Sighting & { scope: Scope };
type Pools = Partial<Record<Rank, Pool[]>>;

/** A trouble stands while it is newer than its cell's success and than the latest widget finish. */
function standingIn(health: Health, acts: Acts, scope: Scope): Pool[] {
  const cell = health.cells[scope];
  if (!cell) return [];
  const over = Math.max(cell.success ?? -Infinity, acts.reconnectedAt ?? -Infinity);
  return RANKS.flatMap((rank) => cell.troubles[rank] ?? [])
    .filter((trouble) => trouble.at > over)
    .map((trouble) => ({ ...trouble, scope }));
}

/**
 * The troubles that are the connection's: its own; its accounts' when every live account is in trouble; its required
 * products' when every one is. Each counts at its own rank, so trouble on all accounts is the worst of theirs.
 */
function standing(health: Health, acts: Acts, required: readonly Product[], now: Instant): Pools {
  const accounts = liveAccounts(health).map((account) => accountTroubles(health, acts, account, required));
  const products = required.map((product) => productTroubles(health, acts, product));
  const all = [
    ...standingIn(health, acts, "*"),
    ...endedConsent(health, acts, now),
    ...emptyList(health, acts),
    ...(accounts.length > 0 && accounts.every((troubles) => troubles.length > 0) ? accounts.flat() : []),
    ...(products.length > 0 && products.every((troubles) => troubles.length > 0) ? products.flat() : []),
  ];
  const pools: Pools = {};
  for (const trouble of all) (pools[rankOf(trouble.state)] ??= []).push(trouble);
  return pools;
}

/** Seen not before the latest complete list; an account that left the list counts in no projection. */
const liveAccounts = (health: Health) =>
  Object.keys(health.accounts).filter((key) => (health.accounts[key] ?? -Infinity) >= (health.listedAt ?? Infinity));

/** An account is in trouble when its own cell is, or each required product's cell of it. */
function accountTroubles(health: Health, acts: Acts, account: string, required: readonly Product[]): Pool[] {
  const own = standingIn(health, acts, account);
  const each = required.map((product) => standingIn(health, acts, `${account}/${product}`));
  return each.length > 0 && each.every((troubles) => troubles.length > 0) ? [...own, ...each.flat()] : own;
}

/** A first account list that is empty is trouble on every required product: the cure is to share accounts. */
function productTroubles(health: Health, acts: Acts, product: Product): Pool[] {
  const own = standingIn(health, acts, product);
  const empty = health.emptyAt;
  const over = Math.max(successOf(health, product), acts.reconnectedAt ?? -Infinity);
  if (empty === undefined || everListed(health) || empty <= over) return own;
  const raw = { code: "NO_ACCOUNTS" };
  return [...own, { scope: product, at: empty, run: "", state: "RECONNECT_REQUIRED/OTHER", raw }];
}

const everListed = (health: Health) => Object.keys(health.accounts).length > 0;

/** An empty list where there were accounts is suspicious, never "no accounts". */
function emptyList(health: Health, acts: Acts): Pool[] {
  const { emptyAt, listedAt } = health;
  if (emptyAt === undefined || !everListed(health)) return [];
  if (emptyAt <= (listedAt ?? -Infinity) || emptyAt <= (acts.reconnectedAt ?? -Infinity)) return [];
  const state = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
  return [{ scope: "*", at: emptyAt, run: "", state, raw: { code: "EMPTY_ACCOUNT_LIST" } }];
}

function endedConsent(health: Health, acts: Acts, now: Instant): Pool[] {
  const consent = consentWindow(health, acts);
  if (!consent || now < consent.end) return [];
  const { run } = consent.said;
  const raw = { code: "CONSENT_ENDED" };
  return [{ scope: "*", at: consent.end, run, state: "RECONNECT_REQUIRED/TOKEN_EXPIRED", raw }];
}

/** The latest trouble of the first rank that has one. */
function worst(pools: Pools, ranks: readonly Rank[]): Decision | null {
  for (const rank of ranks) {
    const [first, ...others] = pools[rank] ?? [];
    if (first) return decided(others.reduce((a, b) => (compare(a, b) >= 0 ? a : b), first));
  }
  return null;
}

const decided = ({ scope, at, run, raw, state }: Pool): Decision => ({ state, cause: { scope, at, run, raw } });

const order = (t: Pool) => JSON.stringify([t.state, t.run, t.scope]);
const compare = (a: Pool, b: Pool) => a.at - b.at || (order(a) < order(b) ? -1 : 1);

/** Any trouble that stands somewhere and was not the connection's own: some accounts, some products. */
function partialTrouble(health: Health, acts: Acts, required: readonly Product[]): Decision | null {
  const live = new Set(liveAccounts(health));
  const cells = Object.keys(health.cells).filter((scope) => {
    const [account, product = account] = scope.split("/") as [string, string?];
    if (isProduct(product) && isUnavailable(health, acts, product)) return false;
    // Before any list was read nobody can say that an account is not there.
    return scope === "*" || isProduct(scope) || live.has(account) || health.listedAt === undefined;
  });
  const troubles = [
    ...cells.flatMap((scope) => standingIn(health, acts, scope)),
    ...required.flatMap((product) => productTroubles(health, acts, product)),
  ];
  return worst({ PARTIALLY_ACTIVE: troubles }, ["PARTIALLY_ACTIVE"]);
}

/** Three failures and two weeks: at least three after the last good moment, the latest at least two weeks after it. */
function hasFailedOn(health: Health, acts: Acts): boolean {
  const base = Math.max(successOf(health, "*"), acts.linkedAt ?? -Infinity, acts.reconnectedAt ?? -Infinity);
  const since = health.failures.filter((failure) => failure.at > base);
  const last = Math.max(...since.map((failure) => failure.at));
  return since.length >= continuedFailures.count && last - base >= continuedFailures.span;
}

function failedOn(health: Health): Decision {
  const [last] = health.failures;
  const raw = { code: "CONTINUED_AGGREGATION_FAILURES" };
  return {
    state: "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES",
    cause: last ? { scope: "*", at: last.at, run: last.run, raw } : null,
  };
}

/** Data older than three cadences, and an attempt after that limit which brought nothing newer. */
function staleProducts(health: Health, acts: Acts, required: readonly Product[]): Product[] {
  const patience = Math.max(staleness.cadences * acts.cadence, staleness.atLeast);
  return required.filter((product) => {
    const since = health.dataAsOf[product] ?? acts.linkedAt;
    const { ours = -Infinity, provider = -Infinity } = health.blockedAt[product] ?? {};
    return since !== undefined && Math.max(ours, provider) > since + patience;
  });
}

function whoBlocked(health: Health, required: readonly Product[]): State {
  const latestBy = (side: "ours" | "provider") =>
    Math.max(...required.map((product) => health.blockedAt[product]?.[side] ?? -Infinity));
  return latestBy("ours") >= latestBy("provider")
    ? "UNDETERMINED/INTERNAL_ERROR"
    : "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE";
}
