/**
 * What providers' catalogues say, as it is taken in. Every change gets the next revision, under one row's lock until it
 * is committed, so whoever has seen a revision has seen all before it.
 */
import { headsOf, type Listing } from "../core/same-institution.ts";
import type { Product } from "../core/products.ts";
import type { Sql } from "./database.ts";
import { INSTITUTION_COLUMNS, type Institution, type InstitutionRow, mergedInstitution } from "./institutions.ts";

export interface Listed {
  id: string;
  name: string;
  aliases: string[];
  hosts: string[];
  countries: string[];
  products: Product[];
  isTest: boolean;
  rank: number;
  providers: Record<string, string>;
}

const AT_ONCE = 2000;

const CONTENT = "name, aliases, hosts, countries, products, is_test, rank, providers";
const each = (table: string): string =>
  CONTENT.split(", ")
    .map((column) => `${table}.${column}`)
    .join(", ");

/** Writes what is new or changed, and finds anew which rows are one bank. Answers how many rows were written. */
export async function saveCatalogue(sql: Sql, listed: readonly Listed[]): Promise<number> {
  await sql.run("insert into setting values ('institution-revision', '0') on conflict (name) do nothing");
  const last = await sql.row<{ value: number }>(
    "select value from setting where name = 'institution-revision' for update",
  );
  const revision = (last?.value ?? 0) + 1;
  let written = 0;
  for (let at = 0; at < listed.length; at += AT_ONCE) {
    const some = listed.slice(at, at + AT_ONCE).map(({ isTest, ...rest }) => ({ ...rest, is_test: isTest }));
    written += await sql.run(
      `insert into institution (id, ${CONTENT}, since, revision)
       select id, ${CONTENT}, $2, $2
         from jsonb_to_recordset($1) as row (id text, name text, aliases text[], hosts text[], countries text[],
              products text[], is_test boolean, rank int, providers jsonb)
       on conflict (id) do update set (${CONTENT}, revision) = row(${each("excluded")}, excluded.revision)
        where (${each("institution")}) is distinct from (${each("excluded")})`,
      [JSON.stringify(some), revision],
    );
  }
  if (written === 0) return 0;
  await group(sql, revision);
  await sql.run("update setting set value = to_jsonb($1::bigint) where name = 'institution-revision'", [revision]);
  return written;
}

interface Row extends Listing {
  sameAs: string | null;
  revision: string;
}

/** Whose bank changed gets the revision as well: a copy of a bank is made of all its rows. */
async function group(sql: Sql, revision: number): Promise<void> {
  const rows = await sql.rows<Row>(
    `select id, (select min(key) from jsonb_object_keys(providers) key) as provider, name, hosts, countries,
            is_test as "isTest", since::float8 as since, same_as as "sameAs", revision from institution`,
  );
  const heads = headsOf(rows);
  const moved: { id: string; same_as: string | null }[] = [];
  const touched = new Set<string>();
  for (const { id, sameAs, revision: at } of rows) {
    const head = heads.get(id) ?? id;
    const standing = head === id ? null : head;
    if (standing !== sameAs) moved.push({ id, same_as: standing });
    if (standing !== sameAs || Number(at) === revision) for (const one of [id, sameAs, head]) if (one) touched.add(one);
  }
  if (moved.length > 0) {
    await sql.run(
      `update institution i set same_as = row.same_as
         from jsonb_to_recordset($1) as row (id text, same_as text) where i.id = row.id`,
      [JSON.stringify(moved)],
    );
  }
  await sql.run("update institution set revision = $2 where id = any($1) and revision <> $2", [[...touched], revision]);
}

/** How far a reader has come. */
export interface Seen {
  revision: string;
  id: string;
}

export const NOTHING_SEEN: Seen = { revision: "-1", id: "" };

export interface Changed {
  id: string;
  seen: Seen;
  /** Null: another row stands for it. */
  institution: Institution | null;
}

/** What changed since, the oldest change first. */
export async function changedSince(sql: Sql, { revision, id }: Seen, most: number): Promise<Changed[]> {
  const rows = await sql.rows<InstitutionRow & { sameAs: string | null; revision: string }>(
    `select ${INSTITUTION_COLUMNS}, i.same_as as "sameAs", i.revision from institution i
      where (i.revision, i.id) > ($1, $2) order by i.revision, i.id limit $3`,
    [revision, id, most],
  );
  return rows.map(({ sameAs, revision, ...row }) => ({
    id: row.id,
    seen: { revision, id: row.id },
    institution: sameAs === null ? mergedInstitution(row) : null,
  }));
}
