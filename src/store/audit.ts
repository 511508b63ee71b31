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

/** `at`: when it was done. All of them are written, or none. */
export const writeAudit = (sql: Sql, door: Door, acts: readonly (Act & { at: Instant })[]): Promise<number> =>
  sql.run(
    `insert into audit_entry (home, id, at, via, key_id, os_user, action, objects, outcome, status, request_id)
     select * from jsonb_to_recordset($1) as act (home bigint, id text, at timestamptz, via text, key_id text,
       os_user text, action text, objects text[], outcome text, status int, request_id text)`,
    [
      JSON.stringify(
        acts.map((act) => {
          const home = randomHome(door);
          return {
            home,
            id: mint(door, "audit", home),
            at: stamp(act.at),
            via: act.via,
            key_id: act.keyId,
            os_user: act.systemUser,
            action: act.action,
            objects: act.objects.slice(0, MOST),
            outcome: act.outcome,
            status: act.status,
            request_id: act.requestId,
          };
        }),
      ),
    ],
  );

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
