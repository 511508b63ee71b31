/** Connections: the application's claim on a provider connection. projection.ts writes `status` and `reason`. */
import type { Instant } from "../core/door.ts";
import { homeOf, type Home } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { policyVersion, widgetLifetime } from "../core/status/policy.ts";
import type { Projection } from "../core/status/project.ts";
import type { Reason, State, Status } from "../core/status/table.ts";
import { type Sql, stamp, stampOrNull } from "./database.ts";

export interface Connection {
  home: Home;
  id: string;
  customerId: string;
  status: Status;
  reason: Reason | null;
  state: State;
  stateSince: Instant;
  cause: Projection["cause"];
  wakeAt: Instant;
  provider: string | null;
  providerConnectionId: string | null;
  institutionId: string | null;
  products: Product[];
  optionalProducts: Product[];
  /** Of the optional ones: added later, and the customer has not consented to them yet. */
  consentProducts: Product[];
  regions: string[];
  redirectUrl: string | null;
  allowRedirect: boolean;
  replacesConnectionId: string | null;
  startedAt: Instant;
  heldAt: Instant | null;
  finishedAt: Instant | null;
  claimedAt: Instant | null;
  deletedAt: Instant | null;
}

export const CONNECTION_COLUMNS = `c.home, c.id, c.customer_id as "customerId", c.status, c.reason, c.state,
  c.state_since as "stateSince", c.cause, c.wake_at as "wakeAt", c.provider,
  c.provider_connection_id as "providerConnectionId", c.institution_id as "institutionId", c.products,
  c.optional_products as "optionalProducts", c.consent_products as "consentProducts", c.regions,
  c.redirect_url as "redirectUrl",
  c.allow_redirect as "allowRedirect", c.replaces_connection_id as "replacesConnectionId", c.started_at as "startedAt",
  c.held_at as "heldAt", c.finished_at as "finishedAt", c.claimed_at as "claimedAt", c.deleted_at as "deletedAt"`;

export type NewConnection = Pick<
  Connection,
  | "home"
  | "id"
  | "customerId"
  | "institutionId"
  | "products"
  | "optionalProducts"
  | "regions"
  | "redirectUrl"
  | "allowRedirect"
  | "replacesConnectionId"
  | "startedAt"
>;

/** Null: the id was there already, as after a repeated request. */
export const insertConnection = (sql: Sql, fresh: NewConnection): Promise<Connection | null> =>
  sql.row(
    `insert into connection as c (home, id, customer_id, institution_id, products, optional_products, regions,
       redirect_url, allow_redirect, replaces_connection_id, started_at, state_since, policy_version, wake_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13) on conflict (home, id) do nothing
     returning ${CONNECTION_COLUMNS}`,
    [
      fresh.home,
      fresh.id,
      fresh.customerId,
      fresh.institutionId,
      fresh.products,
      fresh.optionalProducts,
      fresh.regions,
      fresh.redirectUrl,
      fresh.allowRedirect,
      fresh.replacesConnectionId,
      stamp(fresh.startedAt),
      policyVersion,
      stamp(fresh.startedAt + widgetLifetime),
    ],
  );

export async function getConnection(sql: Sql, id: string): Promise<Connection | null> {
  return sql.row(`select ${CONNECTION_COLUMNS} from connection c where home = $1 and id = $2`, [
    homeOf("connection", id),
    id,
  ]);
}

export const addOptionalProducts = (sql: Sql, home: Home, id: string, added: readonly Product[]): Promise<number> =>
  sql.run("update connection set optional_products = optional_products || $3::text[] where home = $1 and id = $2", [
    home,
    id,
    added,
  ]);

/** The customer is asked to consent to these. */
export const awaitConsent = (sql: Sql, home: Home, id: string, products: readonly Product[]): Promise<number> =>
  sql.run("update connection set consent_products = $3 where home = $1 and id = $2", [home, id, products]);

/** The customer was there, and said yes or no: for every claim on the login. */
export const endConsent = (sql: Sql, home: Home, providerConnectionId: string): Promise<number> =>
  sql.run(
    `update connection set consent_products = '{}'
      where home = $1 and provider_connection_id = $2 and consent_products <> '{}'`,
    [home, providerConnectionId],
  );

/** The customer's live connection on the login that the provider knows by `ref`; null: there is none. */
export async function findClaim(
  sql: Sql,
  home: Home,
  externalCustomerId: string,
  provider: string,
  ref: string,
): Promise<string | null> {
  const row = await sql.row<{ id: string }>(
    `select c.id from provider_connection p join customer k on k.home = p.home and k.id = p.customer_id
       join connection c on c.home = p.home and c.provider_connection_id = p.id
      where p.home = $1 and p.provider = $2 and p.ref = $3 and p.closed_at is null and k.external_id = $4
        and c.deleted_at is null order by c.claimed_at desc nulls last, c.id limit 1`,
    [home, provider, ref, externalCustomerId],
  );
  return row?.id ?? null;
}

/** Every connection that holds, or held, a claim on the provider connection. */
export const claimsOn = (sql: Sql, home: Home, providerConnectionId: string): Promise<Connection[]> =>
  sql.rows(
    `select ${CONNECTION_COLUMNS} from connection c where home = $1 and provider_connection_id = $2 order by c.id`,
    [home, providerConnectionId],
  );

/** All of a customer's, whatever became of them. */
export const connectionsOf = (sql: Sql, home: Home, customerId: string): Promise<Connection[]> =>
  sql.rows(`select ${CONNECTION_COLUMNS} from connection c where home = $1 and customer_id = $2 order by c.id`, [
    home,
    customerId,
  ]);

/** The customer's connections that are linked to a bank, the earliest first. */
export const linkedConnections = (sql: Sql, home: Home, customerId: string): Promise<Connection[]> =>
  sql.rows(
    `select ${CONNECTION_COLUMNS} from connection c where home = $1 and customer_id = $2 and deleted_at is null
        and provider_connection_id is not null order by started_at, id`,
    [home, customerId],
  );

/** Rows whose state time alone may have changed. Read without locks; each is projected under its customer's. */
export const connectionsToWake = (sql: Sql, now: Instant, most: number): Promise<Connection[]> =>
  sql.rows(`select ${CONNECTION_COLUMNS} from connection c where wake_at <= $1 order by wake_at, id limit $2`, [
    stamp(now),
    most,
  ]);

export const putOff = (sql: Sql, home: Home, id: string, until: Instant): Promise<number> =>
  sql.run("update connection set wake_at = $3 where home = $1 and id = $2", [home, id, stamp(until)]);

/** Acts, each written once and only under the customer's lock, after the state was projected anew. */
export interface ActsWritten {
  heldAt?: Instant;
  finishedAt?: Instant;
  claimedAt?: Instant;
  deletedAt?: Instant;
  provider?: string;
  providerConnectionId?: string;
  institutionId?: string | null;
}

export async function writeActs(sql: Sql, home: Home, id: string, acts: ActsWritten): Promise<void> {
  await sql.run(
    `update connection set
       held_at = coalesce($3, held_at), finished_at = coalesce(finished_at, $4), claimed_at = coalesce($5, claimed_at),
       deleted_at = coalesce(deleted_at, $6), provider = coalesce($7, provider),
       provider_connection_id = coalesce($8, provider_connection_id), institution_id = coalesce($9, institution_id)
     where home = $1 and id = $2`,
    [
      home,
      id,
      stampOrNull(acts.heldAt),
      stampOrNull(acts.finishedAt),
      stampOrNull(acts.claimedAt),
      stampOrNull(acts.deletedAt),
      acts.provider ?? null,
      acts.providerConnectionId ?? null,
      acts.institutionId ?? null,
    ],
  );
}

/** After a change of policy every row is due, spread over `spread` milliseconds so that it is no stampede. */
export const wakeOldPolicies = (sql: Sql, now: Instant, spread: number): Promise<number> =>
  sql.run(
    `update connection set policy_version = $2, wake_at = least(wake_at,
       $1::timestamptz + (abs(hashtext(id)) % $3) * interval '1 millisecond')
     where policy_version <> $2 and status not in ('EXPIRED', 'DELETED')`,
    [stamp(now), policyVersion, Math.max(1, spread)],
  );
