/** What happened to a connection, for whoever asks why it is as it is: observations, acts, states, refreshes. */
import type { Door, Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";
import { mint } from "./home.ts";

/**
 * state        the connection moved in the table
 * observation  a run told something (of the provider connection, shared by its claims)
 * act          start, hold, finish, reconnect, refresh, delete
 * session      something in the widget that changed nothing
 * webhook      the provider called in, and a read was made due
 */
export const ENTRY_KINDS = ["state", "observation", "act", "session", "webhook"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface Entry {
  id: string;
  subject: string;
  at: Instant;
  kind: EntryKind;
  detail: Record<string, unknown>;
}

export async function note(
  sql: Sql,
  door: Pick<Door, "random">,
  home: Home,
  subject: string,
  kind: EntryKind,
  detail: Record<string, unknown>,
  now: Instant,
): Promise<void> {
  await noteOnce(sql, home, subject, { id: mint(door as Door, "entry", home), kind, detail }, now);
}

/** Under an id of the caller's. False: that entry is there already. */
export async function noteOnce(
  sql: Sql,
  home: Home,
  subject: string,
  { id, kind, detail }: Pick<Entry, "id" | "kind" | "detail">,
  at: Instant,
): Promise<boolean> {
  const written = await sql.run(
    `insert into timeline (home, subject, at, id, kind, detail) values ($1, $2, $3, $4, $5, $6)
     on conflict (home, subject, at, id) do nothing`,
    [home, subject, stamp(at), id, kind, JSON.stringify(detail)],
  );
  return written > 0;
}

/** How many steps of the customer stand there, and whether this one is among them. */
export async function sessionEntries(
  sql: Sql,
  home: Home,
  subject: string,
  id: string,
): Promise<{ count: number; isKnown: boolean }> {
  const row = await sql.row<{ count: string; known: string }>(
    `select count(*), count(*) filter (where id = $3) as known from timeline
      where home = $1 and subject = $2 and kind = 'session'`,
    [home, subject, id],
  );
  return { count: Number(row?.count ?? 0), isKnown: Number(row?.known ?? 0) > 0 };
}

/** The details of every act of this name on the subject. */
export async function actsOf(sql: Sql, home: Home, subject: string, act: string): Promise<Entry["detail"][]> {
  const rows = await sql.rows<Pick<Entry, "detail">>(
    `select detail from timeline where home = $1 and subject = $2 and kind = 'act' and detail ->> 'act' = $3
      order by at, id`,
    [home, subject, act],
  );
  return rows.map(({ detail }) => detail);
}

export const eraseTimeline = (sql: Sql, home: Home, subjects: readonly string[]): Promise<number> =>
  sql.run("delete from timeline where home = $1 and subject = any($2)", [home, subjects]);
