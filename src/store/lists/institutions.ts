/** Institutions, the popular ones first. A reference table: the same on every shard. */
import type { Product } from "../../core/products.ts";
import type { Sql } from "../database.ts";
import { INSTITUTION_COLUMNS, type Institution } from "../institutions.ts";
import { containing } from "./connections.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface InstitutionFilters {
  name?: string | undefined;
  providers?: readonly string[] | undefined;
  /** ISO 3166-1 alpha-2: serves at least one of them. */
  countries?: readonly string[] | undefined;
  /** Offers all of them. */
  products?: readonly Product[] | undefined;
}

export function listInstitutions(
  sql: Sql,
  filters: InstitutionFilters,
  at: Place | null,
  limit: number,
): Promise<Page<Institution>> {
  const values: unknown[] = [];
  const $ = (value: unknown) => `$${values.push(value)}`;
  const where = [
    filters.name && `i.name ilike ${$(containing(filters.name))}`,
    filters.providers && `i.providers ?| ${$(filters.providers)}`,
    filters.countries && `i.countries && ${$(filters.countries)}`,
    filters.products && `i.products @> ${$(filters.products)}`,
  ].filter((condition) => typeof condition === "string");
  const order = [{ columns: ["i.rank"], down: true as const }, { columns: ["i.name", "i.id"] }];
  const list: List<Institution> = {
    select: INSTITUTION_COLUMNS,
    from: "institution i",
    where,
    values,
    order,
    keyOf: institutionKey,
  };
  return page(sql, list, at, limit);
}

export const institutionKey = (i: Pick<Institution, "rank" | "name" | "id">) => [i.rank, i.name, i.id];
