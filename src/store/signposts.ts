/**
 * Signposts lead from a provider's connection id to the provider connections that hold it, one per customer.
 *
 * A signpost has a home of its own, so it is written before the fact that it points to, and checked on reading. It also
 * decides who ends the provider's access: whoever takes out the last entry, by one conditional update. That closes it,
 * and a new link of the same id waits until it is gone.
 */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";

export interface SignpostKey {
  home: Home;
  provider: string;
  ref: string;
}

/** False: the signpost is closing; the provider's access under this id is being ended. Try again later. */
export async function pointTo(sql: Sql, key: SignpostKey, providerConnectionId: string): Promise<boolean> {
  const written = await sql.run(
    `insert into signpost as s (home, provider, ref, entries) values ($1, $2, $3, array[$4])
     on conflict (home, provider, ref) do update
       set entries = case when $4 = any(s.entries) then s.entries else s.entries || $4 end
     where s.closing_at is null`,
    [key.home, key.provider, key.ref, providerConnectionId],
  );
  return written > 0;
}

/** Takes the entry out. True: it was the last, so the access at the provider is the caller's to end. Repeatable. */
export async function takeOut(
  sql: Sql,
  key: SignpostKey,
  providerConnectionId: string,
  now: Instant,
): Promise<boolean> {
  await sql.run(
    `update signpost set entries = array_remove(entries, $4),
       closing_at = case when array_remove(entries, $4) = '{}' then $5::timestamptz end
     where home = $1 and provider = $2 and ref = $3 and $4 = any(entries)`,
    [key.home, key.provider, key.ref, providerConnectionId, stamp(now)],
  );
  const left = await sql.row<{ entries: string[] }>(
    "select entries from signpost where home = $1 and provider = $2 and ref = $3",
    [key.home, key.provider, key.ref],
  );
  return left === null || left.entries.length === 0;
}

/** The provider has confirmed, or does not know it: the way is free again. */
export const removeSignpost = (sql: Sql, key: SignpostKey): Promise<number> =>
  sql.run("delete from signpost where home = $1 and provider = $2 and ref = $3 and entries = '{}'", [
    key.home,
    key.provider,
    key.ref,
  ]);

export async function entriesOf(sql: Sql, key: SignpostKey): Promise<string[]> {
  const row = await sql.row<{ entries: string[] }>(
    "select entries from signpost where home = $1 and provider = $2 and ref = $3",
    [key.home, key.provider, key.ref],
  );
  return row?.entries ?? [];
}
