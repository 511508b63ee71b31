/** Customers by the application's own names for them; those without one come first. */
import type { Sql } from "../database.ts";
import type { Customer } from "../customers.ts";
import { type List, type Page, page, type Place } from "./page.ts";

const SELECT = `u.home, u.id, u.external_id as "externalId", u.created_at as "createdAt", u.deleted_at as "deletedAt"`;

export interface CustomerFilters {
  ids?: readonly string[] | undefined;
  externalIds?: readonly string[] | undefined;
}

/** Asks every shard. */
export function listCustomers(
  sql: Sql,
  filters: CustomerFilters,
  at: Place | null,
  limit: number,
): Promise<Page<Customer>> {
  const values: unknown[] = [];
  const $ = (value: unknown) => `$${values.push(value)}`;
  const where = [
    "u.deleted_at is null",
    filters.ids && `u.id = any(${$(filters.ids)})`,
    filters.externalIds && `u.external_id = any(${$(filters.externalIds)})`,
  ].filter((condition) => typeof condition === "string");
  const order = [{ columns: ["coalesce(u.external_id, '')", "u.id"] }];
  const list: List<Customer> = { select: SELECT, from: "customer u", where, values, order, keyOf: customerKey };
  return page(sql, list, at, limit);
}

export const customerKey = (u: Pick<Customer, "externalId" | "id">) => [u.externalId ?? "", u.id];
