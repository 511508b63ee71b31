/**
 * Forgets what is old, a batch at a time, so that no statement holds anything for long. These deletes go by time alone
 * and fan out over all homes; nothing waits for them.
 */
import type { Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";

/** Answers how many went; fewer than `most`: there are no more. */
export type Forget = (sql: Sql, before: Instant, most: number) => Promise<number>;

export const forgetInbound: Forget = (sql, before, most) =>
  sql.run(
    `delete from inbound where (home, id) in (
       select home, id from inbound where received_at < $1 order by received_at limit $2)`,
    [stamp(before), most],
  );

export const forgetActivities: Forget = (sql, before, most) =>
  sql.run(
    `delete from activity where (home, id) in (
       select home, id from activity where at < $1 order by at limit $2)`,
    [stamp(before), most],
  );

export const forgetTimeline: Forget = (sql, before, most) =>
  sql.run(
    `delete from timeline where (home, subject, at, id) in (
       select home, subject, at, id from timeline where at < $1 limit $2)`,
    [stamp(before), most],
  );

/**
 * Events go with their deliveries, those first: an endpoint that still waits for one would otherwise wait for ever. The
 * place up to which the feed has forgotten moves before them, so that no reader takes a hole for the whole.
 */
export const forgetEvents: Forget = async (sql, before, most) => {
  const old = await sql.rows<{ home: string; connectionId: string; sequence: string; id: string; position: string }>(
    `select home, connection_id as "connectionId", sequence, id, position from event
      where at < $1 and position is not null order by at limit $2`,
    [stamp(before), most],
  );
  if (old.length === 0) return 0;
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
