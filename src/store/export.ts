/**
 * Everything that is kept of customers, noun by noun, as it was at one moment. Rows come through a cursor, so that the
 * largest installation needs no more memory than the smallest.
 */
import type { Home } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import type { Sql } from "./database.ts";

const PAGE = 500;

/** Names as the API has them; instants, which end in `At`, are told in ISO 8601 by whoever writes them out. */
const NOUNS = {
  customer: `select id, external_id as "externalCustomerId", type, sealed_person as "sealedPerson",
      created_at as "createdAt", deleted_at as "deletedAt" from customer order by home, id`,
  connection: `select c.id, c.customer_id as "customerId", k.external_id as "externalCustomerId", c.status,
      c.reason as "statusReason", c.state_since as "stateSince", c.provider as "serviceProvider",
      c.provider_connection_id as "providerConnectionId", c.institution_id as "institutionId",
      i.name as "institutionName", c.products, c.optional_products as "optionalProducts", c.regions,
      c.replaces_connection_id as "replacesConnectionId", c.started_at as "createdAt", c.finished_at as "finishedAt",
      c.deleted_at as "deletedAt"
    from connection c join customer k on k.home = c.home and k.id = c.customer_id
      left join institution i on i.id = c.institution_id order by c.home, c.id`,
  providerConnection: `select id, customer_id as "customerId", provider as "serviceProvider",
      ref as "serviceProviderConnectionId", institution_id as "institutionId", health, linked_at as "linkedAt",
      reconnected_at as "reconnectedAt", last_sent_at as "lastAttemptAt", history_at as "historyAt",
      closed_at as "closedAt" from provider_connection order by home, id`,
  account: `select id, provider_connection_id as "providerConnectionId", ref as "serviceProviderAccountId", name, type,
      subtype, mask as "truncatedAccountNumber", active, currency, current_amount as "currentAmount",
      available_amount as "availableAmount", balances_at as "balancesAt", owners,
      sealed_identifiers as "sealedIdentifiers", first_listed_at as "firstListedAt", left_at as "leftAt"
    from account order by home, id`,
  transaction: `select id, account_id as "financialAccountId", ref as "serviceProviderTransactionId", amount, currency,
      description, category, status, transaction_date as "transactionDate", posted_date as "postedDate",
      changed_at as "changedAt", removed_at as "removedAt" from transaction order by home, id`,
  holding: `select id, account_id as "financialAccountId", symbol, cusip, isin, description, type, quantity,
      cost_basis as "costBasis", close_price as "closePrice", current_value as "currentValue", currency,
      changed_at as "changedAt", removed_at as "removedAt" from holding order by home, id`,
  investmentTransaction: `select id, account_id as "financialAccountId", symbol, description, type, status, quantity,
      cost_basis as "costBasis", amount, currency, transaction_date as "transactionDate", posted_date as "postedDate",
      changed_at as "changedAt", removed_at as "removedAt" from investment_transaction order by home, id`,
  event: `select id, connection_id as "connectionId", sequence, type as "eventType", at as "happenedAt", payload
    from event order by home, connection_id, sequence`,
  timeline: `select id, subject, at as "happenedAt", kind as "entry", detail from timeline
    order by home, subject, at, id`,
} as const;

export type Noun = keyof typeof NOUNS;
export const EXPORTED = Object.keys(NOUNS) as Noun[];

/** What is read in this transaction from now on is of one moment. It has to be its first statement. */
export const freeze = (sql: Sql): Promise<number> =>
  sql.run("set transaction isolation level repeatable read, read only");

export const exported = (sql: Sql, noun: Noun): AsyncGenerator<Record<string, unknown>> =>
  through(sql, `export_${noun.toLowerCase()}`, NOUNS[noun]);

/** A login that is open, and what it takes to open it elsewhere. */
export interface Held {
  home: Home;
  id: string;
  provider: string;
  ref: string;
  credential: Buffer;
  externalId: string;
  institutionRef: string | null;
  institutionName: string | null;
  products: Product[];
}

export const heldLogins = (sql: Sql): AsyncGenerator<Held> =>
  through(
    sql,
    "export_held",
    `select p.home, p.id, p.provider, p.ref, p.credential, k.external_id as "externalId",
       (select array_agg(distinct product order by product) from connection c, unnest(c.products) as product
         where c.home = p.home and c.provider_connection_id = p.id and c.deleted_at is null) as products,
       (select e.value from institution of_it, jsonb_each_text(of_it.providers) e
         where of_it.id = p.institution_id and e.key = p.provider) as "institutionRef",
       i.name as "institutionName"
     from provider_connection p join customer k on k.home = p.home and k.id = p.customer_id
       left join institution i on i.id = p.institution_id
     where p.closed_at is null and p.credential is not null and k.external_id is not null
       and exists (select from connection c
         where c.home = p.home and c.provider_connection_id = p.id and c.deleted_at is null)
     order by p.home, p.id`,
  );

async function* through<Row>(sql: Sql, name: string, select: string): AsyncGenerator<Row> {
  await sql.run(`declare ${name} no scroll cursor for ${select}`);
  for (;;) {
    const rows = await sql.rows<Row>(`fetch ${PAGE} from ${name}`);
    yield* rows;
    if (rows.length < PAGE) break;
  }
  await sql.run(`close ${name}`);
}
