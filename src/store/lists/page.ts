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
  /** The table whose rows are listed, with its short name last. */
  from: string;
  /** What is told beside each row. */
  joins?: string;
  /** Every condition is on the table's own columns, and the joins leave out no row: counting does without them. */
  isOwn?: boolean;
  /**
   * One of these in that column, each looked for by itself: so an index that begins with the column gives every one's
   * rows in their order, and a rare value is found as soon as a frequent one. Only with `isOwn`.
   */
  each?: { column: string; values: readonly string[] };
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
  const { joins: _joins, ...lean } = list;
  const [text, values] = statement(list.isOwn ? lean : list, "1", at, COUNTED, false);
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
  // What is only counted needs neither an order nor its columns.
  const sorted = ordered ? `order by ${order.join(", ")}` : "";
  const most = `limit ${place(limit)}`;
  const among = (conditions: readonly string[]) => (conditions.length > 0 ? `where ${conditions.join(" and ")}` : "");
  const { from, joins = "", each } = list;
  if (!each) {
    const text = `select ${select} from ${from} ${joins} ${among(where)} ${sorted} ${most}`;
    return [text, values];
  }
  const its = among([`${each.column} = each_of.value`, ...where]);
  const own = `select ${ordered ? "*" : "1"} from ${from} ${its} ${sorted} ${most}`;
  const all = `unnest(${place(each.values)}::text[]) as each_of (value) cross join lateral (${own})`;
  const text = `select ${select} from ${all} ${from.split(" ").at(-1)} ${joins} ${sorted} ${most}`;
  return [text, values];
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
