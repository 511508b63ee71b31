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

/** Which cell a fact belongs to: the connection, an account, a product, or an account's product. */
export type Scope = "*" | (string & {}) | Product | `${string}/${Product}`;

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
}

export interface Health {
  cells: Record<Scope, Cell>;
  /** The latest runs of ours without one good cell, newest first, at most three. */
  failures: readonly { run: string; at: Instant }[];
  interactive?: Statement<boolean>;
  institutionDisabled?: Statement<boolean>;
  consentExpiresAt?: Statement<Instant | null>;
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
