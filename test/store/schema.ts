/** The whole schema as text, read from the database's own catalogue: the same on every PostgreSQL that we run on. */
import type pg from "pg";

const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
         pg_get_expr(d.adbin, d.adrelid) as fallback, a.attgenerated <> '' as generated
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
   order by c.relname, a.attnum`;

// Newer servers keep NOT NULL as constraints too; the columns tell it already.
const CONSTRAINTS = `
  select conrelid::regclass::text as table, contype as kind, pg_get_constraintdef(oid) as text
    from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n' order by 1, 2, 3`;

const INDEXES = `
  select tablename as table, indexdef as text from pg_indexes
   where schemaname = 'public' and indexname not like '%_pkey' order by 1, 2`;

export async function schemaOf(pool: pg.Pool): Promise<string> {
  const { rows: columns } = await pool.query(COLUMNS);
  const { rows: constraints } = await pool.query(CONSTRAINTS);
  const { rows: indexes } = await pool.query(INDEXES);
  const tables = [...new Set(columns.map(({ table }) => table as string))];
  const of = (rows: Record<string, unknown>[], table: string) => rows.filter((row) => row["table"] === table);
  return tables
    .map((table) =>
      [
        table,
        ...of(columns, table).map(({ name, type, required, fallback, generated }) => {
          const rest = fallback === null ? "" : ` ${generated ? "generated as" : "default"} ${fallback as string}`;
          return `  ${name as string} ${type as string}${required ? " not null" : ""}${rest}`;
        }),
        ...of(constraints, table).map(({ text }) => `  ${text as string}`),
        ...of(indexes, table).map(({ text }) => `  ${(text as string).replace(" public.", " ")}`),
      ].join("\n"),
    )
    .join("\n\n")
    .concat("\n");
}
