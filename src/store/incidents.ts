/** What the operator has to know, each thing once while it lasts: alarms, orphans, codes that no map has. */
import type { Door, Instant } from "../core/door.ts";
import { type Sql, stamp } from "./database.ts";
import { mint, randomHome } from "./home.ts";
import { makeDue } from "./tasks.ts";

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
  const row = await sql.row<{ count: string; told: string }>(
    `insert into incident as i (id, kind, provider, subject, opened_at, last_at, count, detail)
     values ($1, $2, $3, $4, $5, $5, 1, $6)
     on conflict (kind, subject) where closed_at is null do update set
       last_at = excluded.last_at, count = i.count + 1, detail = excluded.detail
     returning count, told`,
    [mint(door, "incident", randomHome(door)), kind, provider, subject, stamp(now), JSON.stringify(detail)],
  );
  if (row?.told === "nothing") await makeTellingDue(sql, now);
  return row?.count === "1";
}

export async function settle(sql: Sql, kind: IncidentKind, subject: string, now: Instant): Promise<void> {
  const closed = await sql.run(
    "update incident set closed_at = $3 where kind = $1 and subject = $2 and closed_at is null",
    [kind, subject, stamp(now)],
  );
  if (closed > 0) await makeTellingDue(sql, now);
}

/** One task tells the operator of all there is to tell; the rows say what of it is left. */
export const makeTellingDue = (sql: Sql, now: Instant): Promise<void> =>
  makeDue(sql, OPERATOR, "operator", "tell", now, now);

const OPERATOR = "0";

/** A code that no map has: counted, with its latest sample, until a map has it. */
export async function countUnmapped(
  sql: Sql,
  provider: string,
  code: string,
  sample: Record<string, unknown>,
  now: Instant,
): Promise<void> {
  const row = await sql.row<{ isTold: boolean }>(
    `insert into unmapped_code as u (provider, code, first_at, last_at, count, sample) values ($1, $2, $3, $3, 1, $4)
     on conflict (provider, code) do update set
       last_at = excluded.last_at, count = u.count + 1, sample = excluded.sample
     returning told_at is not null as "isTold"`,
    [provider, code, stamp(now), JSON.stringify(sample)],
  );
  if (row?.isTold === false) await makeTellingDue(sql, now);
}

export interface UnmappedCode {
  provider: string;
  code: string;
  firstAt: Instant;
  lastAt: Instant;
  count: string;
  sample: Record<string, unknown>;
}

/** What there is to tell the operator, oldest first. An alarm that came and went is told as both. */
export interface Notice {
  subject: { incident: string } | { provider: string; code: string };
  what: "raised" | "settled" | "unmapped";
  at: Instant;
  facts: Record<string, unknown>;
}

export async function untold(sql: Sql, most: number): Promise<Notice[]> {
  const incidents = await sql.rows<Incident & { closedAt: Instant | null; told: string }>(
    `select id, kind, provider, subject, opened_at as "openedAt", last_at as "lastAt", closed_at as "closedAt", count,
       detail, told
      from incident where told = 'nothing' or (told = 'raised' and closed_at is not null)
      order by opened_at, id limit $1`,
    [most],
  );
  const codes = await sql.rows<UnmappedCode>(
    `select provider, code, first_at as "firstAt", last_at as "lastAt", count, sample from unmapped_code
      where told_at is null order by first_at, provider, code limit $1`,
    [most],
  );
  return [
    ...incidents.map(({ id, kind, provider, detail, openedAt, closedAt, told }): Notice => {
      const what = told === "nothing" ? "raised" : "settled";
      const at = what === "raised" ? openedAt : (closedAt ?? openedAt);
      return {
        subject: { incident: id },
        what,
        at,
        facts: { incidentId: id, kind, serviceProvider: provider, detail },
      };
    }),
    ...codes.map(({ provider, code, firstAt, sample }): Notice => {
      const facts = { serviceProvider: provider, code, sample };
      return { subject: { provider, code }, what: "unmapped", at: firstAt, facts };
    }),
  ];
}

export async function markTold(sql: Sql, { subject, what }: Notice, now: Instant): Promise<void> {
  if ("incident" in subject) await sql.run("update incident set told = $2 where id = $1", [subject.incident, what]);
  else
    await sql.run("update unmapped_code set told_at = $3 where provider = $1 and code = $2", [
      subject.provider,
      subject.code,
      stamp(now),
    ]);
}
