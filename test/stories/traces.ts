/** Where in a database a text stands in clear: every column that could hold one is searched. */
import type { Pool } from "pg";

/** The columns, as `table.column`. Also found are the text's base64 and hexadecimal forms, and its bytes. */
export async function tracesOf(sql: Pool, text: string): Promise<string[]> {
  const { rows: columns } = await sql.query<{ table: string; column: string; type: string }>(
    `select table_name as "table", column_name as "column", data_type as type from information_schema.columns
      where table_schema = 'public' order by 1, 2`,
  );
  const bytes = Buffer.from(text);
  // Of base64 only the part that does not depend on what stands before or after the text.
  const forms = [text, bytes.toString("hex"), ...[0, 1, 2].map((shift) => middleOf(bytes.subarray(shift)))];
  const found: string[] = [];
  for (const { table, column, type } of columns) {
    const inBytes = `position($1::bytea in "${column}") > 0`;
    const inText = `"${column}"::text ~ $1`;
    const [where, needle] = type === "bytea" ? [inBytes, bytes] : [inText, forms.map(quoted).join("|")];
    const { rowCount } = await sql.query(`select 1 from "${table}" where ${where} limit 1`, [needle]);
    if (rowCount) found.push(`${table}.${column}`);
  }
  return found;
}

const middleOf = (bytes: Buffer): string => bytes.subarray(0, bytes.length - (bytes.length % 3)).toString("base64url");

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
