/** Financial accounts: they belong to the provider connection, and so to every claim on it. */
import type { AccountFact, AccountType, Owner } from "../core/account.ts";
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { Decimal } from "../core/money.ts";
import { type Sql, stamp } from "./database.ts";

export interface Account {
  home: Home;
  id: string;
  providerConnectionId: string;
  ref: string;
  persistentRef: string | null;
  name: string;
  type: AccountType;
  subtype: string;
  mask: string | null;
  active: boolean;
  currency: string | null;
  currentAmount: Decimal | null;
  availableAmount: Decimal | null;
  balancesAt: Instant | null;
  /** Account numbers, sealed. */
  sealedIdentifiers: Buffer | null;
  owners: Owner[] | null;
  firstListedAt: Instant;
  /** Since when it is missing from the provider's list; its id and rows are kept. */
  leftAt: Instant | null;
}

export const ACCOUNT_COLUMNS = `a.home, a.id, a.provider_connection_id as "providerConnectionId", a.ref,
  a.persistent_ref as "persistentRef", a.name, a.type, a.subtype, a.mask, a.active, a.currency,
  a.current_amount as "currentAmount", a.available_amount as "availableAmount", a.balances_at as "balancesAt",
  a.sealed_identifiers as "sealedIdentifiers", a.owners, a.first_listed_at as "firstListedAt", a.left_at as "leftAt"`;

export const accountsOf = (sql: Sql, home: Home, providerConnectionId: string): Promise<Account[]> =>
  sql.rows(
    `select ${ACCOUNT_COLUMNS} from account a where home = $1 and provider_connection_id = $2
      order by first_listed_at, id`,
    [home, providerConnectionId],
  );

/** Inserts or updates one account as it was listed. Balances that were not told stay as they were. */
export async function saveListed(
  sql: Sql,
  home: Home,
  id: string,
  providerConnectionId: string,
  fact: AccountFact,
  at: Instant,
  /** Of when the balances are, where the fact itself does not tell. */
  balancesAt: Instant = at,
): Promise<void> {
  const { balances } = fact;
  await sql.run(
    `insert into account (home, id, provider_connection_id, ref, persistent_ref, name, type, subtype, mask, active,
       currency, current_amount, available_amount, balances_at, first_listed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (home, provider_connection_id, ref) do update set
       persistent_ref = excluded.persistent_ref, name = excluded.name, type = excluded.type,
       subtype = excluded.subtype, mask = excluded.mask, active = excluded.active, left_at = null,
       currency = case when $16 then excluded.currency else account.currency end,
       current_amount = case when $16 then excluded.current_amount else account.current_amount end,
       available_amount = case when $16 then excluded.available_amount else account.available_amount end,
       balances_at = case when $16 then excluded.balances_at else account.balances_at end`,
    [
      home,
      id,
      providerConnectionId,
      fact.ref,
      fact.persistentRef ?? null,
      fact.name,
      fact.type,
      fact.subtype,
      fact.mask,
      fact.active,
      balances?.currency ?? null,
      balances?.current ?? null,
      balances?.available ?? null,
      balances ? stamp(balances.asOf ?? balancesAt) : null,
      stamp(at),
      balances !== undefined,
    ],
  );
}

/** Accounts that a complete list no longer names. Returns those that left just now. */
export const markLeft = (
  sql: Sql,
  home: Home,
  providerConnectionId: string,
  listed: readonly string[],
  at: Instant,
): Promise<{ id: string }[]> =>
  sql.rows(
    `update account set left_at = $4 where home = $1 and provider_connection_id = $2 and left_at is null
       and not ref = any($3) returning id`,
    [home, providerConnectionId, listed, stamp(at)],
  );

export const saveIdentifiers = (
  sql: Sql,
  home: Home,
  id: string,
  sealed: Buffer,
  numberHash: Buffer,
): Promise<number> =>
  sql.run("update account set sealed_identifiers = $3, number_hash = $4 where home = $1 and id = $2", [
    home,
    id,
    sealed,
    numberHash,
  ]);

export const saveOwners = (sql: Sql, home: Home, id: string, owners: readonly Owner[]): Promise<number> =>
  sql.run("update account set owners = $3 where home = $1 and id = $2", [home, id, JSON.stringify(owners)]);

/** Which of these no event has told as new yet; they are told now. */
export async function takeUntold(sql: Sql, home: Home, ids: readonly string[], now: Instant): Promise<string[]> {
  const rows = await sql.rows<{ id: string }>(
    "update account set told_at = $3 where home = $1 and id = any($2) and told_at is null returning id",
    [home, ids, stamp(now)],
  );
  return rows.map(({ id }) => id);
}

/** The accounts and, with them, their transactions. */
export const eraseAccounts = (sql: Sql, home: Home, providerConnectionId: string): Promise<number> =>
  sql.run("delete from account where home = $1 and provider_connection_id = $2", [home, providerConnectionId]);
