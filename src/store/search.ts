/** Finds connections by anything that names them. By an id of ours it asks one shard; by other people's ids, all. */
import type { Home } from "../core/ids.ts";
import type { State } from "../core/status/table.ts";
import type { Sql } from "./database.ts";
import { isInstitution } from "./institutions.ts";

export interface Hit {
  id: string;
  state: State;
  institutionName: string | null;
  externalCustomerId: string | null;
}

const SELECT = `select c.id, c.state, i.name as "institutionName", u.external_id as "externalCustomerId"
  from connection c join customer u on u.home = c.home and u.id = c.customer_id
  left join institution i on i.id = c.institution_id`;
const ORDER = "order by c.deleted_at is not null, c.started_at desc, c.id desc limit";

export const hitsByIds = (sql: Sql, home: Home, ids: readonly string[], most: number): Promise<Hit[]> =>
  sql.rows(`${SELECT} where c.home = $1 and c.id = any($2) ${ORDER} $3`, [home, ids, most]);

export const hitsByLogins = (sql: Sql, home: Home, ids: readonly string[], most: number): Promise<Hit[]> =>
  sql.rows(`${SELECT} where c.home = $1 and c.provider_connection_id = any($2) ${ORDER} $3`, [home, ids, most]);

export const hitsByCustomer = (sql: Sql, home: Home, id: string, most: number): Promise<Hit[]> =>
  sql.rows(`${SELECT} where c.home = $1 and (u.id = $2 or u.external_id = $2) ${ORDER} $3`, [home, id, most]);

/** At this bank, the newest first: it has no home, and so every shard is asked. */
export const hitsByInstitution = (sql: Sql, id: string, most: number): Promise<Hit[]> =>
  sql.rows(`${SELECT} where ${isInstitution("c.institution_id", "$1")} ${ORDER} $2`, [id, most]);

/** A row of one of these tables, by its id: the connection or the login that it belongs to. */
const BELONGS = {
  account: "select provider_connection_id as login, null as connection from account where home = $1 and id = $2",
  transaction: `select a.provider_connection_id as login, null as connection from transaction t
    join account a on a.home = t.home and a.id = t.account_id where t.home = $1 and t.id = $2`,
  holding: `select a.provider_connection_id as login, null as connection from holding h
    join account a on a.home = h.home and a.id = h.account_id where h.home = $1 and h.id = $2`,
  investmentTransaction: `select a.provider_connection_id as login, null as connection from investment_transaction t
    join account a on a.home = t.home and a.id = t.account_id where t.home = $1 and t.id = $2`,
  activity: `select provider_connection_id as login, connection_id as connection from activity
    where home = $1 and id = $2`,
  refresh: "select null as login, connection_id as connection from refresh where home = $1 and id = $2",
  session: "select null as login, connection_id as connection from session where home = $1 and id = $2",
  event: "select null as login, connection_id as connection from event where home = $1 and id = $2",
  attempt: `select null as login, d.connection_id as connection from attempt a join delivery d
    on d.home = a.home and d.profile_id = a.profile_id and d.event_id = a.event_id where a.home = $1 and a.id = $2`,
  entry: "select subject as login, subject as connection from timeline where home = $1 and id = $2",
  run: `select subject as login, null as connection from timeline
    where home = $1 and kind = 'observation' and detail ->> 'run' = $2`,
} as const;

export type Belonging = keyof typeof BELONGS;
export const belongs = (kind: string): kind is Belonging => Object.hasOwn(BELONGS, kind);

export async function hitsByPart(sql: Sql, kind: Belonging, home: Home, id: string, most: number): Promise<Hit[]> {
  const row = await sql.row<{ login: string | null; connection: string | null }>(BELONGS[kind], [home, id]);
  if (!row) return [];
  const { login, connection } = row;
  return [
    ...(connection === null ? [] : await hitsByIds(sql, home, [connection], most)),
    ...(login === null ? [] : await hitsByLogins(sql, home, [login], most)),
  ];
}

/** A request of a caller of ours that asked for a refresh, or of the provider's that a run met trouble with. */
export async function hitsByRequest(sql: Sql, requestId: string, most: number): Promise<Hit[]> {
  const found = await sql.rows<{ home: Home; id: string }>(
    `(select home, connection_id as id from refresh where request_id = $1 limit $2)
     union
     (select c.home, c.id from timeline l
        join connection c on c.home = l.home and (c.provider_connection_id = l.subject or c.id = l.subject)
       where jsonb_path_exists(l.detail, '$.troubles[*].raw.requestId')
         and jsonb_path_query_array(l.detail, '$.troubles[*].raw.requestId') @> jsonb_build_array($1::text)
       limit $2)`,
    [requestId, most],
  );
  const pages = await Promise.all(found.map(({ home, id }) => hitsByIds(sql, home, [id], 1)));
  return pages.flat();
}
