/** Facts of the installation that every process shares: its salt, the key ring's check value, the clock's offset. */
import type { Door, Millis } from "../core/door.ts";
import type { Sql } from "./database.ts";
import { open, type Ring, seal } from "./seal.ts";

/** Made once, by whoever comes first. */
export async function readSalt(sql: Sql, door: Pick<Door, "random">): Promise<Buffer> {
  const fresh = Buffer.from(door.random(32)).toString("base64");
  return Buffer.from(await settle(sql, "salt", fresh), "base64");
}

const CHECK = "setting key-check";

/** Throws SealBroken, naming the key, where the ring can't open what this database was sealed with. */
export async function checkRing(sql: Sql, door: Pick<Door, "random">, ring: Ring): Promise<void> {
  const sealed = await settle(sql, "key-check", seal(ring, door, "bowline", CHECK).toString("base64"));
  open(ring, Buffer.from(sealed, "base64"), CHECK);
}

/** How far the sandbox moved the gateway's clock ahead of real time. */
export async function readClockOffset(sql: Sql): Promise<Millis> {
  const row = await sql.row<{ value: number }>("select value from setting where name = 'clock-offset'");
  return row?.value ?? 0;
}

/** Never backwards: a clock that went back would undo the order of facts. */
export async function writeClockOffset(sql: Sql, offset: Millis): Promise<void> {
  await sql.run(
    `insert into setting values ('clock-offset', to_jsonb($1::bigint))
     on conflict (name) do update set value = excluded.value where (setting.value)::bigint < (excluded.value)::bigint`,
    [offset],
  );
}

async function settle(sql: Sql, name: string, fresh: string): Promise<string> {
  await sql.run("insert into setting values ($1, to_jsonb($2::text)) on conflict (name) do nothing", [name, fresh]);
  const row = await sql.row<{ value: string }>("select value from setting where name = $1", [name]);
  return row?.value ?? fresh;
}
