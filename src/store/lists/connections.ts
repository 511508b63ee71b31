/** Connections as the API shows them: the row with what its customer, provider connection and claims tell of it. */
import type { Instant } from "../../core/door.ts";
import { type Home, homeOf } from "../../core/ids.ts";
import type { Product } from "../../core/products.ts";
import type { State } from "../../core/status/table.ts";
import { CONNECTION_COLUMNS, type Connection } from "../connections.ts";
import { type Sql, stamp } from "../database.ts";
import { isInstitution } from "../institutions.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface ListedConnection extends Connection {
  externalCustomerId: string | null;
  institutionName: string | null;
  /** The provider's own id of it; null before the link and after the deletion. */
  ref: string | null;
  /** The live claims on the same login, the kept one first; null where there is no login. */
  claims: string[] | null;
  lastSentAt: Instant | null;
  nextRefreshAllowedAt: Instant | null;
  lastSuccessAt: Instant | null;
  dataAsOf: Partial<Record<Product, Instant>> | null;
  /** When the gateway's next task for it is due. */
  dueAt: Instant | null;
}

const SELECT = `${CONNECTION_COLUMNS}, u.external_id as "externalCustomerId", i.name as "institutionName", p.ref,
  p.last_sent_at as "lastSentAt", p.next_refresh_allowed_at as "nextRefreshAllowedAt",
  (p.health #>> '{cells,*,success}')::float8 as "lastSuccessAt", p.health -> 'dataAsOf' as "dataAsOf",
  (select array_agg(d.id order by d.claimed_at desc, d.id collate "C" desc) from connection d
    where d.home = c.home and d.provider_connection_id = p.id and d.finished_at is not null and d.deleted_at is null
  ) as claims,
  (select min(k.run_at) from task k
    where k.home = c.home and k.subject in (c.id, p.id) and k.kind <> 'revoke' and k.run_at < 'infinity'
  ) as "dueAt"`;

const JOINS = `join customer u on u.home = c.home and u.id = c.customer_id
  left join institution i on i.id = c.institution_id
  left join provider_connection p
    on p.home = c.home and p.id = c.provider_connection_id and c.deleted_at is null`;

export const getListedConnection = (sql: Sql, id: string): Promise<ListedConnection | null> =>
  sql.row(`select ${SELECT} from connection c ${JOINS} where c.home = $1 and c.id = $2`, [
    homeOf("connection", id),
    id,
  ]);

export interface ConnectionFilters {
  customer?: { home: Home; id: string } | undefined;
  external?: { home: Home; id: string } | undefined;
  institutionId?: string | undefined;
  institutionName?: string | undefined;
  states?: readonly State[] | undefined;
  /** Beside `states`: in these, with a product that waits for consent; or, of `states`, without any such. */
  consent?: { isAwaited: boolean; states: readonly State[] } | undefined;
  providers?: readonly string[] | undefined;
  startedFrom?: Instant | undefined;
  startedBefore?: Instant | undefined;
  /** In its state since then, or since later. */
  movedFrom?: Instant | undefined;
}

/** Newest first. Without a customer it asks every shard. */
export function listConnections(
  sql: Sql,
  filters: ConnectionFilters,
  at: Place | null,
  limit: number,
): Promise<Page<ListedConnection>> {
  const { customer, external } = filters;
  const values: unknown[] = [];
  const $ = (value: unknown) => `$${values.push(value)}`;
  // A plan for one value is better than one for any number of them.
  const among = (given: readonly string[]) => (given.length === 1 ? $(given[0]) : `any(${$(given)})`);
  const isOwn = external === undefined && filters.institutionName === undefined;
  // One customer's are few, and found by the customer.
  const { consent } = filters;
  const isAwaited = consent?.isAwaited === true;
  const each =
    filters.states && isOwn && !customer && !isAwaited ? { column: "c.state", values: filters.states } : undefined;
  const where = [
    customer && `c.home = ${$(customer.home)} and c.customer_id = ${$(customer.id)}`,
    external && `c.home = ${$(external.home)} and u.home = c.home and u.external_id = ${$(external.id)}`,
    filters.institutionId && isInstitution("c.institution_id", $(filters.institutionId)),
    filters.institutionName && `i.name ilike ${$(containing(filters.institutionName))}`,
    filters.states && !each && !isAwaited && `c.state = any(${$(filters.states)})`,
    isAwaited &&
      `(c.state = any(${$(filters.states)})
        or c.consent_products <> '{}' and c.state = any(${$(consent.states)}))`,
    consent?.isAwaited === false && `not (c.consent_products <> '{}' and c.state = any(${$(consent.states)}))`,
    filters.providers && `c.provider = ${among(filters.providers)}`,
    filters.startedFrom !== undefined && `c.started_at >= ${$(stamp(filters.startedFrom))}`,
    filters.startedBefore !== undefined && `c.started_at < ${$(stamp(filters.startedBefore))}`,
    filters.movedFrom !== undefined && `c.state_since >= ${$(stamp(filters.movedFrom))}`,
  ].filter((condition) => typeof condition === "string");
  const list: List<ListedConnection> = {
    select: SELECT,
    from: "connection c",
    joins: JOINS,
    isOwn,
    ...(each && { each }),
    where,
    values,
    order: [{ columns: ["c.started_at", "c.id"], down: true }],
    keyOf: connectionKey,
  };
  return page(sql, list, at, limit);
}

export const connectionKey = (c: Pick<Connection, "startedAt" | "id">) => [stamp(c.startedAt), c.id];

/** A pattern that finds the text anywhere, whatever signs are in it. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
