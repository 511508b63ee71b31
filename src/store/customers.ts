/** Customers: the application's end users, and the lock that makes one customer's changes one after another. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";

export interface Customer {
  home: Home;
  id: string;
  externalId: string | null;
  createdAt: Instant;
  deletedAt: Instant | null;
}

const COLUMNS = `home, id, external_id as "externalId", created_at as "createdAt", deleted_at as "deletedAt"`;

/** Finds the customer by the application's own name for it, or creates it under the given id. */
export async function findOrCreateCustomer(
  sql: Sql,
  home: Home,
  id: string,
  externalId: string | null,
  now: Instant,
): Promise<Customer> {
  await sql.run(
    "insert into customer (home, id, external_id, created_at) values ($1, $2, $3, $4) on conflict do nothing",
    [home, id, externalId, stamp(now)],
  );
  const found = await sql.row<Customer>(
    `select ${COLUMNS} from customer where home = $1 and (external_id = $3 or id = $2) order by id = $2 limit 1`,
    [home, id, externalId],
  );
  if (!found) throw new Error(`customer ${id} vanished while it was created`);
  return found;
}

export const getCustomer = (sql: Sql, home: Home, id: string): Promise<Customer | null> =>
  sql.row(`select ${COLUMNS} from customer where home = $1 and id = $2`, [home, id]);

/** By the application's own name for it. */
export const findCustomer = (sql: Sql, home: Home, externalId: string): Promise<Customer | null> =>
  sql.row(`select ${COLUMNS} from customer where home = $1 and external_id = $2`, [home, externalId]);

/**
 * Every transaction that writes something of a customer takes this first. All its rows are in one home, so it is one
 * row on one shard; whatever happens to one customer happens in one order, and no two writers can wait for each other.
 */
export async function lockCustomer(sql: Sql, home: Home, id: string): Promise<void> {
  await sql.row("select 1 from customer where home = $1 and id = $2 for update", [home, id]);
}
