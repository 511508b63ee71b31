/** Holdings and investment transactions as the API shows them; what was sold or taken back is not shown. */
import { type Home, homeOf } from "../../core/ids.ts";
import type { Sql } from "../database.ts";
import {
  type Holding,
  HOLDING_COLUMNS,
  INVESTMENT_TRANSACTION_COLUMNS,
  type InvestmentTransaction,
} from "../investments.ts";
import { type List, type Page, page, type Place } from "./page.ts";

interface Owned {
  customerId: string;
  externalCustomerId: string | null;
  connectionIds: string[] | null;
  provider: string;
}
export type ListedHolding = Holding & Owned;
export type ListedInvestmentTransaction = InvestmentTransaction & Owned;

const OWNED = `p.customer_id as "customerId", u.external_id as "externalCustomerId", p.provider,
  (select array_agg(d.id order by d.claimed_at desc, d.id collate "C" desc) from connection d
    where d.home = p.home and d.provider_connection_id = p.id and d.finished_at is not null and d.deleted_at is null
  ) as "connectionIds"`;

/** From the rows of one table, by its letter, to their owner. */
const from = (table: string, row: string) => `${table} ${row}
  join account a on a.home = ${row}.home and a.id = ${row}.account_id
  join provider_connection p on p.home = a.home and p.id = a.provider_connection_id
  join customer u on u.home = p.home and u.id = p.customer_id`;

const HOLDINGS = from("holding", "h");
const TRANSACTIONS = from("investment_transaction", "t");

export const getListedHolding = (sql: Sql, id: string): Promise<ListedHolding | null> =>
  sql.row(
    `select ${HOLDING_COLUMNS}, ${OWNED} from ${HOLDINGS} where h.home = $1 and h.id = $2 and h.removed_at is null`,
    [homeOf("holding", id), id],
  );

export const getListedInvestmentTransaction = (sql: Sql, id: string): Promise<ListedInvestmentTransaction | null> =>
  sql.row(
    `select ${INVESTMENT_TRANSACTION_COLUMNS}, ${OWNED} from ${TRANSACTIONS}
      where t.home = $1 and t.id = $2 and t.removed_at is null`,
    [homeOf("investmentTransaction", id), id],
  );

export interface HoldingFilters {
  customer?: { home: Home; id: string } | undefined;
  external?: { home: Home; id: string } | undefined;
  account?: { home: Home; id: string } | undefined;
  connection?: { home: Home; providerConnectionId: string | null } | undefined;
}

export interface InvestmentTransactionFilters extends HoldingFilters {
  statuses?: readonly string[] | undefined;
  /** Plain dates, both included. */
  from?: string | undefined;
  to?: string | undefined;
}

type Bind = (value: unknown) => string;

const owner = ({ customer, external, account, connection }: HoldingFilters, row: string, $: Bind) => [
  `${row}.removed_at is null`,
  customer && `${row}.home = ${$(customer.home)} and p.customer_id = ${$(customer.id)}`,
  external && `${row}.home = ${$(external.home)} and u.external_id = ${$(external.id)}`,
  account && `${row}.home = ${$(account.home)} and ${row}.account_id = ${$(account.id)}`,
  connection &&
    `${row}.home = ${$(connection.home)} and a.provider_connection_id = ${$(connection.providerConnectionId)}`,
];

const isText = (condition: string | undefined): condition is string => typeof condition === "string";

/** Account by account. Without a customer, account or connection it asks every shard. */
export function listHoldings(
  sql: Sql,
  filters: HoldingFilters,
  at: Place | null,
  limit: number,
): Promise<Page<ListedHolding>> {
  const values: unknown[] = [];
  const list: List<ListedHolding> = {
    select: `${HOLDING_COLUMNS}, ${OWNED}`,
    from: HOLDINGS,
    where: owner(filters, "h", (value) => `$${values.push(value)}`).filter(isText),
    values,
    order: [{ columns: ["h.home", "h.account_id", "h.id"] }],
    keyOf: holdingKey,
  };
  return page(sql, list, at, limit);
}

/** Newest first within each account. Without a customer, account or connection it asks every shard. */
export function listInvestmentTransactions(
  sql: Sql,
  filters: InvestmentTransactionFilters,
  at: Place | null,
  limit: number,
): Promise<Page<ListedInvestmentTransaction>> {
  const values: unknown[] = [];
  const $: Bind = (value) => `$${values.push(value)}`;
  const list: List<ListedInvestmentTransaction> = {
    select: `${INVESTMENT_TRANSACTION_COLUMNS}, ${OWNED}`,
    from: TRANSACTIONS,
    where: [
      ...owner(filters, "t", $),
      filters.statuses && `t.status = any(${$(filters.statuses)})`,
      filters.from && `t.transaction_date >= ${$(filters.from)}`,
      filters.to && `t.transaction_date <= ${$(filters.to)}`,
    ].filter(isText),
    values,
    order: [{ columns: ["t.home", "t.account_id"] }, { columns: ["t.transaction_date", "t.id"], down: true }],
    keyOf: investmentTransactionKey,
  };
  return page(sql, list, at, limit);
}

export const holdingKey = (h: Pick<Holding, "home" | "accountId" | "id">) => [h.home, h.accountId, h.id];

export const investmentTransactionKey = (
  t: Pick<InvestmentTransaction, "home" | "accountId" | "transactionDate" | "id">,
) => [t.home, t.accountId, t.transactionDate, t.id];
