/**
 * Takes what is deleted off the disk. PostgreSQL leaves a deleted row where it lies until something needs its place, a
 * sample of each column in its statistics, and all that was ever written in its log until that is used anew.
 */
import type pg from "pg";

/** More segments of the log than are ever kept for later use. */
const ROUNDS = 200;

/** The tables alone: all that the owner of a database on somebody's server may do. */
export async function rewriteTables(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname = current_schema() order by 1",
  );
  for (const { name } of rows) await client.query(`vacuum (full, analyze) ${name}`);
}

/** The whole of a server that nobody else uses. Answers whether the log, too, has nothing of before. */
export async function rewriteServer(client: pg.ClientBase): Promise<boolean> {
  // An empty table keeps the samples of what it held: the analysis of nothing writes nothing.
  await client.query("delete from pg_statistic");
  await client.query("vacuum full");
  await client.query("analyze");
  await client.query("alter system set wal_recycle = off");
  try {
    await client.query("select pg_reload_conf()");
    return await renewLog(client);
  } finally {
    await client.query("alter system reset wal_recycle");
    await client.query("select pg_reload_conf()");
  }
}

/**
 * One segment after the other is begun. Those kept for later use hold what they held before, so they have to be used up
 * first; the one after them is made anew.
 */
async function renewLog(client: pg.ClientBase): Promise<boolean> {
  let alone = 0;
  for (let round = 0; round < ROUNDS && alone < 2; round += 1) {
    await client.query("select pg_logical_emit_message(true, 'compact', '')");
    await client.query("select pg_switch_wal()");
    // In the new segment already, so that the checkpoint needs none before it.
    await client.query("select pg_logical_emit_message(true, 'compact', '')");
    await client.query("checkpoint");
    const { rowCount } = await client.query(
      `select from pg_ls_waldir()
        where name ~ '^[0-9A-F]{24}$' and name <> pg_walfile_name(pg_current_wal_insert_lsn())`,
    );
    alone = rowCount === 0 ? alone + 1 : 0;
  }
  return alone === 2;
}
