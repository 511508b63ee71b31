/**
 * What transactions did since the last event that counted them, kept beside the account page by page: a run that dies
 * between two pages loses no count, and one that reads a page again counts nothing twice.
 */
import type { Counts } from "../core/events.ts";
import type { Home } from "../core/ids.ts";
import type { Sql } from "./database.ts";
import type { Changed, Written } from "./transactions.ts";

/** Bank and investment transactions are counted apart: an event tells both, and may tell one before the other. */
const BOOKS = {
  bank: { tally: "tally", rows: "transaction" },
  investments: { tally: "investment_tally", rows: "investment_transaction" },
} as const;
export type Book = keyof typeof BOOKS;

export async function addToTallies(
  sql: Sql,
  home: Home,
  changes: readonly (Changed | Written)[],
  book: Book = "bank",
): Promise<void> {
  if (changes.length === 0) return;
  const { tally } = BOOKS[book];
  const sums = new Map<string, Counts>();
  for (const change of changes) {
    sums.set(change.accountId, counted(sums.get(change.accountId) ?? NOTHING, change));
  }
  await sql.run(
    `update account a set ${tally} = jsonb_build_object(
       'added', coalesce((a.${tally}->>'added')::int, 0) + n.added,
       'updated', coalesce((a.${tally}->>'updated')::int, 0) + n.updated,
       'removed', coalesce(a.${tally}->'removed', '[]') || n.removed,
       'oldest', least(a.${tally}->>'oldest', n.oldest))
       from jsonb_to_recordset($2) as n (id text, added int, updated int, removed jsonb, oldest text)
      where a.home = $1 and a.id = n.id`,
    [home, JSON.stringify([...sums].map(([id, sum]) => ({ id, ...sum })))],
  );
}

const NOTHING: Counts = { added: 0, updated: 0, removed: [], oldest: null };

function counted(sum: Counts, change: Changed | Written): Counts {
  if (!("how" in change)) {
    const { added, updated, oldest } = change;
    return { ...sum, added: sum.added + added, updated: sum.updated + updated, oldest: earlier(sum, oldest) };
  }
  const { id, date, how } = change;
  if (how === "removed") return { ...sum, removed: [...sum.removed, id] };
  return { ...sum, [how]: sum[how] + 1, oldest: earlier(sum, date) };
}

const earlier = ({ oldest }: Counts, day: string): string => (oldest === null || day < oldest ? day : oldest);

/** The counts since the last time, by account; they begin anew. What was taken back and came again is not removed. */
export async function takeTallies(
  sql: Sql,
  home: Home,
  providerConnectionId: string,
  book: Book = "bank",
): Promise<Map<string, Counts>> {
  const { tally: column, rows: table } = BOOKS[book];
  const rows = await sql.rows<{ id: string; tally: Counts }>(
    `select id, ${column} as tally from account
      where home = $1 and provider_connection_id = $2 and ${column} is not null
      order by first_listed_at, id`,
    [home, providerConnectionId],
  );
  if (rows.length === 0) return new Map();
  const gone = await sql.rows<{ id: string }>(
    `select id from ${table} where home = $1 and id = any($2) and removed_at is not null`,
    [home, rows.flatMap(({ tally }) => tally.removed)],
  );
  const isGone = new Set(gone.map(({ id }) => id));
  const ids = rows.map(({ id }) => id);
  await sql.run(`update account set ${column} = null where home = $1 and id = any($2)`, [home, ids]);
  return new Map(
    rows.map(({ id, tally }) => {
      // One that was taken back twice is in the list twice.
      const removed = [...new Set(tally.removed)].filter((one) => isGone.has(one));
      return [id, { ...tally, removed }];
    }),
  );
}
