/** Accounts as the API shows them. They belong to a login, and so to every live claim on it. */
import { type Home, homeOf } from "../../core/ids.ts";
import { ACCOUNT_COLUMNS, type Account } from "../accounts.ts";
import type { Instant } from "../../core/door.ts";
import type { Sql } from "../database.ts";
import { isInstitution } from "../institutions.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface ListedAccount extends Account {
  customerId: string;
  externalCustomerId: string | null;
  institutionId: string | null;
  institutionName: string | null;
  provider: string;
  /** The provider's own id of the login. */
  connectionRef: string;
  /** The live claims, the kept one first. */
  connectionIds: string[] | null;
  historyAt: Instant | null;
  lastSentAt: Instant | null;
}

const SELECT = `${ACCOUNT_COLUMNS}, p.customer_id as "customerId", u.external_id as "externalCustomerId",
  p.institution_id as "institutionId", i.name as "institutionName", p.provider, p.ref as "connectionRef",
  p.history_at as "historyAt", p.last_sent_at as "lastSentAt",
  (select array_agg(d.id order by d.claimed_at desc, d.id collate "C" desc) from connection d
    where d.home = p.home and d.provider_connection_id = p.id and d.finished_at is not null and d.deleted_at is null
  ) as "connectionIds"`;

const FROM = `account a
  join provider_connection p on p.home = a.home and p.id = a.provider_connection_id
  join customer u on u.home = p.home and u.id = p.customer_id
  left join institution i on i.id = p.institution_id`;

export const getListedAccount = (sql: Sql, id: string): Promise<ListedAccount | null> =>
  sql.row(`select ${SELECT} from ${FROM} where a.home = $1 and a.id = $2`, [homeOf("account", id), id]);

export interface AccountFilters {
  customer?: { home: Home; id: string } | undefined;
  external?: { home: Home; id: string } | undefined;
  institutionId?: string | undefined;
  connection?: { home: Home; providerConnectionId: string | null } | undefined;
}

/** By home and id, the primary key: a customer's accounts lie side by side. Without a customer it asks every shard. */
export function listAccounts(
  sql: Sql,
  filters: AccountFilters,
  at: Place | null,
  limit: number,
): Promise<Page<ListedAccount>> {
  const { customer, external, connection } = filters;
  const values: unknown[] = [];
  const $ = (value: unknown) => `$${values.push(value)}`;
  const where = [
    customer && `a.home = ${$(customer.home)} and p.customer_id = ${$(customer.id)}`,
    external && `a.home = ${$(external.home)} and u.external_id = ${$(external.id)}`,
    filters.institutionId && isInstitution("p.institution_id", $(filters.institutionId)),
    connection && `a.home = ${$(connection.home)} and a.provider_connection_id = ${$(connection.providerConnectionId)}`,
  ].filter((condition) => typeof condition === "string");
  const order = [{ columns: ["a.home", "a.id"] }];
  const list: List<ListedAccount> = { select: SELECT, from: FROM, where, values, order, keyOf: accountKey };
  return page(sql, list, at, limit);
}

export const accountKey = (a: Pick<Account, "home" | "id">) => [a.home, a.id];
