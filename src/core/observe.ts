/**
 * Turns what one run did and was told into its one observation. Pure: the run collects, this decides what it means.
 *
 * A good read of a product is a success of that product and of the product of each account that was listed and is not
 * itself in trouble. A provider's cache proves nothing where the provider states trouble for the same thing.
 */
import type { Instant } from "./door.ts";
import type { Product } from "./products.ts";
import { type Health, type Met, type Observation, rankOf, type Scope, type TroubleState } from "./status/health.ts";

/** Trouble in our own ids; the shape that providers use, less what only the run itself acts upon. */
export interface Told {
  scope: "connection" | "account" | "product" | "provider" | "application" | "quota" | "request" | "session";
  state: TroubleState | null;
  raw: Met["raw"];
  accountId?: string;
  product?: Product;
  unavailable?: boolean;
  needsCustomer?: boolean;
}

/** What was stated apart from data. Later statements of the same run win. */
export interface Said {
  interactive?: boolean;
  institutionSupported?: true;
  consentExpiresAt?: Instant | null;
  newAccounts?: boolean;
  unavailable?: Partial<Record<Product, boolean>>;
  dataAsOf?: Partial<Record<Product, Instant>>;
}

export interface ProductRead {
  product: Product;
  source: "bank" | "cache";
  /** The provider's own last read of the bank, as this very answer told it. */
  asOf?: Instant;
}

export interface Run {
  run: string;
  at: Instant;
  kind: "run" | "probe";
  /** The products that this run was to read. */
  asked: readonly Product[];
  /** Our ids of the accounts in the complete list that was answered. */
  listed?: readonly string[];
  /** Where the account list came from. */
  listedFrom?: "bank" | "cache";
  /** Products read to their end. */
  read: readonly ProductRead[];
  told: readonly Told[];
  said: Said;
}

export function observe(run: Run, health: Health): Observation {
  const troubles = run.told.flatMap((told) => metBy(told, run.asked));
  const inTrouble = new Set(troubles.map((met) => met.scope));
  const ours = run.told.some(({ scope }) => scope === "application" || scope === "quota" || scope === "request");
  const needsCustomer = run.told.some((told) => told.needsCustomer);
  const dataAsOf = dataTimes(run, troubles);
  const unavailable = { ...run.said.unavailable, ...availability(run, health) };
  const { interactive, institutionSupported, consentExpiresAt, newAccounts } = run.said;

  return {
    run: run.run,
    at: run.at,
    kind: run.kind,
    successes: successes(provenBy(run, troubles), inTrouble),
    troubles,
    ...(ours && { ours }),
    ...(needsCustomer && { needsCustomer }),
    ...(run.listed && { listed: run.listed }),
    ...(interactive !== undefined && { interactive }),
    ...(institutionSupported && { institutionDisabled: false as const }),
    ...(consentExpiresAt !== undefined && { consentExpiresAt }),
    ...(newAccounts !== undefined && { newAccounts }),
    ...(Object.keys(unavailable).length > 0 && { unavailable }),
    ...(run.kind === "run" && { dataAsOf, blocked: blocked(run, health, dataAsOf, ours) }),
  };
}

/** Ours alone, or of the customer's session: it leaves no mark, whatever state came with it (rules 2, 3 and 4). */
const UNMARKED: ReadonlySet<Told["scope"]> = new Set(["application", "quota", "session"]);

/**
 * Trouble of the provider is, for this connection, trouble of the connection. "Partial" said of no product in
 * particular is said of each: of the whole connection it would void what the run did read.
 */
function metBy(told: Told, asked: readonly Product[]): Met[] {
  const { state, raw } = told;
  if (state === null || told.unavailable || told.needsCustomer || UNMARKED.has(told.scope)) return [];
  const scope = scopeOf(told);
  const isPartial = rankOf(state) === "PARTIALLY_ACTIVE";
  return (scope === "*" && isPartial ? asked : [scope]).map((one) => ({ scope: one, state, raw }));
}

function scopeOf({ scope, accountId, product }: Told): Scope {
  if (scope === "account" && accountId) return product ? `${accountId}/${product}` : accountId;
  if (scope === "product" && product) return product;
  return "*";
}

/** A cache proves nothing while its provider states real trouble of anything here: it would answer just so. */
function provenBy(run: Run, troubles: readonly Met[]): Run {
  if (!troubles.some(isGrave)) return run;
  const { listedFrom, ...rest } = run;
  const read = run.read.filter(({ source }) => source === "bank");
  return { ...rest, read, ...(listedFrom === "bank" && { listedFrom }) };
}

const isGrave = ({ state }: Met) => rankOf(state) !== "PARTIALLY_ACTIVE";

function successes(run: Run, inTrouble: ReadonlySet<Scope>): Scope[] {
  const well = (run.listed ?? []).filter((account) => !inTrouble.has(account));
  const listed = run.listedFrom ? well : [];
  const products = run.read.filter(({ product }) => !inTrouble.has(product));
  const each = products.flatMap(({ product }) => {
    const given = well.map((account) => `${account}/${product}`).filter((scope) => !inTrouble.has(scope));
    // A product that no account could give was not read, whatever the status of the answer.
    return given.length > 0 ? [product, ...given] : [];
  });
  return [...listed, ...each];
}

/**
 * Of when the data are: by the word of the answer itself, or of the provider where it answered from its cache, else of
 * the run; but a cache whose provider states trouble gave what it kept from better days, and that tells no time.
 */
function dataTimes(run: Run, troubles: readonly Met[]): Partial<Record<Product, Instant>> {
  const concerns = ({ scope, state }: Met, product: Product) =>
    scope === product || rankOf(state) !== "PARTIALLY_ACTIVE";
  const times = run.read.flatMap(({ product, source, asOf }) => {
    const isKept = source === "cache" && troubles.some((met) => concerns(met, product));
    // Where the bank itself answered, what was told before it was asked is of the time before.
    const told = asOf ?? (source === "cache" ? run.said.dataAsOf?.[product] : undefined);
    const at = told ?? (isKept ? undefined : run.at);
    return at === undefined ? [] : [[product, at] as const];
  });
  return Object.fromEntries(times);
}

/** What is answered is available again, and what is answered as unsupported is not. */
function availability(run: Run, health: Health): Partial<Record<Product, boolean>> {
  const back = run.read.flatMap(({ product }) => (health.unavailable[product]?.value ? [[product, false]] : []));
  const gone = run.told.filter((t) => t.unavailable && t.product).map((t) => [t.product, true]);
  return Object.fromEntries([...back, ...gone]);
}

/** Which products this attempt brought nothing newer for, and whether that was our side's doing. */
function blocked(
  run: Run,
  health: Health,
  dataAsOf: Partial<Record<Product, Instant>>,
  ours: boolean,
): NonNullable<Observation["blocked"]> {
  const isNewer = (product: Product) => (dataAsOf[product] ?? -Infinity) > (health.dataAsOf[product] ?? -Infinity);
  const stuck = run.asked.filter((product) => !isNewer(product));
  return ours ? { ours: stuck } : { provider: stuck };
}
