/**
 * The deployment's feed: all events in one order, given out after their commit.
 *
 * A change commits its event without a place, since the order of beginning is not that of committing: a reader who had
 * seen the later one would never ask for the earlier. Whoever holds the feed's row places what has been committed, in a
 * transaction of its own, and publishes it in the next; readers look no further than what is published. So everything
 * that a reader may see is there before it may, also where the rows are on many machines.
 */
import type { Instant } from "../core/door.ts";
import type { EventType, HeardType } from "../core/events.ts";
import type { Home } from "../core/ids.ts";
import { type Database, type Sql } from "./database.ts";

/** An event with what its telling needs to know of its connection. */
export interface FedEvent {
  home: Home;
  id: string;
  connectionId: string;
  sequence: string;
  /** In the feed; null until it is placed. */
  position: string | null;
  type: EventType;
  at: Instant;
  payload: Record<string, unknown>;
  customerId: string;
  externalCustomerId: string | null;
  institutionId: string | null;
  institutionName: string | null;
  provider: string | null;
  /** The provider's own id of the connection. */
  ref: string | null;
}

export const FED_COLUMNS = `e.home, e.id, e.connection_id as "connectionId", e.sequence, e.position, e.type, e.at,
  e.payload, c.customer_id as "customerId", u.external_id as "externalCustomerId", c.institution_id as "institutionId",
  i.name as "institutionName", c.provider, p.ref`;

export const FED_JOINS = `join connection c on c.home = e.home and c.id = e.connection_id
  join customer u on u.home = c.home and u.id = c.customer_id
  left join institution i on i.id = c.institution_id
  left join provider_connection p on p.home = c.home and p.id = c.provider_connection_id`;

/** Is there anything to place or to publish? Asked at every turn, and almost always answered with no. */
export async function isBehind(sql: Sql): Promise<boolean> {
  const row = await sql.row<{ behind: boolean }>(
    `select exists (select from event where position is null)
         or exists (select from event e, feed f where f.name = 'events' and e.position > f.position) as behind`,
  );
  return row?.behind ?? false;
}

/** Gives places to up to about `most` events. Answers up to where there are places, or null: another is at it. */
export function placeEvents(db: Database, most: number): Promise<bigint | null> {
  return db.tx("place events", async (sql) => {
    const feed = await sql.row<{ position: string }>(
      "select position from feed where name = 'events' for update skip locked",
    );
    if (!feed) return null;
    const left = await sql.row<{ last: string | null }>("select max(position) as last from event where position > $1", [
      feed.position,
    ]);
    // Placed by one that died before it could publish.
    if (left?.last) return BigInt(left.last);
    // Of a connection nothing is placed before what came earlier, whatever the clocks said.
    const placed = await sql.run(
      `with picked as (
         select home, connection_id, sequence from event where position is null order by at limit $2
       ), upto as (
         select home, connection_id, max(sequence) as last from picked group by 1, 2
       ), batch as (
         select e.home, e.connection_id, e.sequence,
                max(e.at) over (partition by e.home, e.connection_id order by e.sequence) as at
           from upto join event e on e.home = upto.home and e.connection_id = upto.connection_id
                                 and e.sequence <= upto.last
          where e.position is null
       ), places as (
         select home, connection_id, sequence, row_number() over (order by at, home, connection_id, sequence) as place
           from batch
       )
       update event e set position = $1::bigint + places.place from places
        where e.home = places.home and e.connection_id = places.connection_id and e.sequence = places.sequence`,
      [feed.position, most],
    );
    return BigInt(feed.position) + BigInt(placed);
  });
}

export const publish = (sql: Sql, upto: bigint): Promise<number> =>
  sql.run("update feed set position = $1 where name = 'events' and position < $1", [String(upto)]);

export async function headOf(sql: Sql): Promise<string> {
  const row = await sql.row<{ position: string }>("select position from feed where name = 'events'");
  return row?.position ?? "0";
}

/** Up to here events were forgotten, being old: who stands before it has missed some. */
export async function forgottenUpTo(sql: Sql): Promise<string> {
  const row = await sql.row<{ position: string }>("select position from feed where name = 'forgotten'");
  return row?.position ?? "0";
}

/** The kinds of event between two places. */
export async function typesBetween(sql: Sql, after: string, upto: bigint): Promise<EventType[]> {
  const rows = await sql.rows<{ type: EventType }>(
    "select distinct type from event where position > $1 and position <= $2",
    [after, String(upto)],
  );
  return rows.map(({ type }) => type);
}

export const readFeed = (
  sql: Sql,
  after: string,
  upto: string,
  types: readonly HeardType[] | null,
  most: number,
): Promise<FedEvent[]> =>
  sql.rows(
    `select ${FED_COLUMNS} from event e ${FED_JOINS}
      where e.position > $1 and e.position <= $2 and ($3::text[] is null or e.type = any($3))
      order by e.position limit $4`,
    [after, upto, types, most],
  );

export const getEvent = (sql: Sql, home: Home, id: string): Promise<FedEvent | null> =>
  sql.row(`select ${FED_COLUMNS} from event e ${FED_JOINS} where e.home = $1 and e.id = $2`, [home, id]);
