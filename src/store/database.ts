/**
 * PostgreSQL as the rooms above see it: statements, transactions, and one error for "the database is away".
 *
 * Values come back in the forms that the gateway uses everywhere: instants as milliseconds, plain dates, numeric and
 * bigint as text. Every statement is prepared once per session, under a name made of its text.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import type { Instant } from "../core/door.ts";

export interface Sql {
  rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row, or null. */
  row<Row>(text: string, values?: readonly unknown[]): Promise<Row | null>;
  /** How many rows were written. */
  run(text: string, values?: readonly unknown[]): Promise<number>;
}

export interface Database extends Sql {
  /** Commits what `work` wrote, or nothing. `name` says which step of which action this is. */
  tx<T>(name: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Told before and after every commit and provider call; a test stops a worker there. */
export type Reach = (point: string) => Promise<void>;

/** The database can't be reached now. What was asked can be asked again. */
export class DatabaseAway extends Error {
  override name = "DatabaseAway";
}

export function openDatabase(config: pg.PoolConfig, log: (error: Error) => void, reach?: Reach): Database {
  const pool = new pg.Pool({ connectionTimeoutMillis: 3000, max: 20, ...config, types: { getTypeParser } });
  pool.on("error", log);
  return overPool(pool, reach);
}

/** The sessions of a database: a statement on any of them, and one to oneself. */
export interface Sessions extends Client {
  connect(): Promise<Client & { release(broken?: Error): void }>;
  end(): Promise<void>;
}

export function overPool(pool: Sessions, reach?: Reach): Database {
  return {
    ...statements(pool, true),
    async tx(name, work) {
      const client = await away(() => pool.connect());
      let broken: Error | undefined;
      try {
        await away(() => client.query("begin"));
        const result = await work(statements(client, false));
        await reach?.(`before commit: ${name}`);
        await away(() => client.query("commit"));
        await reach?.(`after commit: ${name}`);
        return result;
      } catch (error) {
        await client.query("rollback").catch((failed: Error) => {
          broken = failed;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

const FAR = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Instants go in as text, so that the far ends of time can be said. */
export function stamp(at: Instant): string {
  // What lies beyond the last day of the four-digit years is beyond everything: nothing is kept there.
  if (at > FAR) return "infinity";
  return at === -Infinity ? "-infinity" : new Date(at).toISOString();
}

export const stampOrNull = (at: Instant | null | undefined): string | null =>
  at === null || at === undefined ? null : stamp(at);

/** Texts as PostgreSQL writes an array of them. The driver's own way takes as long as the statement that it is for. */
export function textArray(texts: readonly (string | null)[]): string {
  const json = JSON.stringify(texts).slice(1, -1);
  // The two write the same, but for what is escaped.
  if (!json.includes("\\")) return `{${json}}`;
  const escaped = texts.map((text) => (text === null ? "NULL" : `"${text.replace(/["\\]/g, "\\$&")}"`));
  return `{${escaped.join(",")}}`;
}

interface Client {
  query(statement: string | pg.QueryConfig): Promise<pg.QueryResult>;
}

/** Of two that wait for each other, one is undone. A statement of its own had no effect then, and is asked again. */
const DEADLOCK = "40P01";
const ASKED = 4;

function statements(client: Client, isAlone: boolean): Sql {
  const once = (text: string, values: readonly unknown[]) =>
    away(() => client.query({ name: nameOf(text), text, values: [...values] }));
  async function query(text: string, values: readonly unknown[] = []): ReturnType<typeof once> {
    for (let left = isAlone ? ASKED : 1; ; left--) {
      try {
        return await once(text, values);
      } catch (error) {
        if (((error as Error).cause as { code?: string } | undefined)?.code !== DEADLOCK || left === 1) throw error;
      }
    }
  }
  return {
    rows: async <Row>(text: string, values?: readonly unknown[]) => (await query(text, values)).rows as Row[],
    row: async <Row>(text: string, values?: readonly unknown[]) =>
      ((await query(text, values)).rows[0] ?? null) as Row | null,
    run: async (text, values) => (await query(text, values)).rowCount ?? 0,
  };
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}

const { TIMESTAMPTZ, DATE, INT8, NUMERIC } = pg.types.builtins;

const parsers: Record<number, (text: string) => unknown> = {
  [TIMESTAMPTZ]: (text) => (text === "infinity" ? Infinity : text === "-infinity" ? -Infinity : Date.parse(text)),
  [DATE]: (text) => text,
  [INT8]: (text) => text,
  [NUMERIC]: (text) => text,
};

/** For whoever opens sessions: values in the gateway's forms. */
export const getTypeParser = ((oid: number, format?: "text") =>
  parsers[oid] ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

/** SQLSTATEs that mean "not now": connection, undone for another's sake, resources, intervention, read-only standby. */
const AWAY = /^(08|40|53|57P0|25006)/;
const SOCKET = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"]);

/** Runs `ask`; what means "not now" is thrown as DatabaseAway. */
export async function away<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    const gone = /Connection terminated|timeout exceeded when trying to connect|not queryable/i.test(message);
    if (AWAY.test(code) || SOCKET.has(code) || gone) throw new DatabaseAway(message, { cause: error });
    throw error;
  }
}
