/**
 * What must never be, and what must be in the end. A row of the first table is a statement that answers what breaks it,
 * asked after every commit; `$1` is the simulated time. The second table is asked when nothing has gone wrong for long.
 */
export interface Invariant {
  name: string;
  means: string;
  /** Answers one column, `detail`, of each thing that breaks it. */
  broken: string;
}

/** Of the lives that the demo plays backwards, the first events are older than any that is kept. */
const KEPT = "c.started_at > $1::timestamptz - interval '29 days'";

export const ALWAYS: readonly Invariant[] = [
  {
    name: "events are counted without a gap",
    means: "A connection's sequence is the number of its events, and the greatest of their numbers.",
    broken: `select c.id as detail from connection c left join lateral (
        select count(*) as told, coalesce(max(sequence), 0) as last from event e
         where e.home = c.home and e.connection_id = c.id) e on true
      where ${KEPT} and (e.told <> c.sequence or e.last <> c.sequence)`,
  },
  {
    name: "the feed has no hole",
    means: "Places in the feed are given in order, one each, none left out but what was forgotten, being old.",
    broken: `select min(position)::text as detail from event
      where position > (select position from feed where name = 'forgotten')
      having count(distinct position) <> count(*) or max(position) - min(position) + 1 <> count(*)
          or max(position) <> (select position from feed where name = 'events') and
             max(position) < (select position from feed where name = 'events')`,
  },
  {
    name: "a change of state is one event, and the columns are the last one's",
    means: "Status-change events chain without a break from IN_PROGRESS to the connection's own columns.",
    broken: `select c.id as detail from connection c left join lateral (
        select payload ->> 'newStatus' as status, coalesce(payload ->> 'newStatusReason', '') as reason,
               payload ->> 'oldStatus' as old_status, coalesce(payload ->> 'oldStatusReason', '') as old_reason,
               lag(payload ->> 'newStatus', 1, 'IN_PROGRESS') over told as before_status,
               coalesce(lag(payload ->> 'newStatusReason') over told, '') as before_reason,
               row_number() over (order by sequence desc) as back
          from event e where e.home = c.home and e.connection_id = c.id
           and e.type = 'BANK_LINKING_CONNECTION_STATUS_CHANGE' window told as (order by sequence)) e on true
      where ${KEPT} and (coalesce(e.back, 1) = 1 and (coalesce(e.status, 'IN_PROGRESS'), coalesce(e.reason, ''))
              <> (c.status, coalesce(c.reason, ''))
         or (e.before_status, e.before_reason) <> (e.old_status, e.old_reason)
         or (e.status, e.reason) = (e.old_status, e.old_reason))`,
  },
  {
    name: "EXPIRED and DELETED are never left",
    means: "No status-change event begins in a terminal state.",
    broken: `select id as detail from event where type = 'BANK_LINKING_CONNECTION_STATUS_CHANGE'
       and payload ->> 'oldStatus' in ('EXPIRED', 'DELETED')`,
  },
  {
    name: "a finish that began in time keeps expiry off",
    means: "Nothing expires within half an hour of a hold.",
    broken: `select id as detail from connection where status = 'EXPIRED'
      and state_since < held_at + interval '30 minutes'`,
  },
  {
    name: "of a deleted connection nothing is left but its tombstone",
    means: "No account, entry, credential, health, refresh or line of the timeline outlives the last claim.",
    broken: `select p.id || ' has ' || left_over as detail from provider_connection p join lateral (
        select 'accounts' as left_over from account a where a.home = p.home and a.provider_connection_id = p.id
        union all select 'a cursor' where p.cursor is not null or p.cursor_base is not null
        union all select 'a run' where p.running is not null
        union all select 'a timeline' from timeline t where t.home = p.home and t.subject = p.id
        union all select 'a task' from task t where t.home = p.home and t.subject = p.id and t.kind <> 'revoke'
        union all select 'a credential' where p.credential is not null and not exists (
          select from task t where t.home = p.home and t.subject = p.id and t.kind = 'revoke')) l on true
      where p.closed_at is not null
      union all
      select c.id || ' has ' || l.left_over from connection c join lateral (
        select 'refreshes' as left_over from refresh r where r.home = c.home and r.connection_id = c.id
        union all select 'a timeline' from timeline t where t.home = c.home and t.subject = c.id
           and t.kind not in ('state')) l on true
      where c.deleted_at is not null`,
  },
  {
    name: "who holds no claim is closed",
    means: "A provider connection is open exactly as long as a live claim is on it.",
    broken: `select p.id as detail from provider_connection p where (p.closed_at is null) <> exists (
      select from connection c where c.home = p.home and c.provider_connection_id = p.id
         and c.deleted_at is null and c.finished_at is not null)`,
  },
  {
    name: "one claim is kept, all others are duplicates",
    means: "Of the live claims on a provider connection exactly one is not INACTIVE_DUPLICATE.",
    broken: `select provider_connection_id as detail from connection
      where deleted_at is null and finished_at is not null group by home, provider_connection_id
      having count(*) filter (where reason is distinct from 'INACTIVE_DUPLICATE') <> 1`,
  },
  {
    name: "nothing that lives is forgotten",
    means: "Every open provider connection is in hand or due at some time, and what was asked for is due at once.",
    broken: `select p.id as detail from provider_connection p where p.closed_at is null and not exists (
        select from task t where t.home = p.home and t.subject = p.id and t.kind in ('aggregate', 'probe')
           and (t.run_at < 'infinity' or t.lease_until > '-infinity'))
      union all
      select r.id from refresh r join provider_connection p on p.home = r.home and p.id = r.provider_connection_id
      where r.finished_at is null and not exists (
        select from task t where t.home = r.home and t.subject = r.provider_connection_id and t.kind = 'aggregate'
           and (t.run_at <= greatest($1::timestamptz, r.requested_at, p.next_refresh_allowed_at) + interval '5 minutes'
             or t.lease_until > '-infinity'))`,
  },
  {
    name: "what has to be delivered has its hour",
    means: "An endpoint with deliveries that wait is in hand, or due no later than the first of them or its pause.",
    broken: `select concat_ws(' ', w.id, t.run_at, d.first, w.paused_until, w.failures) as detail
        from webhook_profile w join task t on t.subject = w.id and t.kind = 'deliver'
        join lateral (select min(d.next_at) as first from delivery d
          where d.profile_id = w.id and d.status = 'PENDING') d on d.first is not null
      where w.status = 'ACTIVE' and t.lease_until = '-infinity'
        and t.run_at > greatest(d.first, w.paused_until, $1::timestamptz) + interval '1 second'`,
  },
  {
    name: "one login is one provider connection",
    means:
      "A customer has one open provider connection per reference of the provider, and a signpost that leads to it.",
    broken: `select p.id as detail from provider_connection p where p.closed_at is null and not exists (
      select from signpost s where s.provider = p.provider and s.ref = p.ref and p.id = any(s.entries)
         and s.closing_at is null)`,
  },
  {
    name: "a finished link was counted on",
    means: "A connection that is finished, and not deleted, holds a provider connection of its own customer.",
    broken: `select c.id as detail from connection c left join provider_connection p
        on p.home = c.home and p.id = c.provider_connection_id
      where c.finished_at is not null and c.deleted_at is null and (p.id is null or p.customer_id <> c.customer_id)`,
  },
];

/** As true at every step, and too dear to be asked so often. */
export const NOW_AND_THEN: readonly Invariant[] = [
  {
    name: "no account and no entry is there twice",
    means: "A purchase has one row, pending and booked being the same one.",
    broken: `select min(t.id) as detail from transaction t where t.removed_at is null
      group by t.home, t.account_id, left(t.ref, 19) having count(*) > 1`,
  },
];

export const AT_LAST: readonly Invariant[] = [
  {
    name: "every event found its place and was delivered",
    means: "None waits, none was given up, while the endpoint is on.",
    broken: `select id as detail from event where position is null
      union all select d.event_id || ' ' || d.status from delivery d join webhook_profile w on w.id = d.profile_id
       where d.status <> 'DELIVERED' and w.disabled_because is distinct from 'OPERATOR'`,
  },
  {
    name: "no refresh runs for ever",
    means: "Each has an outcome.",
    broken: "select id as detail from refresh where finished_at is null",
  },
  {
    name: "nothing stays in hand",
    means: "No lease is older than a lease, and no run is begun and not ended.",
    broken: `select subject || ' ' || kind as detail from task where lease_until > '-infinity'
         and lease_until < $1::timestamptz - interval '1 minute'
      union all select id from provider_connection where running is not null
         and (running ->> 'at')::numeric < extract(epoch from $1::timestamptz) * 1000 - 60000`,
  },
  {
    name: "nothing waits to be revoked",
    means: "The banks answer, so every credential of a deleted connection is destroyed.",
    broken: `select id as detail from provider_connection where closed_at is not null and credential is not null
      union all select provider || ' ' || ref from signpost where closing_at is not null`,
  },
  {
    name: "nothing that was received waits to be heard",
    means: "Every webhook that was kept is settled.",
    broken: "select id as detail from inbound where outcome = 'WAITING'",
  },
];

/** One statement for all of them, so that a step costs one question. `$1` is taken whether or not a row uses it. */
export const oneStatement = (of: readonly Invariant[]): string =>
  `select * from (${each(of)}) as broken where $1::timestamptz is not null`;

const each = (of: readonly Invariant[]): string =>
  of
    .map(({ name, broken }) => `select '${name.replaceAll("'", "''")}' as name, detail::text from (${broken}) as one`)
    .join("\nunion all\n");
