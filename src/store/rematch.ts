/**
 * Transactions of an earlier link, told again by the one that took its place under other ids.
 *
 * Each is joined to one that the new history tells of the same account, day, amount and description, one to one: of two
 * equal purchases before and two now each finds one, and stays two. A pending one is joined to what it was posted as.
 * What the new history reaches back over and does not tell is not there any more.
 */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";
import type { Changed, Incoming } from "./transactions.ts";

/** Those of the provider connection's accounts that have any transaction of an earlier link. */
export async function accountsToRematch(sql: Sql, home: Home, providerConnectionId: string): Promise<string[]> {
  const rows = await sql.rows<{ id: string }>(
    `select id from account a where home = $1 and provider_connection_id = $2 and exists (
       select 1 from transaction t where t.home = $1 and t.account_id = a.id and t.earlier and t.removed_at is null)`,
    [home, providerConnectionId],
  );
  return rows.map(({ id }) => id);
}

/** Before a page is saved: the rows that it tells again take over its ids, and so are found by them. */
export async function joinEarlier(sql: Sql, home: Home, page: readonly Incoming[]): Promise<void> {
  const rows = JSON.stringify(
    page.map(({ accountId, fact }) => ({
      account_id: accountId,
      ref: fact.ref,
      pending_ref: fact.pendingRef ?? null,
      amount: fact.amount,
      currency: fact.currency,
      description: fact.description,
      status: fact.status,
      transaction_date: fact.transactionDate,
    })),
  );
  // Where ids outlive a link, they say it themselves.
  await sql.run(
    `update transaction t set earlier = false from jsonb_to_recordset($2) as n (account_id text, ref text)
      where t.home = $1 and t.account_id = n.account_id and t.ref = n.ref and t.earlier`,
    [home, rows],
  );
  const alike = "account_id, transaction_date, amount, currency, description";
  await sql.run(
    `with page as (
       select * from jsonb_to_recordset($2) as n (account_id text, ref text, pending_ref text, amount numeric,
              currency text, description text, status text, transaction_date date)
     ), told as (
       select n.*, row_number() over (partition by ${alike} order by n.status desc, n.ref) as turn from page n
        where not exists (select 1 from page p where p.account_id = n.account_id and p.pending_ref = n.ref)
          and not exists (
            select 1 from transaction x where x.home = $1 and x.account_id = n.account_id
               and (x.ref in (n.ref, n.pending_ref) or x.pending_ref = n.ref))
     ), kept as (
       select t.id, t.account_id, t.transaction_date, t.amount, t.currency, t.description,
              row_number() over (partition by ${alike} order by t.status desc, t.id) as turn
         from transaction t
        where t.home = $1 and t.earlier and t.removed_at is null
          and t.account_id in (select account_id from told)
          and t.transaction_date in (select transaction_date from told)
     )
     update transaction t set ref = told.ref, pending_ref = told.pending_ref, earlier = false
       from told join kept using (${alike}, turn)
      where t.home = $1 and t.id = kept.id`,
    [home, rows],
  );
}

/**
 * At the end of a history: what is still of the earlier link, though the new one tells what is older, went meanwhile.
 * So did what was pending. The oldest day itself may be told in part, and what is older still is history that stays.
 */
export const dropUntold = (
  sql: Sql,
  home: Home,
  accountIds: readonly string[],
  now: Instant,
  change: string,
): Promise<Changed[]> =>
  sql.rows(
    `update transaction t set removed_at = $3, changed_at = $3, change = $4::bigint, earlier = false
      where t.home = $1 and t.account_id = any($2) and t.earlier and t.removed_at is null
        and (t.status = 'PENDING' or t.transaction_date > (
          select min(x.transaction_date) from transaction x
           where x.home = $1 and x.account_id = t.account_id and not x.earlier and x.removed_at is null))
      returning account_id as "accountId", id, transaction_date as date, 'removed' as how`,
    [home, accountIds, stamp(now), change],
  );
