import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { STATES, rowOf } from "../../src/core/status/table.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";
import { schemaOf } from "./schema.ts";

const GOLDEN = new URL("../../src/store/schema.txt", import.meta.url);
/** Small tables that are the same everywhere; all others are customer data. */
const REFERENCE = [
  "api_key",
  "feed",
  "incident",
  "institution",
  "migration",
  "operator_session",
  "provider_key",
  "sandbox_memory",
  "setting",
  "state",
  "unmapped_code",
  "webhook_profile",
];

let database: TestDatabase;
before(async () => {
  database = await freshDatabase();
});
after(() => database.drop());

test("the schema is the one that was reviewed", async () => {
  const schema = await schemaOf(database.pool);
  if (process.env["BOWLINE_TEST_WRITE_SCHEMA"] === "1") writeFileSync(GOLDEN, schema);
  const mend = "run `BOWLINE_TEST_WRITE_SCHEMA=1 npm test -- store/schema`, read the difference and commit it";
  assert.equal(
    schema,
    existsSync(GOLDEN) ? readFileSync(GOLDEN, "utf8") : "",
    `src/store/schema.txt is stale: ${mend}`,
  );
});

test("home comes first in every key of customer data", async () => {
  const { rows } = await database.pool.query(`
    select i.indrelid::regclass::text as table, i.indexrelid::regclass::text as key,
           pg_get_indexdef(i.indexrelid, 1, false) as first
      from pg_index i where i.indisunique and i.indrelid::regclass::text not like 'pg_%'
       and (select relnamespace from pg_class where oid = i.indrelid) = 'public'::regnamespace
    union all
    select conrelid::regclass::text, conname,
           (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1])
      from pg_constraint where contype = 'f' and cardinality(conkey) > 1 and connamespace = 'public'::regnamespace`);
  const keys = rows.filter(({ table }) => !REFERENCE.includes(table as string));
  assert.ok(keys.length > 20, `${keys.length} keys`);
  assert.deepEqual(
    keys.filter(({ first }) => first !== "home"),
    [],
  );
});

test("a foreign key leads to its own home or to a reference table", async () => {
  const { rows } = await database.pool.query(`
    select conrelid::regclass::text as table, confrelid::regclass::text as target, cardinality(conkey) as width
      from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`);
  assert.ok(rows.length > 5);
  assert.deepEqual(
    rows.filter(({ target, width }) => width === 1 && !REFERENCE.includes(target as string)),
    [],
  );
});

test("there are no triggers and no sequences", async () => {
  const { rows: triggers } = await database.pool.query("select tgname from pg_trigger where not tgisinternal");
  const { rows: sequences } = await database.pool.query(
    "select sequencename from pg_sequences where schemaname = 'public'",
  );
  assert.deepEqual([...triggers, ...sequences], []);
});

test("the state table is the table, and no other pair can be written", async () => {
  const { rows } = await database.pool.query("select name, can_refresh, can_reconnect from state order by name");
  const expected = [...STATES].sort().map((name) => {
    const { canRefresh: can_refresh, canReconnect: can_reconnect } = rowOf(name);
    return { name, can_refresh, can_reconnect };
  });
  assert.deepEqual(
    rows.sort((a, b) => (a.name < b.name ? -1 : 1)),
    expected,
  );
  await database.pool.query("insert into customer values (1, 'c', 'c', now())");
  const insert = (status: string, reason: string | null) =>
    database.pool.query(
      `insert into connection (home, id, customer_id, status, reason, state_since, policy_version, wake_at, products,
         optional_products, regions, allow_redirect, started_at)
       values (1, 'x', 'c', $1, $2, now(), 1, now(), '{}', '{}', '{}', true, now())`,
      [status, reason],
    );
  await assert.rejects(insert("ACTIVE", "LOGIN_REQUIRED"), { code: "23503" });
  await assert.rejects(insert("DEGRADED", null), { code: "23503" });
});
