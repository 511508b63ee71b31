/** API keys: shown once, stored hashed. */
import { createHash } from "node:crypto";
import type { Door, Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";
import { mint, randomHome } from "./home.ts";

export interface ApiKey {
  id: string;
  label: string;
  scopes: string[];
}

const hashOf = (key: string): Buffer => createHash("sha256").update(key).digest();

/** The look-up is by hash, so how long it takes tells nothing about any key. */
export const findApiKey = (sql: Sql, key: string): Promise<ApiKey | null> =>
  sql.row("select id, label, scopes from api_key where hash = $1 and revoked_at is null", [hashOf(key)]);

export const countApiKeys = async (sql: Sql): Promise<number> =>
  Number((await sql.row<{ count: string }>("select count(*) from api_key where revoked_at is null"))?.count ?? 0);

export interface KeptKey {
  id: string;
  label: string;
  createdAt: Instant;
  revokedAt: Instant | null;
}

export const apiKeys = (sql: Sql): Promise<KeptKey[]> =>
  sql.rows(
    `select id, label, created_at as "createdAt", revoked_at as "revokedAt" from api_key order by created_at, id`,
  );

/** False: there is no such key, or it was revoked before. */
export const revokeApiKey = async (sql: Sql, id: string, at: Instant): Promise<boolean> =>
  (await sql.run("update api_key set revoked_at = $2 where id = $1 and revoked_at is null", [id, stamp(at)])) > 0;

export const freshKey = (door: Pick<Door, "random">): string =>
  `bow_${Buffer.from(door.random(24)).toString("base64url")}`;

export async function makeApiKey(sql: Sql, door: Door, label: string): Promise<{ id: string; key: string }> {
  const key = freshKey(door);
  await addApiKey(sql, door, key, label);
  const kept = await findApiKey(sql, key);
  if (!kept) throw new Error("the key that was made just now is not there");
  return { id: kept.id, key };
}

/** Stores the key if it is not known; false: it was. */
export async function addApiKey(sql: Sql, door: Door, key: string, label: string): Promise<boolean> {
  const written = await sql.run(
    `insert into api_key (id, hash, label, scopes, created_at) values ($1, $2, $3, array['admin'], $4)
     on conflict (hash) do nothing`,
    [mint(door, "apiKey", randomHome(door)), hashOf(key), label, stamp(door.now())],
  );
  return written > 0;
}
