/** When all is calm again: what was told is so, once each, and what the gateway has is what the banks have. */
import type pg from "pg";
import { inboundId } from "../../src/store/inbound.ts";
import type { Outside } from "../fleet/outside.ts";
import { ALWAYS, AT_LAST, NOW_AND_THEN, oneStatement } from "../simulation/invariants.ts";
import type { Told } from "./people.ts";
import { compare, LOGINS, type Login } from "./truth.ts";

export interface Verdict {
  /** What is not as it was told, a sentence each. */
  bad: string[];
  /** What was held against what: so that nothing is judged by having looked at nothing. */
  checked: Record<string, number>;
}

export interface Evidence {
  outside: Outside;
  told: Told;
  /** How often each event was taken, by the endpoint's path. */
  received: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** What is not yet as it will be when all is done; empty: it is calm. */
export const RESTLESS = `
  select 'events without a place' as what, count(*) from event where position is null
  union all select 'deliveries that wait', count(*) from delivery where status = 'PENDING'
  union all select 'endpoints that lag', count(*) from webhook_profile w, feed f
    where f.name = 'events' and w.cursor < f.position and w.status = 'ACTIVE'
  union all select 'webhooks that wait', count(*) from inbound where outcome = 'WAITING'
  union all select 'refreshes that run', count(*) from refresh where finished_at is null
  union all select 'tasks in hand', count(*) from task where lease_until > clock_timestamp()
  union all select 'leases of the dead', count(*) from task
    where lease_until <= clock_timestamp() and lease_until > '-infinity'
  union all select 'credentials to revoke', count(*) from provider_connection
    where closed_at is not null and credential is not null
  union all select 'connections that are not well', count(*) from connection
    where status <> 'ACTIVE' and deleted_at is null and reason is distinct from 'INACTIVE_DUPLICATE'`;

export async function restless(sql: pg.Pool): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ what: string; count: string }>(RESTLESS);
  return new Map(rows.flatMap(({ what, count }) => (Number(count) > 0 ? [[what, Number(count)] as const] : [])));
}

export async function judge({ outside, told, received }: Evidence): Promise<Verdict> {
  const { sql } = outside;
  const bad: string[] = [];
  const checked: Record<string, number> = {};
  const each = async (what: string, of: Iterable<unknown>, query: string, values: unknown[]): Promise<void> => {
    checked[what] = [...of].length;
    const { rows } = await sql.query<{ detail: string }>(query, values);
    bad.push(...rows.map(({ detail }) => `${what}: ${detail}`));
  };

  for (const [what, count] of await restless(sql)) bad.push(`still restless: ${count} ${what}`);
  const links = [...told.linked];
  await each(
    "links acknowledged",
    links,
    `select a.customer || ' is not there as ' || a.id as detail
       from unnest($1::text[], $2::text[]) as a (customer, id)
       left join customer u on u.external_id = a.customer
       left join connection c on c.id = a.id and c.customer_id = u.id and c.finished_at is not null
      where c.id is null
     union all
     select u.external_id || ' has ' || count(*) || ' connections' from connection c
       join customer u on u.home = c.home and u.id = c.customer_id
      where not c.id = any($3) and c.id not in (select subject from timeline where detail ->> 'act' = 'sandbox twin')
      group by u.external_id having count(*) <> 1
     union all
     select external_id || ' is ' || count(*) || ' customers' from customer group by external_id having count(*) <> 1`,
    [links.map(([customer]) => customer), links.map(([, id]) => id), [...told.twins]],
  );
  await each(
    "deletes acknowledged",
    told.deleted,
    `select id || ' is ' || status as detail from connection
      where (id = any($1)) <> (deleted_at is not null) and not id = any($2)
        and id not in (select subject from timeline where detail ->> 'act' = 'sandbox twin')`,
    [[...told.deleted], [...told.twins]],
  );
  const refreshes = [...told.refreshed].filter(([, id]) => !told.deleted.has(id)).map(([id]) => id);
  await each(
    "refreshes acknowledged",
    refreshes,
    `select id || ' is not there, or runs' as detail from unnest($1::text[]) as a (id)
      where not exists (
        select from refresh r where r.id = a.id and r.finished_at is not null and r.outcome is not null)`,
    [refreshes],
  );
  const profiles = [...told.profiles];
  await each(
    "endpoints acknowledged",
    profiles,
    `select a.name || ' is there ' || count(w.id) || ' times' as detail
       from unnest($1::text[], $2::text[]) as a (name, id)
       left join webhook_profile w on w.name = a.name and w.status = 'ACTIVE'
      group by a.name, a.id having count(w.id) <> 1 or min(w.id) <> a.id`,
    [profiles.map(([name]) => name), profiles.map(([, id]) => id)],
  );
  const letters = [...outside.post.taken].map((letter) => inboundId(outside.salt, "SANDBOX", letter));
  await each(
    "banks' webhooks acknowledged",
    letters,
    `select a.id || ' was not kept' as detail from unnest($1::text[]) as a (id)
      where not exists (select from inbound i where i.id = a.id and i.verified)`,
    [letters],
  );
  const rules = [...ALWAYS, ...NOW_AND_THEN, ...AT_LAST];
  await each(
    "rules of the store",
    rules,
    `select name || ': ' || detail as detail from (${oneStatement(rules)}) as all_of_them
      where $1::timestamptz is not null`,
    [new Date().toISOString()],
  );
  await delivered({ outside, told, received }, bad, checked);
  const { rows: logins } = await sql.query<Login>(LOGINS);
  let rows = 0;
  for (const login of logins) {
    const found = await compare(sql, login, await outside.line(login.ref));
    bad.push(...found.bad);
    rows += found.rows;
  }
  checked["logins compared with their banks"] = logins.length;
  checked["rows compared with their banks"] = rows;
  return { bad, checked };
}

/** Each event was taken by each endpoint that was there before it; what was delivered was taken. */
async function delivered({ outside, told, received }: Evidence, bad: string[], checked: Verdict["checked"]) {
  const { rows } = await outside.sql.query<{ name: string; id: string }>(
    `select w.name, e.id from event e, webhook_profile w where e.at > w.created_at + interval '1 second'
     union select w.name, d.event_id from delivery d join webhook_profile w on w.id = d.profile_id
      where d.status = 'DELIVERED'`,
  );
  const lost = rows.filter(({ name, id }) => !received.get(`/hooks/${name}`)?.has(id));
  bad.push(...lost.map(({ name, id }) => `deliveries: ${id} never came to ${name}`));
  checked["deliveries"] = rows.length;
  if (![...told.profiles.keys()].every((name) => rows.some((row) => row.name === name)))
    bad.push("deliveries: an endpoint has none");
}
