/**
 * One page of a list, by the keys of the row where the last page ended: stable while rows come and go, and as fast on
 * the last page as on the first.
 */
import type { Sql } from "../database.ts";

/** Columns that are compared as one tuple in one direction; the groups of a list are compared one after another. */
export interface Order {
  columns: readonly string[];
  down?: true;
}

export interface List<Row> {
  select: string;
  from: string;
  where: readonly string[];
  /** What the placeholders in `from` and `where` stand for. */
  values: readonly unknown[];
  order: readonly Order[];
  /** Where a row stands: one value for each column of `order`. */
  keyOf(row: Row): Key;
}

export type Key = readonly (string | number | null)[];

export interface Place {
  side: "before" | "after";
  key: Key;
}

export interface Page<Row> {
  rows: Row[];
  /** How many follow on the side that was asked for, counted up to `COUNTED`. */
  remaining: number;
}

/** A client pages on while anything remains; counting a million rows to tell it so would cost more than the page. */
export const COUNTED = 10_000;

export async function page<Row>(sql: Sql, list: List<Row>, at: Place | null, limit: number): Promise<Page<Row>> {
  const backward = at?.side === "before";
  const found = await sql.rows<Row>(...statement(list, list.select, at, limit, true));
  const last = found.at(-1);
  const rest: Place | null =
    last && found.length === limit ? { side: at?.side ?? "after", key: list.keyOf(last) } : null;
  const remaining = rest ? await count(sql, list, rest) : 0;
  return { rows: backward ? found.reverse() : found, remaining };
}

async function count<Row>(sql: Sql, list: List<Row>, at: Place): Promise<number> {
  const [text, values] = statement(list, "1", at, COUNTED, false);
  const row = await sql.row<{ count: string }>(`select count(*) from (${text}) rest`, values);
  return Number(row?.count ?? 0);
}

function statement<Row>(
  list: List<Row>,
  select: string,
  at: Place | null,
  limit: number,
  ordered: boolean,
): [string, unknown[]] {
  const values = [...list.values];
  const place = (value: unknown) => `$${values.push(value)}`;
  const backward = at?.side === "before";
  const where = at ? [...list.where, ...beyond(list.order, at.key, backward, place)] : list.where;
  const order = list.order.flatMap(({ columns, down }) =>
    columns.map((column) => `${column} ${Boolean(down) === backward ? "asc" : "desc"}`),
  );
  const text = [
    `select ${select} from ${list.from}`,
    ...(where.length > 0 ? [`where ${where.join(" and ")}`] : []),
    ...(ordered ? [`order by ${order.join(", ")}`] : []),
    `limit ${place(limit)}`,
  ];
  return [text.join(" "), values];
}

/** The rows past `key`. The first condition follows from the second and is there for the index. */
function beyond(order: readonly Order[], key: Key, backward: boolean, place: (value: unknown) => string): string[] {
  const rest = [...key];
  const groups = order.map(({ columns, down }) => {
    const columnsOf = `(${columns.join(", ")})`;
    const valuesOf = `(${rest.splice(0, columns.length).map(place).join(", ")})`;
    const than = Boolean(down) === backward ? ">" : "<";
    return { columnsOf, valuesOf, than };
  });
  const past = groups.map(({ columnsOf, valuesOf, than }, i) => {
    const equal = groups.slice(0, i).map((g) => `${g.columnsOf} = ${g.valuesOf}`);
    return [...equal, `${columnsOf} ${than} ${valuesOf}`].join(" and ");
  });
  const [first] = groups;
  if (!first || groups.length === 1) return past;
  return [`${first.columnsOf} ${first.than}= ${first.valuesOf}`, `(${past.map((p) => `(${p})`).join(" or ")})`];
}
