/**
 * Seals what is there anew, under the ring's first key, a few rows at a time and while the gateway runs. Each row is
 * written only if it still is what was read: what a gateway has written meanwhile is newer, and looked at again. So it
 * may be interrupted anywhere and begun again; what is sealed already is not touched.
 */
import type { Door } from "../core/door.ts";
import type { Sql } from "./database.ts";
import { reseal, type Ring, sealedBy } from "./seal.ts";
import { SEALED, type SealedColumn } from "./sealed.ts";
import { replaceCheck, sealedCheck } from "./settings.ts";

const COLUMNS: readonly SealedColumn[] = Object.values(SEALED);
/** Rows of one statement: short enough that no gateway waits for them. */
const BATCH = 200;

/** How many values each key has sealed, by the key's name: what a ring must have. */
export async function keysInUse(sql: Sql): Promise<Map<string, number>> {
  const uses = new Map<string, number>();
  const add = (name: string, count: number): void => void uses.set(name, (uses.get(name) ?? 0) + count);
  for (const one of COLUMNS) {
    const rows = await sql.rows<{ name: string; count: number }>(
      `select ${nameOf(one.column)} as name, count(*)::int as count from ${one.table} where ${has(one)} group by 1`,
    );
    for (const { name, count } of rows) add(name, count);
  }
  const check = await sealedCheck(sql);
  if (check) add(sealedBy(check), 1);
  return uses;
}

/** `told`: how many rows it has sealed since the last word. Answers how many in all. */
export async function resealAll(
  sql: Sql,
  door: Pick<Door, "random">,
  ring: Ring,
  told: (rows: number) => void,
): Promise<number> {
  let total = 0;
  for (;;) {
    let found = 0;
    for (const column of COLUMNS) {
      found += await resealColumn(sql, door, ring, column, (rows) => {
        total += rows;
        told(rows);
      });
    }
    if (await replaceCheck(sql, door, ring)) total += 1;
    // What was written by the old key while this passed by is met by the next pass; one that finds nothing is the end.
    if (found === 0) return total;
  }
}

/** Answers how many rows it met that were to be sealed anew, whether or not they still were what it had read. */
async function resealColumn(
  sql: Sql,
  door: Pick<Door, "random">,
  ring: Ring,
  column: SealedColumn,
  told: (rows: number) => void,
): Promise<number> {
  let found = 0;
  for (let after: readonly string[] | null = null; ; ) {
    const rows: Row[] = await sql.rows<Row>(pageOf(column, after), [ring.keys[0]?.name, BATCH, ...(after ?? [])]);
    const last = rows.at(-1);
    if (!last) return found;
    const fresh = rows.map(({ by, sealed }) => reseal(ring, door, sealed, column.row(by)) ?? sealed);
    const keys = column.key.map((_, at) => rows.map(({ key }) => key[at]));
    told(await sql.run(writeOf(column), [rows.map(({ sealed }) => sealed), fresh, ...keys]));
    found += rows.length;
    after = last.key;
  }
}

interface Row {
  key: string[];
  by: string;
  sealed: Buffer;
}

/** As `sealedBy` reads it, in SQL. */
const nameOf = (column: string): string =>
  `convert_from(substring(${column} from 3 for get_byte(${column}, 1)), 'UTF8')`;
const has = ({ column, only = "true" }: SealedColumn): string => `${column} is not null and ${only}`;

/** `$1` the first key's name, `$2` how many, and then the key of the last row before. */
function pageOf(column: SealedColumn, after: readonly string[] | null): string {
  const names = column.key.map(([name]) => name).join(", ");
  const places = column.key.map(([, type], at) => `$${at + 3}::${type}`).join(", ");
  const texts = column.key.map(([name]) => `${name}::text`).join(", ");
  return `select array[${texts}] as key, ${column.by} as by, ${column.column} as sealed from ${column.table}
    where ${has(column)} and ${nameOf(column.column)} <> $1 ${after ? `and (${names}) > (${places})` : ""}
    order by ${names} limit $2`;
}

/** `$1` as they were read, `$2` as they are to be, and then the parts of their keys. */
function writeOf(column: SealedColumn): string {
  const names = column.key.map(([name]) => name).join(", ");
  const arrays = column.key.map(([, type], at) => `$${at + 3}::${type}[]`).join(", ");
  const same = column.key.map(([name]) => `t.${name} = o.${name}`).join(" and ");
  return `update ${column.table} t set ${column.column} = o.fresh
    from unnest($1::bytea[], $2::bytea[], ${arrays}) as o (was, fresh, ${names})
    where ${same} and t.${column.column} = o.was`;
}
