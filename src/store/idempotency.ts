/** Idempotency keys hold the ids that a request mints, not its answer: effects insert or find by them. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";

export interface Kept {
  fingerprint: Buffer;
  ids: Record<string, string>;
  /** It was there before. */
  replayed: boolean;
}

export async function keepKey(
  sql: Sql,
  home: Home,
  keyHash: Buffer,
  fingerprint: Buffer,
  ids: Record<string, string>,
  now: Instant,
): Promise<Kept> {
  const written = await sql.run(
    `insert into idempotency (home, key_hash, fingerprint, ids, created_at) values ($1, $2, $3, $4, $5)
     on conflict (home, key_hash) do nothing`,
    [home, keyHash, fingerprint, JSON.stringify(ids), stamp(now)],
  );
  const row = await sql.row<{ fingerprint: Buffer; ids: Record<string, string> }>(
    "select fingerprint, ids from idempotency where home = $1 and key_hash = $2",
    [home, keyHash],
  );
  return { fingerprint: row?.fingerprint ?? fingerprint, ids: row?.ids ?? ids, replayed: written === 0 };
}
