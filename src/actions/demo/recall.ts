/**
 * One transaction that remembers what it has read, until it writes to a table that the answer came from. Only for a
 * transaction that is alone with its rows, as a life is under its customer's lock: a year is read through many times.
 */
import type { Sql } from "../../store/database.ts";

const READS = /^\s*select\b/i;
const TABLES = /\b(?:from|join|into|update)\s+([a-z_]+)/gi;

const tablesIn = (text: string): string[] => [...text.matchAll(TABLES)].map(([, name = ""]) => name);

export function recalling(sql: Sql): Sql {
  const known = new Map<string, { tables: readonly string[]; rows: unknown[] }>();

  async function rows<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (!READS.test(text)) {
      forget(text);
      return sql.rows<Row>(text, values);
    }
    const key = JSON.stringify([text, values]);
    const kept = known.get(key) ?? { tables: tablesIn(text), rows: await sql.rows(text, values) };
    known.set(key, kept);
    // A copy, since whoever is answered may change what it was given.
    return kept.rows.map((row) => ({ ...(row as Row) }));
  }

  function forget(text: string): void {
    const written = tablesIn(text);
    for (const [key, { tables }] of known) if (tables.some((table) => written.includes(table))) known.delete(key);
  }

  return {
    rows,
    row: async <Row>(text: string, values?: readonly unknown[]) => (await rows<Row>(text, values))[0] ?? null,
    run: (text, values) => {
      forget(text);
      return sql.run(text, values);
    },
  };
}
