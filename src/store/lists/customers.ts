/** Customers by the application's own names for them; those without one come first. */
import type { Sql } from "../database.ts";
import { CUSTOMER_COLUMNS, type Customer } from "../customers.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface CustomerFilters {
  ids?: readonly string[] | undefined;
  externalIds?: readonly string[] | undefined;
  emailHash?: Buffer | undefined;
  phoneHash?: Buffer | undefined;
  type?: string | undefined;
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
    filters.emailHash && `u.email_hash = ${$(filters.emailHash)}`,
    filters.phoneHash && `u.phone_hash = ${$(filters.phoneHash)}`,
    filters.type && `u.type = ${$(filters.type)}`,
    filters.externalIds && `u.external_id = any(${$(filters.externalIds)})`,
  ].filter((condition) => typeof condition === "string");
  const order = [{ columns: ["coalesce(u.external_id, '')", "u.id"] }];
  const list: List<Customer> = {
    select: CUSTOMER_COLUMNS,
    from: "customer u",
    where,
    values,
    order,
    keyOf: customerKey,
  };
  return page(sql, list, at, limit);
}

export const customerKey = (u: Pick<Customer, "externalId" | "id">) => [u.externalId ?? "", u.id];
