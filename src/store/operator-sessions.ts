/** Operators who typed a key once: the browser holds a token, and its hash stands here until it ends. */
import { createHash } from "node:crypto";
import type { Instant } from "../core/door.ts";
import type { Scope } from "../core/scopes.ts";
import { type Sql, stamp } from "./database.ts";

/** The look-up is by hash, so how long it takes tells nothing about any token. */
const hashOf = (token: string): Buffer => createHash("sha256").update(token).digest();

export interface Typed {
  id: string;
  label: string;
  scope: Scope;
}

/** What has ended goes at the same time, so that the table stays as small as the number of operators. */
export async function openOperatorSession(
  sql: Sql,
  token: string,
  keyId: string,
  now: Instant,
  expiresAt: Instant,
): Promise<void> {
  await sql.run("delete from operator_session where expires_at <= $1", [stamp(now)]);
  await sql.run("insert into operator_session (hash, key_id, expires_at) values ($1, $2, $3)", [
    hashOf(token),
    keyId,
    stamp(expiresAt),
  ]);
}

/** The key that was typed, and so what may be done; null: there is no such session, or no more. */
export const keyOfSession = (sql: Sql, token: string, now: Instant): Promise<Typed | null> =>
  sql.row(
    `select k.id, k.label, k.scopes[1] as scope from operator_session s join api_key k on k.id = s.key_id
      where s.hash = $1 and s.expires_at > $2 and k.revoked_at is null`,
    [hashOf(token), stamp(now)],
  );

export const endOperatorSession = (sql: Sql, token: string): Promise<number> =>
  sql.run("delete from operator_session where hash = $1", [hashOf(token)]);
