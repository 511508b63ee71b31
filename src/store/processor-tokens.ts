/** Processor tokens that were made under an idempotency key, for its repetition alone. */
import type { Instant } from "../core/door.ts";
import { type Home, homeOf } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";

const homeFrom = (id: string): Home => homeOf("processorToken", id) ?? "0";

/** Whose turn it is to ask: ours, where nobody has since `stale`. Else what is there, or null while it is made. */
export async function takeTurn(
  sql: Sql,
  id: string,
  accountId: string,
  now: Instant,
  stale: Instant,
): Promise<"ours" | { sealed: Buffer | null; triedAt: Instant }> {
  const ours = await sql.run(
    `insert into processor_token as t (home, id, account_id, tried_at) values ($1, $2, $3, $4)
     on conflict (home, id) do update set tried_at = excluded.tried_at where t.sealed is null and t.tried_at < $5`,
    [homeFrom(id), id, accountId, stamp(now), stamp(stale)],
  );
  if (ours > 0) return "ours";
  const found = await sql.row<{ sealed: Buffer | null; triedAt: Instant }>(
    `select sealed, tried_at as "triedAt" from processor_token where home = $1 and id = $2`,
    [homeFrom(id), id],
  );
  return found ?? { sealed: null, triedAt: now };
}

export const keepToken = (sql: Sql, id: string, sealed: Buffer): Promise<number> =>
  sql.run("update processor_token set sealed = $3 where home = $1 and id = $2", [homeFrom(id), id, sealed]);

/** Nothing came of it: the next try need not wait. */
export const endTurn = (sql: Sql, id: string): Promise<number> =>
  sql.run("delete from processor_token where home = $1 and id = $2 and sealed is null", [homeFrom(id), id]);
