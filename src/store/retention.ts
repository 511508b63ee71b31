/**
 * Forgets what is old, a batch at a time, so that no statement holds anything for long. These deletes go by time alone
 * and fan out over all homes; nothing waits for them.
 */
import type { Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";

/** Answers how many went; fewer than `most`: there are no more. */
export type Forget = (sql: Sql, before: Instant, most: number) => Promise<number>;

/** Where a row's own time decides, and nothing hangs on it. `from`: the column that says since when it is there. */
const byAge =
  (table: string, key: string, from: string, cast = ""): Forget =>
  (sql, before, most) =>
    sql.run(
      `delete from ${table} where (${key}) in (
         select ${key} from ${table} where ${from} < $1::timestamptz${cast} order by ${from} limit $2)`,
      [stamp(before), most],
    );

export const forgetInbound = byAge("inbound", "home, id", "received_at");
export const forgetActivities = byAge("activity", "home, id", "at");
export const forgetTimeline = byAge("timeline", "home, subject, at, id", "at");
/** Whoever repeats a request after that long means a new one. */
export const forgetIdempotencyKeys = byAge("idempotency", "home, key_hash", "created_at");
/** With the key under which they were made. */
export const forgetProcessorTokens = byAge("processor_token", "home, id", "tried_at");
export const forgetCallCounts = byAge("call_count", "home, provider_connection_id, verb, day", "day", "::date");
export const forgetRefreshes = byAge("refresh", "home, id", "finished_at");

/** A session is over hours after its start; what came of it is in the timeline. */
export const forgetSessions: Forget = (sql, before, most) =>
  sql.run(
    `delete from session where (home, id) in (
       select s.home, s.id from session s where s.expires_at < $1
          and not exists (select from task t
            where t.home = s.home and t.subject = s.connection_id and t.kind = 'finish')
        limit $2)`,
    [stamp(before), most],
  );

/** What stood for a deleted connection; afterwards nobody knows its id. */
export const forgetTombstones: Forget = (sql, before, most) =>
  sql.run(
    `with gone as (select home, id from connection where deleted_at < $1 order by deleted_at limit $2),
       asked as (delete from refresh r using gone g where r.home = g.home and r.connection_id = g.id),
       begun as (delete from session s using gone g where s.home = g.home and s.connection_id = g.id)
     delete from connection c using gone g where c.home = g.home and c.id = g.id`,
    [stamp(before), most],
  );

/** Whose access is ended, and whom no tombstone names any more. */
export const forgetClosedLogins: Forget = (sql, before, most) =>
  sql.run(
    `delete from provider_connection where (home, id) in (
       select p.home, p.id from provider_connection p where p.closed_at < $1 and p.credential is null
          and not exists (select from connection c where c.home = p.home and c.provider_connection_id = p.id)
          and not exists (select from account a where a.home = p.home and a.provider_connection_id = p.id)
        limit $2)`,
    [stamp(before), most],
  );

export const forgetDeletedCustomers: Forget = (sql, before, most) =>
  sql.run(
    `delete from customer where (home, id) in (
       select u.home, u.id from customer u where u.deleted_at < $1
          and not exists (select from connection c where c.home = u.home and c.customer_id = u.id)
          and not exists (select from provider_connection p where p.home = u.home and p.customer_id = u.id)
        limit $2)`,
    [stamp(before), most],
  );

/**
 * Events go with their deliveries, those first: an endpoint that still waits for one would otherwise wait for ever. The
 * place up to which the feed has forgotten moves before them, so that no reader takes a hole for the whole. Endpoints
 * stand still meanwhile: a delivery made between the two would be of nothing, and its lane turn around it for ever.
 */
export const forgetEvents: Forget = async (sql, before, most) => {
  const old = await sql.rows<{ home: string; connectionId: string; sequence: string; id: string; position: string }>(
    `select home, connection_id as "connectionId", sequence, id, position from event
      where at < $1 and position is not null order by at limit $2`,
    [stamp(before), most],
  );
  if (old.length === 0) return 0;
  await sql.rows("select id from webhook_profile order by id for update");
  const highest = old.map(({ position }) => BigInt(position)).reduce((a, b) => (a > b ? a : b));
  await sql.run("update feed set position = $1 where name = 'forgotten' and position < $1", [String(highest)]);
  const homes = old.map(({ home }) => home);
  await sql.run(
    `delete from delivery d using unnest($1::bigint[], $2::text[]) as o (home, id)
      where d.home = o.home and d.event_id = o.id`,
    [homes, old.map(({ id }) => id)],
  );
  await sql.run(
    `delete from event e using unnest($1::bigint[], $2::text[], $3::bigint[]) as o (home, connection_id, sequence)
      where e.home = o.home and e.connection_id = o.connection_id and e.sequence = o.sequence`,
    [homes, old.map(({ connectionId }) => connectionId), old.map(({ sequence }) => sequence)],
  );
  return old.length;
};
