/**
 * Brings a database to the code's schema: numbered files, each once, in one transaction under an advisory lock, so
 * that any number of processes may start at once. A database newer than the code is refused and left alone.
 */
import { readdirSync, readFileSync } from "node:fs";
import type pg from "pg";
import { TABLE } from "../core/status/table.ts";
import { writeGrants } from "./grants.ts";

const FOLDER = new URL("migrations/", import.meta.url);
/** Any number will do, so long as nobody else takes it: "bowline" in hexadecimal letters and a one. */
const LOCK = 0xb0_11_1e_01;

export class SchemaRefused extends Error {
  override name = "SchemaRefused";
}

/** The numbers of the migrations that this code knows. */
export const known = (): { number: number; file: string }[] =>
  readdirSync(FOLDER)
    .filter((file) => /^\d{4}_.*\.sql$/.test(file))
    .sort()
    .map((file) => ({ number: Number(file.slice(0, 4)), file }));

/** The schema that the database has, 0 where it has none, and the newest that this code knows. */
export async function schemaOf(pool: Pick<pg.Pool, "query">): Promise<{ at: number; newest: number }> {
  const newest = known().at(-1)?.number ?? 0;
  const { rows } = await pool.query<{ name: string | null }>("select to_regclass('migration')::text as name");
  if (!rows[0]?.name) return { at: 0, newest };
  const found = await pool.query<{ at: number }>("select coalesce(max(number), 0)::int as at from migration");
  return { at: found.rows[0]?.at ?? 0, newest };
}

/** `upTo`: an older schema, for a backup of that time; nothing above it is done. */
export async function migrate(pool: pg.Pool, upTo = Infinity, grants = upTo === Infinity): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await refuseTooOld(client);
    await client.query(
      "create table if not exists migration (number int primary key, applied_at timestamptz not null)",
    );
    const { rows } = await client.query<{ number: number }>("select number from migration");
    const applied = rows.map(({ number }) => number);
    const at = Math.max(0, ...applied);
    const files = known();
    const newest = files.at(-1)?.number ?? 0;
    if (at > newest) {
      throw new SchemaRefused(
        `The database has schema ${at} and this version of Bowline knows ${newest}; start a newer version.`,
      );
    }
    for (const { number, file } of files.filter((f) => f.number <= upTo && !applied.includes(f.number))) {
      await client.query(readFileSync(new URL(file, FOLDER), "utf8"));
      await client.query("insert into migration values ($1, now())", [number]);
    }
    await writeStates(client);
    // A backup is loaded by the owner, who takes the rights to the audit log from itself afterwards.
    if (grants) await writeGrants(client);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

const OLDEST = 150_000;

async function refuseTooOld(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query("select current_setting('server_version_num')::int as version");
  const { version } = rows[0] as { version: number };
  if (version < OLDEST) {
    const found = Math.floor(version / 10_000);
    throw new SchemaRefused(`PostgreSQL ${found} is too old; DATABASE_URL must name a server of version 15 or newer.`);
  }
}

/** The table's rows, from the table. */
async function writeStates(client: pg.PoolClient): Promise<void> {
  await client.query(
    `insert into state (name, status, reason, can_refresh, can_reconnect)
     select name, status, reason, can_refresh, can_reconnect
       from jsonb_to_recordset($1) as row (name text, status text, reason text, can_refresh bool, can_reconnect bool)
     on conflict (name) do update set can_refresh = excluded.can_refresh, can_reconnect = excluded.can_reconnect
     where (state.can_refresh, state.can_reconnect) is distinct from (excluded.can_refresh, excluded.can_reconnect)`,
    [
      JSON.stringify(
        TABLE.map(({ state, status, reason, canRefresh, canReconnect }) => ({
          name: state,
          status,
          reason,
          can_refresh: canRefresh,
          can_reconnect: canReconnect,
        })),
      ),
    ],
  );
}
