/**
 * Transactions. Nothing but the provider's id tells two of them apart or joins them: two honest equal purchases stay
 * two. A pending one that posts under a new id keeps ours: the provider names the id that the posted one replaces.
 */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { Decimal } from "../core/money.ts";
import type { Category, TransactionFact, TransactionStatus } from "../core/transaction.ts";
import { type Sql, stamp } from "./database.ts";

export interface Transaction {
  home: Home;
  id: string;
  accountId: string;
  ref: string;
  pendingRef: string | null;
  amount: Decimal;
  currency: string;
  description: string;
  category: Category;
  status: TransactionStatus;
  transactionDate: string;
  postedDate: string | null;
  changedAt: Instant;
  /** A tombstone: the provider took it back. */
  removedAt: Instant | null;
}

export const TRANSACTION_COLUMNS = `t.home, t.id, t.account_id as "accountId", t.ref, t.pending_ref as "pendingRef",
  t.amount, t.currency, t.description, t.category, t.status, t.transaction_date as "transactionDate",
  t.posted_date as "postedDate", t.changed_at as "changedAt", t.removed_at as "removedAt"`;

/** What a page did to a row that was not so before. */
export interface Changed {
  accountId: string;
  id: string;
  /** The day of the transaction. */
  date: string;
  how: "added" | "updated" | "removed";
}

/** One row to write: a fact, our account's id, and the id to use if it is new. */
export interface Incoming {
  id: string;
  accountId: string;
  fact: TransactionFact;
}

/**
 * Writes one page's added and changed transactions in two statements, whatever its size.
 *
 * First, pending rows that are replaced take over the new provider id and keep ours; a tombstone that the provider
 * wrote for the pending one before is lifted. Then all are inserted or updated by the provider's id, except a pending
 * one that was replaced already: an old page read twice must not bring it back.
 */
export async function saveTransactions(
  sql: Sql,
  home: Home,
  page: readonly Incoming[],
  now: Instant,
  change: string,
): Promise<Changed[]> {
  if (page.length === 0) return [];
  const rows = JSON.stringify(
    page.map(({ id, accountId, fact }) => ({
      id,
      account_id: accountId,
      ref: fact.ref,
      pending_ref: fact.pendingRef ?? null,
      amount: fact.amount,
      currency: fact.currency,
      description: fact.description,
      category: fact.category,
      status: fact.status,
      transaction_date: fact.transactionDate,
      posted_date: fact.postedDate,
    })),
  );
  await sql.run(
    `update transaction t set ref = n.ref, pending_ref = n.pending_ref, removed_at = null,
            change = case when t.removed_at is null then t.change else $3::bigint end
       from jsonb_to_recordset($2) as n (account_id text, ref text, pending_ref text)
      where t.home = $1 and t.account_id = n.account_id and t.ref = n.pending_ref
        and not exists (
          select 1 from transaction x where x.home = $1 and x.account_id = n.account_id and x.ref = n.ref)`,
    [home, rows, change],
  );
  // A row that was inserted has no earlier version; one that stayed as it was is not answered.
  return sql.rows(
    `insert into transaction as t (home, id, account_id, ref, pending_ref, amount, currency, description, category,
       status, transaction_date, posted_date, changed_at, change, added_change)
     select $1, n.id, n.account_id, n.ref, n.pending_ref, n.amount, n.currency, n.description, n.category, n.status,
            n.transaction_date, n.posted_date, $3, $4::bigint, $4::bigint
       from jsonb_to_recordset($2) as n (id text, account_id text, ref text, pending_ref text, amount numeric,
            currency text, description text, category text, status text, transaction_date date, posted_date date)
      where not exists (
        select 1 from transaction x where x.home = $1 and x.account_id = n.account_id and x.pending_ref = n.ref)
     on conflict (home, account_id, ref) do update set
       pending_ref = coalesce(excluded.pending_ref, t.pending_ref), amount = excluded.amount,
       currency = excluded.currency, description = excluded.description, category = excluded.category,
       status = excluded.status, transaction_date = excluded.transaction_date, posted_date = excluded.posted_date,
       changed_at = excluded.changed_at, change = excluded.change, removed_at = null
     where (t.amount, t.currency, t.description, t.category, t.status, t.transaction_date, t.posted_date, t.removed_at)
       is distinct from (excluded.amount, excluded.currency, excluded.description, excluded.category, excluded.status,
         excluded.transaction_date, excluded.posted_date, null)
     returning t.account_id as "accountId", t.id, t.transaction_date as date,
       case when t.xmax = 0 then 'added' else 'updated' end as how`,
    [home, rows, stamp(now), change],
  );
}

/** Marks what the provider took back. An id that a posted one replaced is no row any more: nothing happens. */
export const markRemoved = (
  sql: Sql,
  home: Home,
  accountIds: readonly string[],
  refs: readonly string[],
  now: Instant,
  change: string,
): Promise<Changed[]> =>
  sql.rows(
    `update transaction set removed_at = $4, changed_at = $4, change = $5::bigint
      where home = $1 and account_id = any($2) and ref = any($3) and removed_at is null
      returning account_id as "accountId", id, transaction_date as date, 'removed' as how`,
    [home, accountIds, refs, stamp(now), change],
  );
