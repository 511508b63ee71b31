/** Moves what belongs to one provider connection to the one that takes its place. Within one customer's home. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { Traits } from "../core/match-accounts.ts";
import type { Decimal } from "../core/money.ts";
import { type Sql, stamp } from "./database.ts";

/** An account of ours as the new link names it. */
export interface Renamed {
  id: string;
  ref: string;
}

/** An account by what may outlive a link. */
export interface KnownAccount extends Traits {
  balance: Decimal | null;
  leftAt: Instant | null;
}

export const knownAccounts = (sql: Sql, home: Home, providerConnectionId: string): Promise<KnownAccount[]> =>
  sql.rows(
    `select id, persistent_ref as "persistentRef", encode(number_hash, 'base64') as "numberHash", type, mask, currency,
       name, current_amount as balance, left_at as "leftAt"
       from account where home = $1 and provider_connection_id = $2 order by first_listed_at, id`,
    [home, providerConnectionId],
  );

/** The living claims, what was asked of them and is not answered yet, and what was observed so far. */
export async function moveClaims(sql: Sql, home: Home, from: string, to: string): Promise<void> {
  const move = (text: string) => sql.run(text, [home, from, to]);
  await move(
    `update connection set provider_connection_id = $3
      where home = $1 and provider_connection_id = $2 and deleted_at is null`,
  );
  await move(
    `update refresh set provider_connection_id = $3, run = null
      where home = $1 and provider_connection_id = $2 and finished_at is null`,
  );
  await move("update timeline set subject = $3 where home = $1 and subject = $2");
}

/**
 * Every account comes along with its id and rows. One that the new link does not have keeps a name that no list of the
 * new link can ever tell: two links may both count their accounts from one.
 */
export async function moveAccounts(
  sql: Sql,
  home: Home,
  from: string,
  to: string,
  renamed: readonly Renamed[],
): Promise<void> {
  await sql.run(
    `update account a set provider_connection_id = $3, ref = coalesce(
         (select n.ref from jsonb_to_recordset($4) as n (id text, ref text) where n.id = a.id),
         'of an earlier link: ' || a.id || ' ' || a.ref)
      where home = $1 and provider_connection_id = $2`,
    [home, from, to, JSON.stringify(renamed)],
  );
  await sql.run(
    "update transaction set earlier = true where home = $1 and account_id = any($2) and removed_at is null",
    [home, renamed.map(({ id }) => id)],
  );
}

/** Where the new link's accounts are known already, those that come along are in no list any more. */
export const leaveAll = (sql: Sql, home: Home, ids: readonly string[], now: Instant): Promise<number> =>
  sql.run("update account set left_at = coalesce(left_at, $3) where home = $1 and id = any($2)", [
    home,
    ids,
    stamp(now),
  ]);
