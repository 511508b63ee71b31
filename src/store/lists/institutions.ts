/** Institutions, the popular ones first. A reference table: the same on every shard. */
import type { Sql } from "../database.ts";
import {
  type Filters,
  fitting,
  INSTITUTION_COLUMNS,
  type Institution,
  type InstitutionRow,
  mergedInstitution,
} from "../institutions.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export async function listInstitutions(
  sql: Sql,
  filters: Filters,
  at: Place | null,
  limit: number,
): Promise<Page<Institution>> {
  const values: unknown[] = [];
  const where = ["i.same_as is null", fitting(filters, (value) => `$${values.push(value)}`)];
  const list: List<InstitutionRow> = {
    select: INSTITUTION_COLUMNS,
    from: "institution i",
    where: where.filter((condition) => condition !== undefined),
    values,
    order: [{ columns: ["i.rank"], down: true }, { columns: ["i.name", "i.id"] }],
    keyOf: institutionKey,
  };
  const { rows, remaining } = await page(sql, list, at, limit);
  return { rows: rows.map(mergedInstitution), remaining };
}

export const institutionKey = (i: Pick<Institution, "rank" | "name" | "id">) => [i.rank, i.name, i.id];
