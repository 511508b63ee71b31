// Catalogues come in, are put together, parted again, and tell what changed; no id is lost by it.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { changedSince, type Listed, NOTHING_SEEN, saveCatalogue, type Seen } from "../../src/store/catalogue.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { getInstitution, getInstitutions, institutionId, rememberInstitution } from "../../src/store/institutions.ts";
import { listInstitutions } from "../../src/store/lists/institutions.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";

let database: TestDatabase;
let db: Database;
before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url }, () => {});
});
beforeEach(() => database.pool.query("delete from institution; delete from setting"));
after(async () => {
  await db.close();
  await database.drop();
});

const listed = (provider: string, ref: string, name: string, hosts: string[], more: Partial<Listed> = {}): Listed => ({
  id: institutionId(provider, ref),
  name,
  aliases: [],
  hosts,
  countries: ["US"],
  products: ["BALANCES"],
  isTest: false,
  rank: 1,
  providers: { [provider]: ref },
  ...more,
});
const save = (...rows: Listed[]): Promise<number> => db.tx("catalogue", (sql) => saveCatalogue(sql, rows));
const names = async (filters: Parameters<typeof listInstitutions>[1] = {}) =>
  (await listInstitutions(db, filters, null, 100)).rows.map(({ name }) => name);

async function changes(since: Seen): Promise<{ ids: string[]; seen: Seen }> {
  const found = await changedSince(db, since, 100);
  return { ids: found.map(({ id }) => id), seen: found.at(-1)?.seen ?? since };
}

const [A, B] = [institutionId("A", "1"), institutionId("B", "1")];
const heron = listed("A", "1", "Heron", ["heron.com"], { aliases: ["HB"], rank: 5 });
const other = listed("B", "1", "Heron Bank", ["heron.com", "old.example"], {
  countries: ["US", "CA"],
  products: ["TRANSACTIONS"],
});

describe("One bank of two catalogues", () => {
  test("says what both say, under the id that was there first", async () => {
    await save(heron);
    await save(other);
    const merged = {
      id: A,
      name: "Heron",
      aliases: ["HB", "Heron Bank"],
      hosts: ["heron.com", "old.example"],
      countries: ["US", "CA"],
      products: ["BALANCES", "TRANSACTIONS"],
      offers: { A: ["BALANCES"], B: ["TRANSACTIONS"] },
      isTest: false,
      rank: 5,
      providers: { A: "1", B: "1" },
    };
    assert.deepEqual(await getInstitution(db, A), merged);
    assert.deepEqual(await getInstitution(db, B), merged, "the other id leads there, too");
    assert.deepEqual((await listInstitutions(db, {}, null, 100)).rows, [merged]);
    assert.deepEqual(await getInstitutions(db, [A]), [merged]);
    assert.equal(await getInstitution(db, institutionId("A", "2")), null);
  });

  test("is found by either's country and provider; products have to be one provider's", async () => {
    await save(heron, other);
    assert.deepEqual(await names({ countries: ["CA"] }), ["Heron"]);
    assert.deepEqual(await names({ countries: ["GB"] }), []);
    assert.deepEqual(await names({ providers: ["B"], countries: ["US"] }), ["Heron"]);
    assert.deepEqual(await names({ products: ["TRANSACTIONS"] }), ["Heron"]);
    assert.deepEqual(await names({ products: ["TRANSACTIONS", "BALANCES"] }), []);
    assert.deepEqual(await names({ products: ["TRANSACTIONS"], providers: ["A"] }), []);
  });

  test("is two again when an address turns out to be wrong, each under its own id", async () => {
    await save(heron, other);
    await save({ ...other, hosts: ["elsewhere.example"] });
    assert.deepEqual(await names(), ["Heron", "Heron Bank"]);
    assert.equal((await getInstitution(db, B))?.name, "Heron Bank");
    assert.deepEqual((await getInstitution(db, A))?.providers, { A: "1" });
  });
});

test("A finished link names a bank before any catalogue does; the catalogue completes it", async () => {
  assert.equal(await rememberInstitution(db, "B", "1", "Heron B."), B);
  assert.equal(await rememberInstitution(db, "B", "1", "Another name"), B);
  assert.equal((await getInstitution(db, B))?.name, "Heron B.");
  await save(heron);
  assert.deepEqual(await names(), ["Heron", "Heron B."], "a name alone, without a country, says too little");
  await save(other);
  assert.deepEqual(await names(), ["Heron Bank"]);
  assert.equal(await rememberInstitution(db, "A", "1", "Heron"), B, "links go to the one that stands for both");
});

describe("Changes", () => {
  test("are told once, in order, with the bank that they changed", async () => {
    await save(heron, listed("A", "2", "Crane", []));
    const first = await changes(NOTHING_SEEN);
    assert.deepEqual(first.ids.toSorted(), [A, institutionId("A", "2")].toSorted());
    assert.deepEqual((await changes(first.seen)).ids, []);

    await save(other);
    const second = await changedSince(db, first.seen, 100);
    const told = Object.fromEntries(second.map(({ id, institution }) => [id, institution?.aliases ?? null]));
    assert.deepEqual(told, { [A]: ["HB", "Heron Bank"], [B]: null });

    await save({ ...other, aliases: ["Stork"] });
    assert.deepEqual((await changes(second.at(-1)!.seen)).ids.toSorted(), [A, B].toSorted());
  });

  test("come in pages, and a row that changes while they are turned is told again", async () => {
    await save(...Array.from({ length: 7 }, (_, n) => listed("A", `${n}`, `Bank ${n}`, [])));
    const page = await changedSince(db, NOTHING_SEEN, 3);
    assert.equal(page.length, 3);
    await save({ ...listed("A", "0", "Bank 0", []), rank: 9 });
    const rest = (await changes(page.at(-1)!.seen)).ids;
    assert.ok(rest.includes(institutionId("A", "0")));
    assert.equal(new Set([...page.map(({ id }) => id), ...rest]).size, 7);
  });

  test("a catalogue that says what it said writes nothing", async () => {
    assert.equal(await save(heron, other), 2);
    const { seen } = await changes(NOTHING_SEEN);
    assert.equal(await save(heron, other), 0);
    assert.deepEqual((await changes(seen)).ids, []);
  });

  test("of several at once are all told to one who asks in between", async () => {
    let seen = NOTHING_SEEN;
    const told = new Set<string>();
    const look = async () => {
      for (const { id, seen: at } of await changedSince(db, seen, 1000)) {
        told.add(id);
        seen = at;
      }
    };
    await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        if (n % 2 === 0) await save(listed("A", `many ${n}`, `Bank ${n}`, []));
        else await rememberInstitution(db, "B", `many ${n}`, `Bank ${n}`);
        await look();
      }),
    );
    await look();
    assert.equal(told.size, 8);
  });
});
