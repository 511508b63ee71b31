/**
 * Institutions: a reference table. A row is what one provider's catalogue says of a bank; rows that are the same bank
 * name in `same_as` the one that stands for it, and are read together with it. Nothing merged is stored.
 */
import type { Product } from "../core/products.ts";
import type { Sql } from "./database.ts";
import { idFor } from "./home.ts";

export interface Institution {
  id: string;
  name: string;
  /** What else it is called; other catalogues' names of it are among them. */
  aliases: string[];
  /** Host names, its own first. */
  hosts: string[];
  countries: string[];
  /** Offered through at least one provider. */
  products: Product[];
  /** What each provider offers of it; nothing where no catalogue says. */
  offers: Record<string, Product[]>;
  isTest: boolean;
  rank: number;
  /** The provider's own id of it, by provider. */
  providers: Record<string, string>;
}

/** The same institution of the same provider has the same id in every installation. */
export const institutionId = (provider: string, ref: string): string => idFor("institution", "0", provider, ref);

/** The id of the row that stands for the institution of `alias`. */
const HEAD = (alias: string) => `coalesce(${alias}.same_as, ${alias}.id)`;

/** A condition: this column is the asked institution, under whichever of its ids. */
export const isInstitution = (column: string, asked: string): string =>
  `${column} in
     (select t.id from institution t join institution a on ${HEAD("t")} = ${HEAD("a")} where a.id = ${asked})`;

export interface Filters {
  /** Known to at least one of them. */
  providers?: readonly string[] | undefined;
  /** ISO 3166-1 alpha-2: serves at least one of them. */
  countries?: readonly string[] | undefined;
  /** One provider offers all of them. */
  products?: readonly Product[] | undefined;
  /** What no catalogue describes may offer them, too. */
  mayBeUnknown?: true;
}

/** A condition on `institution i`. One provider has to offer all products, because a link goes through one. */
export function fitting(filters: Filters, $: (value: unknown) => string): string | undefined {
  const { providers, countries, products } = filters;
  const rowWith = (...conditions: (string | undefined)[]) => {
    const where = conditions.filter((condition) => condition !== undefined);
    if (where.length === 0) return [];
    return [`exists (select from institution t where ${HEAD("t")} = i.id and ${where.join(" and ")})`];
  };
  const offering = (all: readonly Product[]) => {
    const offered = `t.products @> ${$(all)}`;
    return filters.mayBeUnknown ? `(${offered} or t.products = '{}')` : offered;
  };
  const where = [
    ...rowWith(countries && `t.countries && ${$(countries)}`),
    ...rowWith(providers && `t.providers ?| ${$(providers)}`, products && offering(products)),
  ];
  return where.length > 0 ? where.join(" and ") : undefined;
}

interface Part extends Omit<Institution, "offers"> {
  id: string;
}

export interface InstitutionRow extends Part {
  twins: Part[];
}

export const INSTITUTION_COLUMNS = `i.id, i.name, i.aliases, i.hosts, i.countries, i.products, i.is_test as "isTest",
  i.rank, i.providers,
  coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'aliases', t.aliases, 'hosts', t.hosts,
      'countries', t.countries, 'products', t.products, 'providers', t.providers) order by t.since, t.id)
    from institution t where ${HEAD("t")} = i.id and t.id <> i.id), '[]') as twins`;

/** All that is said of one bank, put together. */
export function mergedInstitution({ twins, ...head }: InstitutionRow): Institution {
  const parts = [head, ...twins];
  const all = <T>(of: (part: Part) => readonly T[]): T[] => [...new Set(parts.flatMap(of))];
  return {
    ...head,
    aliases: all(({ name, aliases }) => [name, ...aliases]).filter((name) => name !== head.name),
    hosts: all(({ hosts }) => hosts),
    countries: all(({ countries }) => countries),
    products: all(({ products }) => products),
    offers: Object.fromEntries(
      parts.flatMap(({ providers, products }) => Object.keys(providers).map((name) => [name, products])),
    ),
    providers: Object.assign({}, ...twins.toReversed().map(({ providers }) => providers), head.providers) as Record<
      string,
      string
    >,
  };
}

/** Under whichever of its ids. */
export async function getInstitution(sql: Sql, id: string): Promise<Institution | null> {
  const row = await sql.row<InstitutionRow>(
    `select ${INSTITUTION_COLUMNS} from institution i
      where i.id = (select ${HEAD("a")} from institution a where a.id = $1)`,
    [id],
  );
  return row && mergedInstitution(row);
}

/** In the order of the ids. */
export async function getInstitutions(sql: Sql, ids: readonly string[]): Promise<Institution[]> {
  if (ids.length === 0) return [];
  const rows = await sql.rows<InstitutionRow>(`select ${INSTITUTION_COLUMNS} from institution i where i.id = any($1)`, [
    ids,
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [mergedInstitution(row)] : [];
  });
}

/** What a finished link tells of a bank that no catalogue has named yet. A known row is left as it is. */
export async function rememberInstitution(sql: Sql, provider: string, ref: string, name: string): Promise<string> {
  const id = institutionId(provider, ref);
  const known = await sql.row<{ head: string }>(`select ${HEAD("i")} as head from institution i where id = $1`, [id]);
  if (known) return known.head;
  await sql.run(
    `with next as (
       insert into setting values ('institution-revision', '1')
       on conflict (name) do update set value = to_jsonb(setting.value::bigint + 1) returning value::bigint as revision)
     insert into institution (id, name, countries, products, is_test, rank, providers, since, revision)
     select $1, $2, '{}', '{}', false, 0, jsonb_build_object($3::text, $4::text), revision, revision from next
     on conflict (id) do nothing`,
    [id, name, provider, ref],
  );
  return id;
}
