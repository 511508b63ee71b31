import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { entriesOf, pointTo, removeSignpost, takeOut } from "../../src/store/signposts.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";

const KEY = { home: "5", provider: "SANDBOX", ref: "r" };

let database: TestDatabase;
let db: Database;
before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url }, () => undefined);
});
beforeEach(async () => {
  await db.run("delete from signpost");
});
after(async () => {
  await db.close();
  await database.drop();
});

test("entries are added once, however often", async () => {
  assert.equal(await pointTo(db, KEY, "a"), true);
  assert.equal(await pointTo(db, KEY, "a"), true);
  assert.equal(await pointTo(db, KEY, "b"), true);
  assert.deepEqual(await entriesOf(db, KEY), ["a", "b"]);
});

test("the last one out ends the access, exactly once among many", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
  for (const name of names) await pointTo(db, KEY, name);
  const last = await Promise.all(names.slice(1).map((name) => takeOut(db, KEY, name, 1)));
  assert.deepEqual(
    last,
    names.slice(1).map(() => false),
  );
  assert.equal(await takeOut(db, KEY, "p0", 1), true);
  assert.equal(await takeOut(db, KEY, "p0", 1), true, "and says so again when it is asked again");
});

test("a new link of the same id waits while the access is being ended", async () => {
  await pointTo(db, KEY, "a");
  await takeOut(db, KEY, "a", 1);
  assert.equal(await pointTo(db, KEY, "b"), false);
  await removeSignpost(db, KEY);
  assert.equal(await pointTo(db, KEY, "b"), true);
});

test("taking out an entry that a newer link has replaced ends nothing", async () => {
  await pointTo(db, KEY, "new");
  assert.equal(await takeOut(db, KEY, "old", 1), false);
  assert.deepEqual(await entriesOf(db, KEY), ["new"]);
});
