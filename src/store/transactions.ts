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
 * Writes one page's added and changed transactions, in at most two statements, whatever its size.
 *
 * First, pending rows that are replaced take over the new provider id and keep ours; a tombstone that the provider
 * wrote for the pending one before is lifted. Then all are inserted or updated by the provider's id, except what is
 * there already as it is told, of which nothing is touched, and except a pending one that was replaced already: an old
 * page read twice must not bring it back.
 */
export async function saveTransactions(
  sql: Sql,
  home: Home,
  page: readonly Incoming[],
  now: Instant,
  change: string,
): Promise<Changed[]> {
  await takeOver(
    sql,
    home,
    page.filter(({ fact }) => (fact.pendingRef ?? null) !== null),
    change,
  );
  if (page.length === 0) return [];
  const column = <T>(of: (one: Incoming) => T): T[] => page.map(of);
  // A row that was inserted has no earlier version; one that stayed as it was is not answered.
  return sql.rows(
    `insert into transaction as t (home, id, account_id, ref, pending_ref, amount, currency, description, category,
       status, transaction_date, posted_date, changed_at, change, added_change)
     select $1, n.id, n.account_id, n.ref, n.pending_ref, n.amount, n.currency, n.description, n.category, n.status,
            n.transaction_date, n.posted_date, $2, $14::bigint, $14::bigint
       from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::date[], $13::date[]) as n (id, account_id, ref, pending_ref, amount, currency,
            description, category, status, transaction_date, posted_date)
       left join transaction s on s.home = $1 and s.account_id = n.account_id and s.ref = n.ref
      where (s.id is null or ${differs("s", "n")})
        and not exists (
          select 1 from transaction x where x.home = $1 and x.account_id = n.account_id and x.pending_ref = n.ref)
     on conflict (home, account_id, ref) do update set
       pending_ref = coalesce(excluded.pending_ref, t.pending_ref), amount = excluded.amount,
       currency = excluded.currency, description = excluded.description, category = excluded.category,
       status = excluded.status, transaction_date = excluded.transaction_date, posted_date = excluded.posted_date,
       changed_at = excluded.changed_at, change = excluded.change, removed_at = null
     returning t.account_id as "accountId", t.id, t.transaction_date as date,
       case when t.xmax = 0 then 'added' else 'updated' end as how`,
    [
      home,
      stamp(now),
      column(({ id }) => id),
      column(({ accountId }) => accountId),
      column(({ fact }) => fact.ref),
      column(({ fact }) => fact.pendingRef ?? null),
      column(({ fact }) => fact.amount),
      column(({ fact }) => fact.currency),
      column(({ fact }) => fact.description),
      column(({ fact }) => fact.category),
      column(({ fact }) => fact.status),
      column(({ fact }) => fact.transactionDate),
      column(({ fact }) => fact.postedDate),
      change,
    ],
  );
}

const TOLD = ["amount", "currency", "description", "category", "status", "transaction_date", "posted_date"];

/** Is the kept row another than the one told, or taken back? */
const differs = (kept: string, told: string): string =>
  `(${TOLD.map((name) => `${kept}.${name}`).join(", ")}, ${kept}.removed_at)
       is distinct from (${TOLD.map((name) => `${told}.${name}`).join(", ")}, null)`;

async function takeOver(sql: Sql, home: Home, posted: readonly Incoming[], change: string): Promise<void> {
  if (posted.length === 0) return;
  await sql.run(
    `update transaction t set ref = n.ref, pending_ref = n.pending_ref, removed_at = null,
            change = case when t.removed_at is null then t.change else $5::bigint end
       from unnest($2::text[], $3::text[], $4::text[]) as n (account_id, ref, pending_ref)
      where t.home = $1 and t.account_id = n.account_id and t.ref = n.pending_ref
        and not exists (
          select 1 from transaction x where x.home = $1 and x.account_id = n.account_id and x.ref = n.ref)`,
    [
      home,
      posted.map(({ accountId }) => accountId),
      posted.map(({ fact }) => fact.ref),
      posted.map(({ fact }) => fact.pendingRef),
      change,
    ],
  );
}

/** Marks what the provider took back. An id that a posted one replaced is no row any more: nothing happens. */
export const markRemoved = async (
  sql: Sql,
  home: Home,
  accountIds: readonly string[],
  refs: readonly string[],
  now: Instant,
  change: string,
): Promise<Changed[]> =>
  refs.length === 0
    ? []
    : sql.rows(
        `update transaction set removed_at = $4, changed_at = $4, change = $5::bigint
      where home = $1 and account_id = any($2) and ref = any($3) and removed_at is null
      returning account_id as "accountId", id, transaction_date as date, 'removed' as how`,
        [home, accountIds, refs, stamp(now), change],
      );
