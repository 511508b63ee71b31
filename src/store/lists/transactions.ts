/** Transactions as the API shows them: newest first within each account; what was taken back is not shown. */
import { type Home, homeOf } from "../../core/ids.ts";
import type { Sql } from "../database.ts";
import { TRANSACTION_COLUMNS, type Transaction } from "../transactions.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface ListedTransaction extends Transaction {
  customerId: string;
  externalCustomerId: string | null;
  connectionIds: string[] | null;
  provider: string;
}

export const SELECT = `${TRANSACTION_COLUMNS}, p.customer_id as "customerId", u.external_id as "externalCustomerId",
  p.provider,
  (select array_agg(d.id order by d.claimed_at desc, d.id collate "C" desc) from connection d
    where d.home = p.home and d.provider_connection_id = p.id and d.finished_at is not null and d.deleted_at is null
  ) as "connectionIds"`;

export const FROM = `transaction t
  join account a on a.home = t.home and a.id = t.account_id
  join provider_connection p on p.home = a.home and p.id = a.provider_connection_id
  join customer u on u.home = p.home and u.id = p.customer_id`;

export const getListedTransaction = (sql: Sql, id: string): Promise<ListedTransaction | null> =>
  sql.row(`select ${SELECT} from ${FROM} where t.home = $1 and t.id = $2 and t.removed_at is null`, [
    homeOf("transaction", id),
    id,
  ]);

export interface TransactionFilters {
  customer?: { home: Home; id: string } | undefined;
  external?: { home: Home; id: string } | undefined;
  account?: { home: Home; id: string } | undefined;
  connection?: { home: Home; providerConnectionId: string | null } | undefined;
  statuses?: readonly string[] | undefined;
  category?: string | undefined;
  /** Plain dates, both included. */
  from?: string | undefined;
  to?: string | undefined;
}

/** Without a customer, account or connection it asks every shard. */
export function listTransactions(
  sql: Sql,
  filters: TransactionFilters,
  at: Place | null,
  limit: number,
): Promise<Page<ListedTransaction>> {
  const { customer, external, account, connection } = filters;
  const values: unknown[] = [];
  const $ = (value: unknown) => `$${values.push(value)}`;
  const where = [
    "t.removed_at is null",
    customer && `t.home = ${$(customer.home)} and p.customer_id = ${$(customer.id)}`,
    external && `t.home = ${$(external.home)} and u.external_id = ${$(external.id)}`,
    account && `t.home = ${$(account.home)} and t.account_id = ${$(account.id)}`,
    connection && `t.home = ${$(connection.home)} and a.provider_connection_id = ${$(connection.providerConnectionId)}`,
    filters.statuses && `t.status = any(${$(filters.statuses)})`,
    filters.category && `t.category = ${$(filters.category)}`,
    filters.from && `t.transaction_date >= ${$(filters.from)}`,
    filters.to && `t.transaction_date <= ${$(filters.to)}`,
  ].filter((condition) => typeof condition === "string");
  const list: List<ListedTransaction> = {
    select: SELECT,
    from: FROM,
    where,
    values,
    order: [{ columns: ["t.home", "t.account_id"] }, { columns: ["t.transaction_date", "t.id"], down: true }],
    keyOf: transactionKey,
  };
  return page(sql, list, at, limit);
}

export const transactionKey = (t: Pick<Transaction, "home" | "accountId" | "transactionDate" | "id">) => [
  t.home,
  t.accountId,
  t.transactionDate,
  t.id,
];
