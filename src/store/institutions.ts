/** Institutions: a reference table, merged over the providers that know them. */
import type { Product } from "../core/products.ts";
import type { Sql } from "./database.ts";
import { idFor } from "./home.ts";

export interface Institution {
  id: string;
  name: string;
  domain: string | null;
  countries: string[];
  products: Product[];
  isTest: boolean;
  rank: number;
  /** The provider's own id of it, by provider. */
  providers: Record<string, string>;
}

export const INSTITUTION_COLUMNS = `i.id, i.name, i.domain, i.countries, i.products, i.is_test as "isTest", i.rank,
  i.providers`;

/** The same institution of the same provider has the same id in every installation. */
export const institutionId = (provider: string, ref: string): string => idFor("institution", "0", provider, ref);

export const getInstitution = (sql: Sql, id: string): Promise<Institution | null> =>
  sql.row(`select ${INSTITUTION_COLUMNS} from institution i where id = $1`, [id]);

export const allInstitutions = (sql: Sql): Promise<Institution[]> =>
  sql.rows(`select ${INSTITUTION_COLUMNS} from institution i`);

export async function saveInstitutions(sql: Sql, institutions: readonly Institution[]): Promise<void> {
  await sql.run(
    `insert into institution (id, name, domain, countries, products, is_test, rank, providers)
     select id, name, domain, countries, products, is_test, rank, providers
       from jsonb_to_recordset($1) as row (id text, name text, domain text, countries text[], products text[],
            is_test boolean, rank int, providers jsonb)
     on conflict (id) do update set name = excluded.name, domain = excluded.domain, countries = excluded.countries,
       products = excluded.products, is_test = excluded.is_test, rank = excluded.rank, providers = excluded.providers`,
    [JSON.stringify(institutions.map(({ isTest, ...rest }) => ({ ...rest, is_test: isTest })))],
  );
}

/** What a finished link tells of a bank that no catalogue has named yet. A known row is left as it is. */
export async function rememberInstitution(sql: Sql, provider: string, ref: string, name: string): Promise<string> {
  const id = institutionId(provider, ref);
  await sql.run(
    `insert into institution (id, name, countries, products, is_test, rank, providers)
     values ($1, $2, '{}', '{}', false, 0, jsonb_build_object($3::text, $4::text)) on conflict (id) do nothing`,
    [id, name, provider, ref],
  );
  return id;
}
