/** Which tables may grow in a day, and why; every other stands still while nobody links and nobody leaves. */
import type pg from "pg";

/** What time forgets: it grows until it is as old as the sweep's table lets it grow. */
export const FORGOTTEN: Readonly<Record<string, string>> = {
  audit_entry: "by the operator, `bowline audit forget`",
  event: "events, 30 days",
  delivery: "with their events",
  attempt: "with their events",
  timeline: "a year",
  activity: "30 days",
  inbound: "14 days",
  call_count: "62 days",
  idempotency: "7 days",
  refresh: "a year",
  session: "30 days",
};

/** What grows with the banks' own books, or is one row for each kind of thing. */
export const OF_THE_BANKS: ReadonlySet<string> = new Set(["transaction", "incident", "unmapped_code", "setting"]);

export async function rowsOf(sql: pg.Pool): Promise<Map<string, number>> {
  const { rows: names } = await sql.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  );
  const counts = new Map<string, number>();
  for (const { name } of names) {
    const { rows } = await sql.query<{ count: string }>(`select count(*) from "${name}"`);
    counts.set(name, Number(rows[0]?.count));
  }
  return counts;
}

/** Tables that grew although nothing that they stand for did, a sentence each. */
export function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after].flatMap(([name, rows]) => {
    const was = before.get(name) ?? 0;
    const isFree = name in FORGOTTEN || OF_THE_BANKS.has(name);
    // A claim of a webhook that is on its way, and the like.
    return isFree || rows <= was * 1.02 + 50 ? [] : [`${name} grew from ${was} to ${rows} rows`];
  });
}
