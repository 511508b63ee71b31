/** What the operator has to know, each thing once while it lasts: alarms, orphans, codes that no map has. */
import type { Door, Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";
import { mint, randomHome } from "./home.ts";

/**
 * provider-refuses-us  our keys or our registration are refused (rule 4)
 * orphan               a crash lost what a step that can't be repeated had obtained
 * revocation-stuck     the provider has not confirmed a removal for a week
 * webhook-disabled     an endpoint asked for no more, or failed for too long
 * bug                  code of ours threw where it must not
 */
export type IncidentKind = "provider-refuses-us" | "orphan" | "revocation-stuck" | "webhook-disabled" | "bug";

export interface Incident {
  id: string;
  kind: IncidentKind;
  provider: string | null;
  subject: string;
  openedAt: Instant;
  lastAt: Instant;
  count: string;
  detail: Record<string, unknown>;
}

/** Opens the incident, or counts it once more while it is open. True: it was opened now. */
export async function raise(
  sql: Sql,
  door: Door,
  kind: IncidentKind,
  provider: string | null,
  subject: string,
  detail: Record<string, unknown>,
  now: Instant,
): Promise<boolean> {
  const row = await sql.row<{ count: string }>(
    `insert into incident as i (id, kind, provider, subject, opened_at, last_at, count, detail)
     values ($1, $2, $3, $4, $5, $5, 1, $6)
     on conflict (kind, subject) where closed_at is null do update set
       last_at = excluded.last_at, count = i.count + 1, detail = excluded.detail
     returning count`,
    [mint(door, "incident", randomHome(door)), kind, provider, subject, stamp(now), JSON.stringify(detail)],
  );
  return row?.count === "1";
}

export const settle = (sql: Sql, kind: IncidentKind, subject: string, now: Instant): Promise<number> =>
  sql.run("update incident set closed_at = $3 where kind = $1 and subject = $2 and closed_at is null", [
    kind,
    subject,
    stamp(now),
  ]);

/** A code that no map has: counted, with its latest sample, until a map has it. */
export async function countUnmapped(
  sql: Sql,
  provider: string,
  code: string,
  sample: Record<string, unknown>,
  now: Instant,
): Promise<void> {
  await sql.run(
    `insert into unmapped_code as u (provider, code, first_at, last_at, count, sample) values ($1, $2, $3, $3, 1, $4)
     on conflict (provider, code) do update set
       last_at = excluded.last_at, count = u.count + 1, sample = excluded.sample`,
    [provider, code, stamp(now), JSON.stringify(sample)],
  );
}

export interface UnmappedCode {
  provider: string;
  code: string;
  firstAt: Instant;
  lastAt: Instant;
  count: string;
  sample: Record<string, unknown>;
}
