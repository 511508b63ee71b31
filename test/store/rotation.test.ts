// The rotation of the key ring: every sealed column is known, an interruption anywhere loses nothing, and what a
// gateway writes meanwhile is neither overwritten nor left under the old key.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { type Database, openDatabase, type Sql } from "../../src/store/database.ts";
import { keysInUse, resealAll } from "../../src/store/rotation.ts";
import { open, readRing, type Ring, seal, sealedBy } from "../../src/store/seal.ts";
import { SEALED, type SealedColumn } from "../../src/store/sealed.ts";
import { checkRing } from "../../src/store/settings.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";

/** Bytes that nobody opens: what they were made of can't be had from them. */
const HASHES = new Set([
  "account.number_hash",
  "api_key.hash",
  "customer.email_hash",
  "customer.phone_hash",
  "idempotency.fingerprint",
  "idempotency.key_hash",
  "operator_session.hash",
]);
const COLUMNS: readonly SealedColumn[] = Object.values(SEALED);
/** More than one batch of each. */
const ROWS = 450;

const door = { random: (bytes: number) => randomBytes(bytes) };
const pair = (name: string): string => `${name}:${randomBytes(32).toString("base64")}`;
const [old, fresh] = [pair("old"), pair("fresh")];
const [oldRing, both, freshRing] = [readRing(old), readRing(`${fresh},${old}`), readRing(fresh)];

let database: TestDatabase;
let db: Database;
before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url }, () => undefined);
});
after(async () => {
  await db.close();
  await database.drop();
});

test("Every column of bytes is sealed and in the table, or a hash", async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and data_type = 'bytea' order by 1`,
  );
  const known = [...HASHES, ...COLUMNS.map(({ table, column }) => `${table}.${column}`)].toSorted();
  assert.deepEqual(
    rows.map(({ name }) => name),
    known,
  );
});

/** Rows that hold nothing but their keys and their secrets: constraints are no matter here. */
async function fill(): Promise<void> {
  const client = await database.pool.connect();
  await client.query("set session_replication_role = replica");
  const tables = new Set(COLUMNS.map((one) => one.table));
  await client.query(`truncate ${[...tables].join(", ")} cascade`);
  for (const table of tables) {
    const { rows: checks } = await client.query<{ name: string }>(
      "select conname as name from pg_constraint where conrelid = $1::regclass and contype = 'c'",
      [table],
    );
    for (const { name } of checks) await client.query(`alter table ${table} drop constraint ${name}`);
    const { rows: needed } = await client.query<{ name: string; type: string }>(
      `select column_name as name, udt_name as type from information_schema.columns
        where table_schema = 'public' and table_name = $1 and is_nullable = 'NO' and column_default is null`,
      [table],
    );
    const sealed = COLUMNS.filter((one) => one.table === table);
    const named = [...new Set([...needed.map(({ name }) => name), ...sealed.map(({ column }) => column)])];
    for (let at = 0; at < ROWS; at++) {
      const id = `row ${String(at).padStart(3, "0")}`;
      const values = named.map((name) => {
        const column = sealed.find((one) => one.column === name);
        if (column) return seal(oldRing, door, `secret of ${table}.${name} ${id}`, column.row(id));
        if (sealed[0]?.by === name) return id;
        return given(table, name, needed.find((one) => one.name === name)?.type ?? "text", id);
      });
      const places = named.map((_, place) => `$${place + 1}`).join(", ");
      await client.query(`insert into ${table} (${named.join(", ")}) values (${places})`, values);
    }
  }
  await client.query("reset session_replication_role");
  client.release();
}

function given(table: string, name: string, type: string, id: string): unknown {
  if (table === "task" && name === "kind") return "finish";
  if (type.startsWith("int") || type === "numeric") return 1;
  if (type === "timestamptz") return new Date(0);
  if (type === "date") return "2026-01-01";
  if (type === "bool") return false;
  if (type === "jsonb") return "{}";
  if (type.startsWith("_")) return [];
  return `${name} of ${id}`;
}

/** Every secret opens with the ring given, and is the one that was put there. */
async function allOpen(ring: Ring): Promise<number> {
  let count = 0;
  for (const { table, column, by, row } of COLUMNS) {
    const { rows } = await database.pool.query<{ id: string; sealed: Buffer }>(
      `select ${by} as id, ${column} as sealed from ${table} where ${column} is not null`,
    );
    for (const { id, sealed } of rows)
      assert.match(open(ring, sealed, row(id)), new RegExp(`^secret of ${table}.${column} ${id}|^written meanwhile$`));
    count += rows.length;
  }
  return count;
}

class Killed extends Error {}

test("Interrupted at every statement, it loses nothing and ends with the new key alone", async () => {
  await fill();
  await checkRing(db, door, oldRing);
  const all = COLUMNS.length * ROWS;
  assert.deepEqual([...(await keysInUse(db))], [["old", all + 1]]);
  let lives = 0;
  let statements = 0;
  for (let isDone = false; !isDone; lives++) {
    // Each life does one statement more than the one before it, and is cut off before or after its last one.
    let left = 1 + (lives % 7);
    const cut = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (--left === 0 && lives % 2 === 0) throw new Killed();
      statements++;
      const answer = await ask();
      if (left === 0) throw new Killed();
      return answer;
    };
    const dying: Sql = {
      rows: (text, values) => cut(() => db.rows(text, values)),
      row: (text, values) => cut(() => db.row(text, values)),
      run: (text, values) => cut(() => db.run(text, values)),
    };
    // The last life is whole.
    const sql = lives < 60 ? dying : db;
    isDone = await resealAll(sql, door, both, () => undefined).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        return false;
      },
    );
    if (lives % 10 === 0) assert.equal(await allOpen(both), all);
  }
  assert.ok(lives > 60 && statements > 100, `${lives} lives, ${statements} statements`);
  assert.deepEqual([...(await keysInUse(db))], [["fresh", all + 1]]);
  assert.equal(await allOpen(freshRing), all);
  await checkRing(db, door, freshRing);
  await assert.rejects(checkRing(db, door, oldRing), /no key "fresh"/);
});

test("What a gateway writes between look and write is kept, and is under the new key in the end, too", async () => {
  await fill();
  let writes = 0;
  const beside: Sql = {
    rows: async <Row>(text: string, values?: readonly unknown[]) => {
      const rows = await db.rows<Row>(text, values);
      const column = COLUMNS.find(
        (one) => text.includes(`from ${one.table}\n`) && text.includes(`${one.column} as sealed`),
      );
      const [first] = rows as { by: string }[];
      if (column && first && writes < 40) {
        writes++;
        // A process that has not seen the new key yet.
        const sealed = seal(oldRing, door, "written meanwhile", column.row(first.by));
        await db.run(`update ${column.table} set ${column.column} = $1 where ${column.by} = $2`, [sealed, first.by]);
      }
      return rows;
    },
    row: (text, values) => db.row(text, values),
    run: (text, values) => db.run(text, values),
  };
  await resealAll(beside, door, both, () => undefined);
  assert.ok(writes > COLUMNS.length, `${writes} writes`);
  assert.equal(await allOpen(freshRing), COLUMNS.length * ROWS);
  const { rows } = await database.pool.query<{ credential: Buffer }>(
    "select credential from provider_connection where id = 'row 000'",
  );
  const [one] = rows;
  assert.ok(one);
  assert.deepEqual(
    [sealedBy(one.credential), open(freshRing, one.credential, "row 000")],
    ["fresh", "written meanwhile"],
  );
});
