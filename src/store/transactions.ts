/**
 * Transactions. Nothing but the provider's id tells two of them apart or joins them: two honest equal purchases stay
 * two. A pending one that posts under a new id keeps ours: the provider names the id that the posted one replaces.
 */
import { hash } from "node:crypto";
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { Decimal } from "../core/money.ts";
import type { Category, TransactionFact, TransactionStatus } from "../core/transaction.ts";
import { type Sql, stamp, textArray } from "./database.ts";

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

/** Takes the number under which a page's changes are found. It is asked for when there are any. */
export type Change = () => Promise<string>;

/** One transaction that came, was changed or was taken back. */
export interface Changed {
  accountId: string;
  id: string;
  /** The day of the transaction. */
  date: string;
  how: "added" | "updated" | "removed";
}

/** What a page did to an account's rows that were not so before. */
export interface Written {
  accountId: string;
  added: number;
  updated: number;
  /** The earliest day of these transactions. */
  oldest: string;
}

/** One transaction as it is told, and our account's id. */
export interface Incoming {
  accountId: string;
  fact: TransactionFact;
}

/**
 * Writes one page's added and changed transactions, in at most three statements, whatever its size.
 *
 * First, pending rows that are replaced take over the new provider id and keep ours; a tombstone that the provider
 * wrote for the pending one before is lifted. Then what is there already as it is told is left out, untouched. The rest
 * is inserted or updated by the provider's id, except a pending one that was replaced already: an old page read twice
 * must not bring it back.
 */
export async function saveTransactions(
  sql: Sql,
  home: Home,
  page: readonly Incoming[],
  now: Instant,
  change: Change,
  newId: () => string,
): Promise<Written[]> {
  const posted = page.filter(({ fact }) => (fact.pendingRef ?? null) !== null);
  if (posted.length > 0) await takeOver(sql, home, posted, await change());
  const news = await notKept(sql, home, page);
  if (news.length === 0) return [];
  const column = (of: (one: Told) => string | null): string => textArray(news.map(of));
  // A row that was inserted has no earlier version; one that stayed as it was is not answered.
  return sql.rows(
    `with written as (
       insert into transaction as t (home, id, account_id, ref, pending_ref, amount, currency, description, category,
         status, transaction_date, posted_date, told, changed_at, change, added_change)
       select $1, n.id, n.account_id, n.ref, n.pending_ref, n.amount, n.currency, n.description, n.category, n.status,
              n.transaction_date, n.posted_date, n.told, $2, $15::bigint, $15::bigint
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::text[], $9::text[],
              $10::text[], $11::text[], $12::date[], $13::date[], $14::bigint[]) as n (id, account_id, ref,
              pending_ref, amount, currency, description, category, status, transaction_date, posted_date, told)
        where not exists (
          select 1 from transaction x where x.home = $1 and x.account_id = n.account_id and x.pending_ref = n.ref)
       on conflict (home, account_id, ref) do update set
         pending_ref = coalesce(excluded.pending_ref, t.pending_ref), amount = excluded.amount,
         currency = excluded.currency, description = excluded.description, category = excluded.category,
         status = excluded.status, transaction_date = excluded.transaction_date, posted_date = excluded.posted_date,
         told = excluded.told, changed_at = excluded.changed_at, change = excluded.change, removed_at = null
       where (${values("t")}, t.removed_at) is distinct from (${values("excluded")}, null)
       returning t.account_id, t.transaction_date, t.xmax = 0 as is_new
     )
     select account_id as "accountId", count(*) filter (where is_new)::int as added,
            count(*) filter (where not is_new)::int as updated, min(transaction_date) as oldest
       from written group by account_id`,
    [
      home,
      stamp(now),
      column(newId),
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
      column(({ told }) => told),
      await change(),
    ],
  );
}

const values = (row: string): string =>
  ["amount", "currency", "description", "category", "status", "transaction_date", "posted_date"]
    .map((name) => `${row}.${name}`)
    .join(", ");

interface Told extends Incoming {
  /** A digest of what is told of it: a row that has the same need not be read further. */
  told: string;
}

const digest = ({ amount, currency, description, category, status, transactionDate, postedDate }: TransactionFact) =>
  hash(
    "sha256",
    JSON.stringify([amount, currency, description, category, status, transactionDate, postedDate]),
    "buffer",
  )
    .readBigInt64BE(0)
    .toString();

/** Those of a page that are not there, or not as they are told. */
async function notKept(sql: Sql, home: Home, page: readonly Incoming[]): Promise<Told[]> {
  const all = page.map((one) => ({ ...one, told: digest(one.fact) }));
  if (all.length === 0) return [];
  const row = await sql.row<{ same: number[] }>(
    `select coalesce(json_agg(n.at - 1), '[]') as same
       from unnest($2::text[], $3::text[], $4::bigint[]) with ordinality as n (account_id, ref, told, at)
       cross join lateral (
         select told, removed_at from transaction
          where home = $1 and account_id = n.account_id and ref = n.ref limit 1) s
      where s.told = n.told and s.removed_at is null`,
    [
      home,
      textArray(all.map(({ accountId }) => accountId)),
      textArray(all.map(({ fact }) => fact.ref)),
      textArray(all.map(({ told }) => told)),
    ],
  );
  const same = new Set(row?.same);
  return all.filter((_, at) => !same.has(at));
}

async function takeOver(sql: Sql, home: Home, posted: readonly Incoming[], change: string): Promise<void> {
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
export async function markRemoved(
  sql: Sql,
  home: Home,
  accountIds: readonly string[],
  refs: readonly string[],
  now: Instant,
  change: Change,
): Promise<Changed[]> {
  if (refs.length === 0) return [];
  return sql.rows(
    `update transaction set removed_at = $4, changed_at = $4, change = $5::bigint
      where home = $1 and account_id = any($2) and ref = any($3) and removed_at is null
      returning account_id as "accountId", id, transaction_date as date, 'removed' as how`,
    [home, accountIds, refs, stamp(now), await change()],
  );
}
