/** Public keys by which providers' webhooks are checked: fetched once, and known to every process. */
import type { Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";

/** Null: not known, or not good any more. `now` is real time, as it is for whoever signs. */
export async function getProviderKey(sql: Sql, provider: string, name: string, now: Instant): Promise<string | null> {
  const row = await sql.row<{ key: string }>(
    "select key from provider_key where provider = $1 and name = $2 and until > $3",
    [provider, name, stamp(now)],
  );
  return row?.key ?? null;
}

/** Those that are over go with it, so that a provider that changes its keys fills nothing. */
export async function putProviderKey(
  sql: Sql,
  provider: string,
  name: string,
  key: string,
  until: Instant,
  now: Instant,
): Promise<void> {
  await sql.run("delete from provider_key where provider = $1 and until <= $2", [provider, stamp(now)]);
  await sql.run(
    `insert into provider_key (provider, name, key, until) values ($1, $2, $3, $4)
     on conflict (provider, name) do update set key = excluded.key, until = excluded.until`,
    [provider, name, key, stamp(until)],
  );
}
