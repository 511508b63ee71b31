/** Customers: the application's end users, and the lock that makes one customer's changes one after another. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { CustomerType } from "../core/person.ts";
import { Refusal } from "../core/refusal.ts";
import { type Sql, stamp } from "./database.ts";

export interface Customer {
  home: Home;
  id: string;
  externalId: string | null;
  createdAt: Instant;
  deletedAt: Instant | null;
  type: CustomerType;
  /** What is known of the person; null: nothing was told. */
  sealedPerson: Buffer | null;
  /** Where something of the customer's is linked. */
  providers: string[] | null;
}

export const CUSTOMER_COLUMNS = `u.home, u.id, u.external_id as "externalId", u.created_at as "createdAt",
  u.deleted_at as "deletedAt", u.type, u.sealed_person as "sealedPerson",
  (select array_agg(distinct p.provider order by p.provider) from provider_connection p
    where p.home = u.home and p.customer_id = u.id and p.closed_at is null) as providers`;

/** Finds the customer by the application's own name for it, or creates it under the given id. */
export async function findOrCreateCustomer(
  sql: Sql,
  home: Home,
  id: string,
  externalId: string | null,
  now: Instant,
): Promise<Customer> {
  // Once more where it was deleted between the two: its name is free then, and the next insert takes it.
  for (let again = 0; again < 2; again++) {
    await sql.run(
      "insert into customer (home, id, external_id, created_at) values ($1, $2, $3, $4) on conflict do nothing",
      [home, id, externalId, stamp(now)],
    );
    // Shared with all but a deletion, for which what is begun here would come too late.
    const found = await sql.row<Customer>(
      `select ${CUSTOMER_COLUMNS} from customer u
        where home = $1 and (external_id = $3 or id = $2) and deleted_at is null order by id = $2 limit 1
        for key share of u`,
      [home, id, externalId],
    );
    if (found) return found;
  }
  throw new Refusal("GONE", "The customer of this request was deleted; send a new one.");
}

export const getCustomer = (sql: Sql, home: Home, id: string): Promise<Customer | null> =>
  sql.row(`select ${CUSTOMER_COLUMNS} from customer u where home = $1 and id = $2`, [home, id]);

/** By the application's own name for it. */
export const findCustomer = (sql: Sql, home: Home, externalId: string): Promise<Customer | null> =>
  sql.row(`select ${CUSTOMER_COLUMNS} from customer u where home = $1 and external_id = $2`, [home, externalId]);

/**
 * Every transaction that writes something of a customer takes this first. All its rows are in one home, so it is one
 * row on one shard; whatever happens to one customer happens in one order, and no two writers can wait for each other.
 */
export async function lockCustomer(sql: Sql, home: Home, id: string): Promise<void> {
  await sql.row("select 1 from customer where home = $1 and id = $2 for update", [home, id]);
}

export interface PersonKept {
  type: CustomerType;
  sealedPerson: Buffer;
  emailHash: Buffer | null;
  phoneHash: Buffer | null;
}

export const savePerson = (sql: Sql, home: Home, id: string, kept: PersonKept): Promise<number> =>
  sql.run(
    `update customer set type = $3, sealed_person = $4, email_hash = $5, phone_hash = $6 where home = $1 and id = $2`,
    [home, id, kept.type, kept.sealedPerson, kept.emailHash, kept.phoneHash],
  );

/** What stays says that there was a customer of this id, and until when. The application's name for it is free. */
export const forgetCustomer = (sql: Sql, home: Home, id: string, now: Instant): Promise<number> =>
  sql.run(
    `update customer set deleted_at = $3, external_id = null, sealed_person = null, email_hash = null,
       phone_hash = null where home = $1 and id = $2`,
    [home, id, stamp(now)],
  );

/**
 * Takes the number of the next change to the customer's transactions, under the customer's lock: so the order of the
 * numbers is the order of the commits, and who has read up to one has missed nothing below it.
 */
export async function takeChange(sql: Sql, home: Home, id: string): Promise<string> {
  const row = await sql.row<{ taken: string }>(
    "update customer set changes = changes + 1 where home = $1 and id = $2 returning changes as taken",
    [home, id],
  );
  return row?.taken ?? "1";
}
