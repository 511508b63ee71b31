/**
 * The whole database as lines, and back. Our own, because the built-in database comes without pg_dump, and because a
 * restore then checks what it reads: the schema that it was made with, that it is whole, and that the key ring fits.
 *
 *   {"bowline":"backup","format":1,"schema":10,"at":"…","sealedBy":"main"}
 *   {"table":"customer","columns":["home",…]}     then a line a row, as COPY has them, and \. behind the last
 *   {"end":true,"rows":1234}
 *
 * Tables come in the order in which they refer to each other. What other tables refer to is there first.
 */
import type { Writable } from "node:stream";
import type pg from "pg";
import type { Instant } from "../core/door.ts";
import { copyIn, copyOut } from "./copy.ts";
import { sealedBy } from "./seal.ts";

const FORMAT = 1;
const END = Buffer.from("\\.\n");
const LINE_FEED = 10;

/** The file, or the place that it is to go to, is not what it has to be; the sentence says how. */
export class BackupRefused extends Error {
  override name = "BackupRefused";
}

export interface Head {
  schema: number;
  at: string;
  /** The name of the key that the installation's check value is sealed with. */
  sealedBy: string;
}

interface Table {
  table: string;
  columns: string[];
}

/** All of one moment, while others go on writing. Answers how many rows. */
export async function dump(client: pg.ClientBase, sink: Writable, at: Instant): Promise<number> {
  await client.query("begin transaction isolation level repeatable read, read only");
  try {
    const rows = await dumpAll(client, sink, at);
    await client.query("commit");
    return rows;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function dumpAll(client: pg.ClientBase, sink: Writable, at: Instant): Promise<number> {
  const say = (line: object) => void sink.write(`${JSON.stringify(line)}\n`);
  const { rows: newest } = await client.query<{ schema: number }>("select max(number) as schema from migration");
  const { rows: check } = await client.query<{ value: string }>("select value from setting where name = 'key-check'");
  if (!check[0]) throw new BackupRefused("No gateway has started on this database yet: there is nothing to back up.");
  const head: Head = {
    schema: newest[0]?.schema ?? 0,
    at: new Date(at).toISOString(),
    sealedBy: sealedBy(Buffer.from(check[0].value, "base64")),
  };
  say({ bowline: "backup", format: FORMAT, ...head });
  let rows = 0;
  for (const table of await tables(client)) {
    say(table);
    rows += await copyOut(client, targetOf(table), sink);
    sink.write(END);
  }
  say({ end: true, rows });
  return rows;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const targetOf = ({ table, columns }: Table): string => `${quoted(table)} (${columns.map(quoted).join(", ")})`;

/** Of the gateway's schema, less the columns that compute themselves; those that others refer to come first. */
async function tables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table & { refers: string[] }>(
    `select c.relname::text as table,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       array(select f.confrelid::regclass::text from pg_constraint f
         where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as refers
     from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> 'migration' order by c.relname`,
  );
  const sorted: Table[] = [];
  const left = new Map(rows.map((row) => [row.table, row]));
  while (left.size > 0) {
    const next = [...left.values()].find(({ refers }) => !refers.some((name) => left.has(name.replaceAll('"', ""))));
    if (!next) throw new Error(`tables refer to each other in a circle: ${[...left.keys()].join(", ")}`);
    left.delete(next.table);
    sorted.push({ table: next.table, columns: next.columns });
  }
  return sorted;
}

/** Nobody has used it: a gateway's first start makes an API key, and an import or a customer leaves rows. */
export async function isEmpty(client: Pick<pg.ClientBase, "query">): Promise<boolean> {
  const { rows } = await client.query<{ name: string | null }>("select to_regclass('api_key')::text as name");
  if (!rows[0]?.name) return true;
  const used = await client.query("select from api_key union all select from customer limit 1");
  return used.rowCount === 0;
}

export interface Backup {
  head: Head;
  lines: AsyncGenerator<Buffer>;
}

/** Reads the head; the rest is read as it is loaded. */
export async function openBackup(source: AsyncIterable<Buffer>): Promise<Backup> {
  const lines = linesOf(source);
  const first = await lines.next();
  const head = first.done ? null : jsonOf(first.value);
  if (head?.["bowline"] !== "backup")
    throw new BackupRefused("is no backup of a gateway; name a file that `bowline backup` wrote");
  if (head["format"] !== FORMAT) throw new BackupRefused("was written by a newer version; restore it with that one");
  return { head: head as unknown as Head, lines };
}

/**
 * Loads everything in the caller's transaction, into tables of the backup's own schema. What the migrations put into
 * them themselves is in the backup too.
 */
export async function load(client: pg.ClientBase, { lines }: Backup): Promise<number> {
  const there = await tables(client);
  await client.query(`truncate ${there.map(({ table }) => quoted(table)).join(", ")}`);
  let rows = 0;
  for (;;) {
    const { value, done } = await lines.next();
    const said = done ? null : jsonOf(value);
    if (said?.["end"] === true) {
      if (said["rows"] === rows) return rows;
      throw new BackupRefused(`has ${rows} rows, and says that it has ${String(said["rows"])}: it was changed`);
    }
    const target = there.find(({ table }) => table === said?.["table"]);
    if (!said || !target) throw new BackupRefused("ends in the middle: it was cut off; take another backup");
    const columns = (said["columns"] as string[]).filter((name) => target.columns.includes(name));
    if (columns.length !== (said["columns"] as string[]).length)
      throw new BackupRefused(`has other columns of ${target.table} than its schema: it was changed`);
    await copyIn(client, targetOf({ table: target.table, columns }), counted());
  }

  async function* counted(): AsyncGenerator<Buffer> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new BackupRefused("ends in the middle: it was cut off; take another backup");
      if (value.equals(END)) return;
      rows++;
      yield value;
    }
  }
}

function jsonOf(line: Buffer): Record<string, unknown> | null {
  try {
    return JSON.parse(line.toString()) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** With the line feed of each. By bytes: a text may have in it what others take for the end of a line. */
async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      const piece = chunk.subarray(from, at + 1);
      yield rest.length > 0 ? Buffer.concat([...rest, piece]) : piece;
      rest = [];
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
