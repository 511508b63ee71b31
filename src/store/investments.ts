/** Holdings and investment transactions. The provider's id alone tells two of them apart, as with transactions. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type {
  HoldingFact,
  HoldingType,
  InvestmentTransactionFact,
  InvestmentTransactionType,
} from "../core/investment.ts";
import type { Decimal } from "../core/money.ts";
import { type Sql, stamp } from "./database.ts";
import type { Changed } from "./transactions.ts";

export interface Holding {
  home: Home;
  id: string;
  accountId: string;
  symbol: string | null;
  cusip: string | null;
  isin: string | null;
  description: string;
  type: HoldingType;
  quantity: Decimal;
  costBasis: Decimal | null;
  closePrice: Decimal | null;
  currentValue: Decimal | null;
  currency: string;
  changedAt: Instant;
}

export interface InvestmentTransaction {
  home: Home;
  id: string;
  accountId: string;
  symbol: string | null;
  description: string;
  type: InvestmentTransactionType;
  status: "PENDING" | "POSTED";
  quantity: Decimal;
  costBasis: Decimal | null;
  amount: Decimal;
  currency: string;
  transactionDate: string;
  postedDate: string | null;
  changedAt: Instant;
}

export const HOLDING_COLUMNS = `h.home, h.id, h.account_id as "accountId", h.symbol, h.cusip, h.isin, h.description,
  h.type, h.quantity, h.cost_basis as "costBasis", h.close_price as "closePrice", h.current_value as "currentValue",
  h.currency, h.changed_at as "changedAt"`;

export const INVESTMENT_TRANSACTION_COLUMNS = `t.home, t.id, t.account_id as "accountId", t.symbol, t.description,
  t.type, t.status, t.quantity, t.cost_basis as "costBasis", t.amount, t.currency,
  t.transaction_date as "transactionDate", t.posted_date as "postedDate", t.changed_at as "changedAt"`;

/** A fact, our account's id, and the id to use if it is new. */
interface Incoming<Fact> {
  id: string;
  accountId: string;
  fact: Fact;
}

/** Writes a whole list: what is in it, and that the rest of these accounts' holdings is held no more. */
export async function saveHoldings(
  sql: Sql,
  home: Home,
  accountIds: readonly string[],
  list: readonly Incoming<HoldingFact>[],
  now: Instant,
): Promise<void> {
  const rows = JSON.stringify(
    list.map(({ id, accountId, fact }) => ({
      id,
      account_id: accountId,
      ref: fact.ref,
      symbol: fact.symbol,
      cusip: fact.cusip,
      isin: fact.isin,
      description: fact.description,
      type: fact.type,
      quantity: fact.quantity,
      cost_basis: fact.costBasis,
      close_price: fact.closePrice,
      current_value: fact.currentValue,
      currency: fact.currency,
    })),
  );
  await sql.run(
    `update holding h set removed_at = $4, changed_at = $4
      where home = $1 and account_id = any($3) and removed_at is null and not exists (
        select 1 from jsonb_to_recordset($2) as n (account_id text, ref text)
         where n.account_id = h.account_id and n.ref = h.ref)`,
    [home, rows, accountIds, stamp(now)],
  );
  await sql.run(
    `insert into holding as h (home, id, account_id, ref, symbol, cusip, isin, description, type, quantity, cost_basis,
       close_price, current_value, currency, changed_at)
     select $1, n.id, n.account_id, n.ref, n.symbol, n.cusip, n.isin, n.description, n.type, n.quantity, n.cost_basis,
            n.close_price, n.current_value, n.currency, $3
       from jsonb_to_recordset($2) as n (id text, account_id text, ref text, symbol text, cusip text, isin text,
            description text, type text, quantity numeric, cost_basis numeric, close_price numeric,
            current_value numeric, currency text)
     on conflict (home, account_id, ref) do update set
       symbol = excluded.symbol, cusip = excluded.cusip, isin = excluded.isin, description = excluded.description,
       type = excluded.type, quantity = excluded.quantity, cost_basis = excluded.cost_basis,
       close_price = excluded.close_price, current_value = excluded.current_value, currency = excluded.currency,
       changed_at = excluded.changed_at, removed_at = null
     where (h.symbol, h.cusip, h.isin, h.description, h.type, h.quantity, h.cost_basis, h.close_price, h.current_value,
         h.currency, h.removed_at)
       is distinct from (excluded.symbol, excluded.cusip, excluded.isin, excluded.description, excluded.type,
         excluded.quantity, excluded.cost_basis, excluded.close_price, excluded.current_value, excluded.currency,
         null)`,
    [home, rows, stamp(now)],
  );
}

/** Answers what changed; a row that stayed as it was is neither written nor answered. */
export function saveInvestmentTransactions(
  sql: Sql,
  home: Home,
  page: readonly Incoming<InvestmentTransactionFact>[],
  now: Instant,
): Promise<Changed[]> {
  const rows = JSON.stringify(
    page.map(({ id, accountId, fact }) => ({
      id,
      account_id: accountId,
      ref: fact.ref,
      symbol: fact.symbol,
      description: fact.description,
      type: fact.type,
      status: fact.status,
      quantity: fact.quantity,
      cost_basis: fact.costBasis,
      amount: fact.amount,
      currency: fact.currency,
      transaction_date: fact.transactionDate,
      posted_date: fact.postedDate,
    })),
  );
  return sql.rows(
    `insert into investment_transaction as t (home, id, account_id, ref, symbol, description, type, status, quantity,
       cost_basis, amount, currency, transaction_date, posted_date, changed_at)
     select $1, n.id, n.account_id, n.ref, n.symbol, n.description, n.type, n.status, n.quantity, n.cost_basis,
            n.amount, n.currency, n.transaction_date, n.posted_date, $3
       from jsonb_to_recordset($2) as n (id text, account_id text, ref text, symbol text, description text, type text,
            status text, quantity numeric, cost_basis numeric, amount numeric, currency text, transaction_date date,
            posted_date date)
     on conflict (home, account_id, ref) do update set
       symbol = excluded.symbol, description = excluded.description, type = excluded.type, status = excluded.status,
       quantity = excluded.quantity, cost_basis = excluded.cost_basis, amount = excluded.amount,
       currency = excluded.currency, transaction_date = excluded.transaction_date, posted_date = excluded.posted_date,
       changed_at = excluded.changed_at, removed_at = null
     where (t.symbol, t.description, t.type, t.status, t.quantity, t.cost_basis, t.amount, t.currency,
         t.transaction_date, t.posted_date, t.removed_at)
       is distinct from (excluded.symbol, excluded.description, excluded.type, excluded.status, excluded.quantity,
         excluded.cost_basis, excluded.amount, excluded.currency, excluded.transaction_date, excluded.posted_date, null)
     returning t.account_id as "accountId", t.id, t.transaction_date as date,
       case when t.xmax = 0 then 'added' else 'updated' end as how`,
    [home, rows, stamp(now)],
  );
}

/** At the end of a walk: of its days, what it did not tell is not there any more. */
export const markUntold = (
  sql: Sql,
  home: Home,
  accountIds: readonly string[],
  { from, to }: { from: string; to: string },
  told: readonly string[],
  now: Instant,
): Promise<Changed[]> =>
  sql.rows(
    `update investment_transaction set removed_at = $6, changed_at = $6
      where home = $1 and account_id = any($2) and transaction_date between $3 and $4 and removed_at is null
        and not exists (select 1 from jsonb_array_elements_text($5) n where n = ref)
      returning account_id as "accountId", id, transaction_date as date, 'removed' as how`,
    [home, accountIds, from, to, JSON.stringify(told), stamp(now)],
  );

export async function investmentCursor(sql: Sql, home: Home, providerConnectionId: string): Promise<string | null> {
  const row = await sql.row<{ cursor: string | null }>(
    "select investment_cursor as cursor from provider_connection where home = $1 and id = $2",
    [home, providerConnectionId],
  );
  return row?.cursor ?? null;
}

export const saveInvestmentCursor = (
  sql: Sql,
  home: Home,
  providerConnectionId: string,
  cursor: string | null,
): Promise<number> =>
  sql.run("update provider_connection set investment_cursor = $3 where home = $1 and id = $2", [
    home,
    providerConnectionId,
    cursor,
  ]);
