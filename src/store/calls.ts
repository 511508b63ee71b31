/** Calls to providers, counted per connection, verb and day: what the quota and the bill are made of. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { Sql } from "./database.ts";

export async function countCalls(
  sql: Sql,
  home: Home,
  providerConnectionId: string,
  provider: string,
  calls: ReadonlyMap<string, number>,
  now: Instant,
): Promise<void> {
  if (calls.size === 0) return;
  const rows = [...calls].map(([verb, count]) => ({ verb, count }));
  await sql.run(
    `insert into call_count as c (home, provider_connection_id, provider, verb, day, count)
     select $1, $2, $3, verb, $4::date, count from jsonb_to_recordset($5) as row (verb text, count bigint)
     on conflict (home, provider_connection_id, verb, day) do update set count = c.count + excluded.count`,
    [home, providerConnectionId, provider, new Date(now).toISOString().slice(0, 10), JSON.stringify(rows)],
  );
}
