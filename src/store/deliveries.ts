/** Deliveries: one row per event and endpoint, and one per try. They lie with the customer whose event it is. */
import type { Door, Instant } from "../core/door.ts";
import type { HeardType } from "../core/events.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp, stampOrNull } from "./database.ts";
import { FED_COLUMNS, FED_JOINS, type FedEvent } from "./feed.ts";
import { mint } from "./home.ts";

export const DELIVERY_STATUSES = ["PENDING", "DELIVERED", "FAILED"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A delivery that is due, with its event. */
export interface Due extends FedEvent {
  dueAt: Instant;
  tries: number;
  reason: string | null;
  /** As it was first sent; null: not yet, or erased with its connection. */
  body: string | null;
}

/**
 * Makes an endpoint's deliveries of what the feed has brought since its cursor. Answers how far that goes: also over
 * places whose events were forgotten, or it would be behind for ever. Called under the profile's lock, with the
 * cursor's move in the same transaction.
 */
export async function fanOut(
  sql: Sql,
  profileId: string,
  cursor: string,
  types: readonly HeardType[],
  most: number,
  now: Instant,
): Promise<string> {
  const row = await sql.row<{ upto: string }>(
    `with head as (
       select position from feed where name = 'events'
     ), next as (
       select home, id, connection_id, position, type from event
        where position > $2 and position <= (select position from head)
        order by position limit $4
     ), made as (
       insert into delivery (home, profile_id, event_id, connection_id, position, status, next_at, made_at)
       select home, $1, id, connection_id, position, 'PENDING', $5, $5 from next
        where $3::text[] = '{}' or type = any($3)
       on conflict (home, profile_id, event_id) do nothing
     )
     select case when count(*) = $4 then max(position)
                 else greatest($2::bigint, (select position from head)) end as upto from next`,
    [profileId, cursor, types, most, stamp(now)],
  );
  return row?.upto ?? cursor;
}

/** The keys are picked before anything is joined to them: of a long backlog only this batch is looked at. */
const due = (picked: string): string => `with picked as (
   select d.home, d.profile_id, d.event_id, d.connection_id, d.position, d.next_at, d.tries, d.reason, d.body
     from delivery d where d.profile_id = $1 and d.status = 'PENDING' ${picked})
 select ${FED_COLUMNS}, d.next_at as "dueAt", d.tries, d.reason, d.body from picked d
  join event e on e.home = d.home and e.connection_id = d.connection_id and e.id = d.event_id ${FED_JOINS}`;

const DUE = `${due(
  "and d.next_at <= $2 and not d.event_id = any($4) order by d.next_at, d.position limit $3",
)} order by d.next_at, d.position`;
const OLDEST = due("order by d.position limit 1");

/** Oldest first within what is due, so that what failed does not hold up what is new. */
export const dueDeliveries = (
  sql: Sql,
  profileId: string,
  now: Instant,
  most: number,
  but: readonly string[],
): Promise<Due[]> => sql.rows(DUE, [profileId, stamp(now), most, but]);

export const oldestPending = (sql: Sql, profileId: string): Promise<Due | null> => sql.row(OLDEST, [profileId]);

/** When the next delivery of an endpoint is due; Infinity: none waits. */
export async function nextDue(sql: Sql, profileId: string): Promise<Instant> {
  const row = await sql.row<{ next: Instant | null }>(
    "select min(next_at) as next from delivery where profile_id = $1 and status = 'PENDING'",
    [profileId],
  );
  return row?.next ?? Infinity;
}

export interface Tried {
  home: Home;
  eventId: string;
  /** As it was due for this try. Asked for again meanwhile, it is due anew, and this try is not the one asked for. */
  dueAt: Instant;
  at: Instant;
  url: string;
  body: string;
  code: number | null;
  /** In the contract's words; null: it was received. */
  reason: string | null;
  /** The same in more words. */
  detail: string | null;
  ms: number;
  answer: string | null;
  /** When it is tried again; null: never. */
  nextAt: Instant | null;
}

/**
 * Many tries of one endpoint's deliveries, and what they made of them: one statement, for it is made often. Each row is
 * found by its key: as a plain condition the status would lead by the index of all that is pending, once per batch.
 * What was forgotten while it was sent is passed by: its rows are locked first, so that none goes in between.
 */
export async function recordTries(sql: Sql, door: Door, profileId: string, tries: readonly Tried[]): Promise<void> {
  const column = <T>(of: (t: Tried) => T): T[] => tries.map(of);
  await sql.run(
    `with kept as materialized (
       select d.home, d.event_id
         from unnest($2::bigint[], $3::text[]) as t (home, event_id)
         join delivery d on d.home = t.home and d.profile_id = $1 and d.event_id = t.event_id
          for key share of d
     ), written as (
       update delivery d set status = t.status, tries = d.tries + 1, next_at = coalesce(t.next_at, d.next_at),
         last_at = t.at, reason = t.reason, body = t.body
        from unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::timestamptz[],
            $8::text[], $15::timestamptz[]) as t (home, event_id, at, status, reason, next_at, body, due_at)
       where d.home = t.home and d.profile_id = $1 and d.event_id = t.event_id
         and (t.home, t.event_id) in (select * from kept)
         and case d.status when 'PENDING' then d.next_at = t.due_at end
     )
     insert into attempt (home, profile_id, event_id, at, id, url, code, reason, ms, answer)
     select home, $1, event_id, at, id, url, code, detail, ms, answer
       from unnest($2::bigint[], $3::text[], $4::timestamptz[], $9::text[], $10::text[], $11::int[], $12::text[],
         $13::int[], $14::text[]) as t (home, event_id, at, id, url, code, detail, ms, answer)
      where (home, event_id) in (select * from kept)`,
    [
      profileId,
      column((t) => t.home),
      column((t) => t.eventId),
      column((t) => stamp(t.at)),
      column(statusAfter),
      column((t) => t.reason),
      column((t) => stampOrNull(t.nextAt)),
      column((t) => t.body),
      column((t) => mint(door, "attempt", t.home)),
      column((t) => t.url),
      column((t) => t.code),
      column((t) => t.detail),
      column((t) => t.ms),
      column((t) => t.answer),
      column((t) => stamp(t.dueAt)),
    ],
  );
}

const statusAfter = ({ reason, nextAt }: Tried): DeliveryStatus =>
  reason === null ? "DELIVERED" : nextAt === null ? "FAILED" : "PENDING";

const AGAIN = "status = 'PENDING', tries = 0, next_at = $2, reason = null";

/** Everything between two times, or one event, whatever became of it. What the cursor has not reached comes anyway. */
export const replayEvents = (
  sql: Sql,
  profileId: string,
  now: Instant,
  which: { from: Instant; to: Instant; types: readonly HeardType[] } | { home: Home; eventId: string },
): Promise<number> => {
  const isOne = "eventId" in which;
  const where = isOne
    ? "e.home = $3 and e.id = $4"
    : "e.at >= $3 and e.at <= $4 and ($5::text[] = '{}' or e.type = any($5))";
  return sql.run(
    `insert into delivery as d (home, profile_id, event_id, connection_id, position, status, next_at, made_at)
     select e.home, w.id, e.id, e.connection_id, e.position, 'PENDING', $2, $2
       from event e, webhook_profile w where w.id = $1 and e.position <= w.cursor and ${where}
     on conflict (home, profile_id, event_id) do update set ${AGAIN}`,
    [
      profileId,
      stamp(now),
      ...(isOne ? [which.home, which.eventId] : [stamp(which.from), stamp(which.to), which.types]),
    ],
  );
};

/** What was given up, and what has failed and waits for its next try. */
export const replayFailed = (sql: Sql, profileId: string, now: Instant, since: Instant): Promise<number> =>
  sql.run(
    `update delivery set ${AGAIN} where profile_id = $1 and last_at >= $3
      and (status = 'FAILED' or status = 'PENDING' and reason is not null)`,
    [profileId, stamp(now), stamp(since)],
  );

/** What was sent and answered goes with the connection; that it was stays. What is pending still goes out whole. */
export async function eraseDeliveryBodies(sql: Sql, home: Home, connectionId: string): Promise<void> {
  await sql.run(
    `update attempt a set answer = null from delivery d
      where d.home = $1 and d.connection_id = $2 and a.home = d.home and a.profile_id = d.profile_id
        and a.event_id = d.event_id`,
    [home, connectionId],
  );
  await sql.run("update delivery set body = null where home = $1 and connection_id = $2", [home, connectionId]);
}
