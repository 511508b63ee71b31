/** Forced refreshes: each is a resource with an outcome, down to the account's product. */
import type { Instant } from "../core/door.ts";
import { type Home, homeOf } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { type Sql, stamp, stampOrNull } from "./database.ts";

export const OUTCOMES = ["SUCCEEDED", "PARTIAL", "FAILED", "NEEDS_CUSTOMER", "NOT_BEFORE", "TIMED_OUT"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One account's product (or, where no account was reached, the product as a whole). */
export interface Part {
  accountId: string | null;
  product: Product;
  outcome: Outcome;
  /** The provider answered from what it had; the bank was not asked. */
  fromCache: boolean;
  dataAsOf: Instant | null;
  cause: { code: string; state: string | null } | null;
}

export interface Refresh {
  home: Home;
  id: string;
  connectionId: string;
  providerConnectionId: string;
  /** The run that took it up; null while it waits for one. */
  run: string | null;
  /** Named in the request; empty: all of the connection's. */
  products: Product[];
  requestedAt: Instant;
  finishedAt: Instant | null;
  outcome: Outcome | null;
  notBefore: Instant | null;
  fromCache: boolean | null;
  parts: Part[];
  requestId: string;
}

const COLUMNS = `home, id, connection_id as "connectionId", provider_connection_id as "providerConnectionId", run,
  products, requested_at as "requestedAt", finished_at as "finishedAt", outcome, not_before as "notBefore",
  from_cache as "fromCache", parts, request_id as "requestId"`;

export const getRefresh = (sql: Sql, id: string): Promise<Refresh | null> =>
  sql.row(`select ${COLUMNS} from refresh where home = $1 and id = $2`, [homeOf("refresh", id), id]);

/** Waiting or running, oldest first. */
export const openRefreshes = (sql: Sql, home: Home, providerConnectionId: string): Promise<Refresh[]> =>
  sql.rows(
    `select ${COLUMNS} from refresh where home = $1 and provider_connection_id = $2 and finished_at is null
      order by requested_at, id`,
    [home, providerConnectionId],
  );

export async function saveRefresh(sql: Sql, r: Refresh): Promise<void> {
  await sql.run(
    `insert into refresh (home, id, connection_id, provider_connection_id, run, products, requested_at, finished_at,
       outcome, not_before, from_cache, parts, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (home, id) do update set
       run = excluded.run, finished_at = excluded.finished_at, outcome = excluded.outcome,
       not_before = excluded.not_before, from_cache = excluded.from_cache, parts = excluded.parts`,
    [
      r.home,
      r.id,
      r.connectionId,
      r.providerConnectionId,
      r.run,
      r.products,
      stamp(r.requestedAt),
      stampOrNull(r.finishedAt),
      r.outcome,
      stampOrNull(r.notBefore),
      r.fromCache,
      JSON.stringify(r.parts),
      r.requestId,
    ],
  );
}

export const eraseRefreshes = (sql: Sql, home: Home, connectionId: string): Promise<number> =>
  sql.run("delete from refresh where home = $1 and connection_id = $2", [home, connectionId]);
