/**
 * What the running gateway may do in its own database: read and write rows, and of the audit log only read and add.
 * It works as a role of its own; migrations and commands work as the owner. Where the owner may not make roles, it
 * takes the same rights from itself: then no statement changes the log by mistake, but the owner could take them back.
 */
import type pg from "pg";

export const RUNNING = "bowline_gateway";

const LOG = "audit_entry";

/** Makes the role where it is not there and may be made. It is the whole server's, and two may make it at once. */
const MAKE = `do $$ begin
  if not exists (select from pg_roles where rolname = '${RUNNING}') then
    create role ${RUNNING} nologin;
  end if;
exception when insufficient_privilege or duplicate_object or unique_violation then null;
end $$`;

/** The owner may become it: a superuser always may, and who made it has to be let. */
const JOIN = `do $$ begin
  if exists (select from pg_roles where rolname = '${RUNNING}')
    and not (select rolsuper from pg_roles where rolname = current_user)
    and not pg_has_role(current_user, '${RUNNING}', 'usage') then
    execute 'grant ${RUNNING} to current_user';
  end if;
exception when insufficient_privilege or unique_violation then null;
end $$`;

const RIGHTS = `do $$ begin
  if exists (select from pg_roles where rolname = '${RUNNING}') then
    grant usage on schema public to ${RUNNING};
    grant select, insert, update, delete on all tables in schema public to ${RUNNING};
    revoke insert, update, delete on migration, state from ${RUNNING};
    revoke update, delete on ${LOG} from ${RUNNING};
  end if;
end $$`;

/** After every migration: a new table is the running gateway's to use at once. */
export async function writeGrants(client: pg.ClientBase): Promise<void> {
  await client.query(MAKE);
  await client.query(JOIN);
  await client.query(RIGHTS);
  await client.query(`revoke update, delete, truncate on ${LOG} from public, current_user`);
}

/** Whether who asks may become the role. */
export async function mayRun(pool: Pick<pg.Pool, "query">): Promise<boolean> {
  const { rows } = await pool.query<{ may: boolean }>(
    `select exists (select from pg_roles where rolname = '${RUNNING}') and
       (select rolsuper or pg_has_role(current_user, '${RUNNING}', 'usage')
          from pg_roles where rolname = current_user) as may`,
  );
  return rows[0]?.may === true;
}

/** The owner's alone: it gives itself the right for one statement, in a transaction that takes it back. */
export async function forgetBefore(pool: pg.Pool, before: number): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query(`grant delete on ${LOG} to current_user`);
    const { rowCount } = await client.query(`delete from ${LOG} where at < $1`, [new Date(before).toISOString()]);
    await client.query(`revoke delete on ${LOG} from current_user`);
    await client.query("commit");
    return rowCount ?? 0;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
