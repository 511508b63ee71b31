/**
 * What transactions did since the last event that counted them, kept beside the account page by page: a run that dies
 * between two pages loses no count, and one that reads a page again counts nothing twice.
 */
import type { Counts } from "../core/events.ts";
import type { Home } from "../core/ids.ts";
import type { Sql } from "./database.ts";
import type { Changed } from "./transactions.ts";

/** Bank and investment transactions are counted apart: an event tells both, and may tell one before the other. */
const BOOKS = {
  bank: { tally: "tally", rows: "transaction" },
  investments: { tally: "investment_tally", rows: "investment_transaction" },
} as const;
export type Book = keyof typeof BOOKS;

export async function addToTallies(
  sql: Sql,
  home: Home,
  changes: readonly Changed[],
  book: Book = "bank",
): Promise<void> {
  const { tally: column } = BOOKS[book];
  const ids = [...new Set(changes.map(({ accountId }) => accountId))];
  if (ids.length === 0) return;
  const tallies = new Map(
    (
      await sql.rows<{ id: string; tally: Counts | null }>(
        `select id, ${column} as tally from account where home = $1 and id = any($2)`,
        [home, ids],
      )
    ).map(({ id, tally }) => [id, tally ?? { added: 0, updated: 0, removed: [], oldest: null }]),
  );
  for (const change of changes) {
    const tally = tallies.get(change.accountId);
    if (tally) tallies.set(change.accountId, counted(tally, change));
  }
  await sql.run(
    `update account set ${column} = n.tally from jsonb_to_recordset($2) as n (id text, tally jsonb)
      where account.home = $1 and account.id = n.id`,
    [home, JSON.stringify([...tallies].map(([id, tally]) => ({ id, tally })))],
  );
}

function counted(tally: Counts, { id, date, how }: Changed): Counts {
  if (how === "removed") return { ...tally, removed: [...tally.removed.filter((one) => one !== id), id] };
  const { oldest } = tally;
  return { ...tally, [how]: tally[how] + 1, oldest: oldest === null || date < oldest ? date : oldest };
}

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
    rows.map(({ id, tally }) => [id, { ...tally, removed: tally.removed.filter((one) => isGone.has(one)) }]),
  );
}
