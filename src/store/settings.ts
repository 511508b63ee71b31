/** Facts of the installation that every process shares: its salt, the key ring's check value, the clock's offset. */
import type { Door, Instant, Millis } from "../core/door.ts";
import type { Sql } from "./database.ts";
import { open, type Ring, reseal, seal } from "./seal.ts";

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

/** The value by which a ring is known to fit; null: nobody has looked yet. */
export async function sealedCheck(sql: Sql): Promise<Buffer | null> {
  const row = await sql.row<{ value: string }>("select value from setting where name = 'key-check'");
  return row ? Buffer.from(row.value, "base64") : null;
}

/** Seals it by the ring's first key. Answers whether it was not. */
export async function replaceCheck(sql: Sql, door: Pick<Door, "random">, ring: Ring): Promise<boolean> {
  const was = await sealedCheck(sql);
  const fresh = was && reseal(ring, door, was, CHECK);
  if (!fresh) return false;
  await sql.run("update setting set value = to_jsonb($1::text) where name = 'key-check'", [fresh.toString("base64")]);
  return true;
}

/** Since when a key of this name has been the first of the ring, as the first rotation to it saw. */
export async function firstSince(sql: Sql, name: string, now: Instant): Promise<Instant> {
  return Number(await settle(sql, `key-first ${name}`, String(now)));
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
