/** API keys: shown once, stored hashed. */
import { createHash } from "node:crypto";
import type { Door, Instant } from "../core/door.ts";
import type { Scope } from "../core/scopes.ts";
import { type Database, type Sql, stamp } from "./database.ts";
import { mint, randomHome } from "./home.ts";

export interface ApiKey {
  id: string;
  label: string;
  scope: Scope;
  lastUsedAt: Instant | null;
}

const hashOf = (key: string): Buffer => createHash("sha256").update(key).digest();

/** `scopes` holds one: each covers the ones below it. */
const SELECT = `id, label, scopes[1] as scope, last_used_at as "lastUsedAt"`;

/** The look-up is by hash, so how long it takes tells nothing about any key. */
export async function findApiKeys(sql: Sql, keys: readonly string[]): Promise<(key: string) => ApiKey | null> {
  const found = await sql.rows<ApiKey & { hash: Buffer }>(
    `select ${SELECT}, hash from api_key where hash = any($1) and revoked_at is null`,
    [[...new Set(keys)].map(hashOf)],
  );
  return (key) => {
    const hash = hashOf(key);
    return found.find((one) => one.hash.equals(hash)) ?? null;
  };
}

export const findApiKey = async (sql: Sql, key: string): Promise<ApiKey | null> => (await findApiKeys(sql, [key]))(key);

/** How much later than a key's last use its row may say so: nobody waits for a write at each request. */
const LATE = 60_000;

export async function noteUse(sql: Sql, { id, lastUsedAt }: ApiKey, now: Instant): Promise<void> {
  if (lastUsedAt !== null && now - lastUsedAt < LATE) return;
  await sql.run("update api_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $3)", [
    id,
    stamp(now),
    stamp(now - LATE + 1),
  ]);
}

export const countApiKeys = async (sql: Sql): Promise<number> =>
  Number((await sql.row<{ count: string }>("select count(*) from api_key where revoked_at is null"))?.count ?? 0);

export interface KeptKey extends ApiKey {
  createdAt: Instant;
  revokedAt: Instant | null;
}

export const apiKeys = (sql: Sql): Promise<KeptKey[]> =>
  sql.rows(
    `select ${SELECT}, created_at as "createdAt", revoked_at as "revokedAt" from api_key order by created_at, id`,
  );

/** False: there is no such key, or it was revoked before. */
export const revokeApiKey = async (sql: Sql, id: string, at: Instant): Promise<boolean> =>
  (await sql.run("update api_key set revoked_at = $2 where id = $1 and revoked_at is null", [id, stamp(at)])) > 0;

/** The same, but for the last key that could make another. Two who revoke each other's are one after the other. */
export const revokeUnlessLast = (db: Database, id: string, at: Instant): Promise<boolean | "last admin"> =>
  db.tx("revoke a key", async (sql) => {
    await sql.run("lock table api_key in exclusive mode");
    const admins = (await apiKeys(sql)).filter(({ scope, revokedAt }) => scope === "admin" && revokedAt === null);
    if (admins.length === 1 && admins[0]?.id === id) return "last admin";
    return revokeApiKey(sql, id, at);
  });

export const freshKey = (door: Pick<Door, "random">): string =>
  `bow_${Buffer.from(door.random(24)).toString("base64url")}`;

export async function makeApiKey(
  sql: Sql,
  door: Door,
  label: string,
  scope: Scope,
): Promise<{ id: string; key: string }> {
  const [id, key] = [mintApiKeyId(door), freshKey(door)];
  await addApiKey(sql, door, key, label, scope, id);
  return { id, key };
}

export const mintApiKeyId = (door: Door): string => mint(door, "apiKey", randomHome(door));

/** Stores the key if neither it nor its id is known; false: it was. */
export async function addApiKey(
  sql: Sql,
  door: Door,
  key: string,
  label: string,
  scope: Scope = "admin",
  id = mintApiKeyId(door),
): Promise<boolean> {
  const written = await sql.run(
    `insert into api_key (id, hash, label, scopes, created_at) values ($1, $2, $3, array[$5::text], $4)
     on conflict do nothing`,
    [id, hashOf(key), label, stamp(door.now()), scope],
  );
  return written > 0;
}

/** The key of the settings is always in use and may do anything: whoever can set it can't be locked out. */
export async function presetApiKey(sql: Sql, door: Door, key: string): Promise<void> {
  if (await addApiKey(sql, door, key, "BOWLINE_API_KEY")) return;
  await sql.run(
    `update api_key set scopes = array['admin'], revoked_at = null
      where hash = $1 and (revoked_at is not null or scopes <> array['admin'])`,
    [hashOf(key)],
  );
}
