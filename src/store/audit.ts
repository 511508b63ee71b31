/** The audit log: one row for each act of a person. There is no statement here that changes one, nor may there be. */
import type { Door, Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";
import { mint, randomHome } from "./home.ts";
import { type Page, page, type Place } from "./lists/page.ts";

/** In the place of ids: whatever there is. */
export const EVERYTHING = "*";

export type Outcome = "done" | "refused" | "failed";

export interface Act {
  via: "api" | "dashboard" | "command";
  keyId: string | null;
  systemUser: string | null;
  /** The operation's name in the API's document, or the command's. */
  action: string;
  objects: readonly string[];
  outcome: Outcome;
  status: number | null;
  requestId: string | null;
}

export interface AuditEntry extends Act {
  id: string;
  at: Instant;
}

/** A page of accounts has 100; what is more than this is not one act. */
const MOST = 1000;

export async function writeAct(sql: Sql, door: Door, act: Act): Promise<void> {
  const home = randomHome(door);
  await sql.run(
    `insert into audit_entry (home, id, at, via, key_id, os_user, action, objects, outcome, status, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      home,
      mint(door, "audit", home),
      stamp(door.wall()),
      act.via,
      act.keyId,
      act.systemUser,
      act.action,
      act.objects.slice(0, MOST),
      act.outcome,
      act.status,
      act.requestId,
    ],
  );
}

/** Whether this session's role is kept from changing an entry: has no right to, and can't give itself one. */
export async function isAppendOnly(sql: Sql): Promise<boolean> {
  const row = await sql.row<{ may: boolean }>(
    `select bool_or(has_table_privilege(c.oid, right_) or pg_has_role(c.relowner, 'usage')) as may
       from pg_class c cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as right_
      where c.oid = 'audit_entry'::regclass`,
  );
  return row?.may === false;
}

export interface AuditFilters {
  from?: Instant | undefined;
  before?: Instant | undefined;
  /** What touched this, or everything. */
  object?: string | undefined;
  keyId?: string | undefined;
  action?: string | undefined;
  requestId?: string | undefined;
}

export const auditKey = (a: Pick<AuditEntry, "at" | "id">) => [stamp(a.at), a.id];

/** Newest first. It asks every shard. */
export function listAudit(sql: Sql, f: AuditFilters, at: Place | null, limit: number): Promise<Page<AuditEntry>> {
  const values: unknown[] = [];
  const $ = (value: unknown) => `$${values.push(value)}`;
  const where = [
    f.from !== undefined && `u.at >= ${$(stamp(f.from))}`,
    f.before !== undefined && `u.at < ${$(stamp(f.before))}`,
    f.object !== undefined && `u.objects && ${$([f.object, EVERYTHING])}::text[]`,
    f.keyId !== undefined && `u.key_id = ${$(f.keyId)}`,
    f.action !== undefined && `u.action = ${$(f.action)}`,
    f.requestId !== undefined && `u.request_id = ${$(f.requestId)}`,
  ].filter((condition) => typeof condition === "string");
  return page<AuditEntry>(
    sql,
    {
      select: `u.id, u.at, u.via, u.key_id as "keyId", u.os_user as "systemUser", u.action, u.objects, u.outcome,
        u.status, u.request_id as "requestId"`,
      from: "audit_entry u",
      where,
      values,
      order: [{ columns: ["u.at", "u.id"], down: true }],
      keyOf: auditKey,
    },
    at,
    limit,
  );
}
