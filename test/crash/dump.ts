/** What a life left behind, without the ids and times that no two lives share. */
import type pg from "pg";

export async function dump(pool: pg.Pool): Promise<Record<string, unknown>> {
  const rows = async (text: string) => (await pool.query({ text, rowMode: "array" })).rows as unknown[][];
  return {
    connections: await rows(`
      select u.external_id, c.state, c.deleted_at is not null, c.products, p.ref, p.closed_at is not null,
             p.credential is not null, p.cursor, p.cursor = p.cursor_base, p.running is null
        from connection c join customer u using (home)
        left join provider_connection p on p.home = c.home and p.id = c.provider_connection_id
       where u.id = c.customer_id order by u.external_id, c.started_at, c.finished_at`),
    accounts: await rows(`
      select u.external_id, a.ref, a.name, a.mask, a.current_amount::text, a.available_amount::text,
             a.sealed_identifiers is not null,
             a.owners, a.left_at is not null
        from account a join customer u using (home) order by u.external_id, a.ref`),
    transactions: await rows(`
      select u.external_id, t.ref, t.pending_ref, t.amount::text, t.status, t.description, t.transaction_date::text,
             t.posted_date::text, t.removed_at is not null
        from transaction t join customer u using (home) order by u.external_id, t.ref`),
    events: await rows(`
      select u.external_id, e.sequence, e.type,
             regexp_replace(e.payload::text, '(con|acc|txn)_[1-9A-HJ-NP-Za-km-z]{22}', '\\1', 'g')
        from event e join connection c on c.home = e.home and c.id = e.connection_id
        join customer u on u.home = c.home and u.id = c.customer_id
       order by u.external_id, c.started_at, c.finished_at, e.sequence`),
    deliveries: await rows(`
      select u.external_id, d.status, count(*)::int from delivery d join connection c
          on c.home = d.home and c.id = d.connection_id
        join customer u on u.home = c.home and u.id = c.customer_id group by 1, 2 order by 1, 2`),
    unplaced: await rows("select id from event where position is null"),
    refreshes: await rows(`
      select r.outcome, r.from_cache, r.products, jsonb_array_length(r.parts) from refresh r
       order by r.requested_at, r.request_id`),
    tasks: await rows("select kind, run_at = 'infinity' as asleep, lease_until = '-infinity' from task order by 1, 2"),
    hooks: await rows(`
      select u.external_id, t.detail ->> 'code' from timeline t
        join provider_connection p on p.home = t.home and p.id = t.subject
        join customer u on u.home = p.home and u.id = p.customer_id where t.kind = 'webhook' order by 1, 2`),
    inbound: await rows("select kind, ref, verified, outcome, raw is not null from inbound order by id"),
    signposts: await rows("select ref, cardinality(entries), closing_at is null from signpost order by ref"),
    sessions: await rows(
      "select kind, finished_at is not null, failure is not null from session order by started_at, kind",
    ),
    states: await rows(`
      select u.external_id, t.detail - 'cause' from timeline t join connection c on c.home = t.home and c.id = t.subject
        join customer u on u.home = c.home and u.id = c.customer_id
       where t.kind = 'state' order by u.external_id, c.started_at, t.at, t.id`),
  };
}
