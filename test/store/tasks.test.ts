import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type Database, openDatabase } from "../../src/store/database.ts";
import {
  claimTask,
  claimTasks,
  endTask,
  freeAll,
  getTask,
  holds,
  horizon,
  makeDue,
  reschedule,
  takeBack,
} from "../../src/store/tasks.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";

const NOW = Date.UTC(2026, 0, 1);
const WALL = Date.UTC(2030, 0, 1);
const LEASE = 1000;

let database: TestDatabase;
let db: Database;
before(async () => {
  database = await freshDatabase();
  db = openDatabase({ connectionString: database.url }, () => undefined);
});
beforeEach(async () => {
  await db.run("delete from task");
});
after(async () => {
  await db.close();
  await database.drop();
});

const due = (subject: string, at = NOW) => makeDue(db, "1", subject, "aggregate", at, NOW);
const claim = (now = NOW, wall = WALL, most = 10) => claimTasks(db, now, wall, wall + LEASE, ["aggregate"], most);

test("what is due is claimed by one of many, once", async () => {
  for (let i = 0; i < 30; i++) await due(`s${i}`);
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim()));
  const subjects = claims.flat().map(({ subject }) => subject);
  assert.equal(new Set(subjects).size, subjects.length, "none twice");
  while (subjects.length < 30) {
    const more = await claim();
    assert.ok(more.length > 0);
    subjects.push(...more.map(({ subject }) => subject));
  }
  assert.deepEqual(await claim(), []);
});

test("what is not due yet, or is another kind, is left", async () => {
  await due("later", NOW + 1);
  await makeDue(db, "1", "other", "revoke", NOW, NOW);
  assert.deepEqual(await claim(), []);
  assert.equal((await claim(NOW + 1)).length, 1);
});

test("a lease that runs out is claimed again, and the old claimer has lost it", async () => {
  await due("s");
  const [first] = await claim();
  assert.ok(first);
  assert.deepEqual(await claim(NOW, WALL + LEASE - 1), []);
  const [second] = await claim(NOW, WALL + LEASE);
  assert.ok(second);
  assert.equal(await holds(db, first), false);
  assert.equal(await holds(db, second), true);
  await reschedule(db, first, Infinity, 0);
  assert.equal((await getTask(db, "1", "s", "aggregate"))?.runAt, NOW, "the old claimer finishes nothing");
});

test("a lease is renewed by whoever holds the task", async () => {
  await due("s");
  const [task] = await claim();
  assert.ok(task);
  assert.equal(await holds(db, task, WALL + 5 * LEASE), true);
  assert.deepEqual(await claim(NOW, WALL + 4 * LEASE), []);
});

test("a renewal that comes after the end takes nothing into nobody's hands", async () => {
  await due("s");
  const [task] = await claim();
  assert.ok(task);
  await reschedule(db, task, Infinity, 0);
  assert.equal(await holds(db, task, WALL + 5 * LEASE), false);
  await due("s");
  assert.equal((await claim()).length, 1, "what is made due then is claimed at once");
});

test("what is made due while it is in hand is due once more at its end", async () => {
  await due("s");
  const [task] = await claim();
  assert.ok(task);
  await due("s", NOW + 5);
  await reschedule(db, task, NOW + 3_600_000, 0);
  assert.equal((await getTask(db, "1", "s", "aggregate"))?.runAt, NOW + 5);
  const [again] = await claim(NOW + 5);
  assert.ok(again);
  await reschedule(db, again, NOW + 3_600_000, 0);
  assert.equal((await getTask(db, "1", "s", "aggregate"))?.runAt, NOW + 3_600_000, "and only once");
});

test("a task made anew is not taken for the one that ended", async () => {
  await due("s");
  const [old] = await claim();
  assert.ok(old);
  await endTask(db, "1", "s", "aggregate");
  await due("s");
  const fresh = await claimTask(db, "1", "s", "aggregate", WALL, WALL + LEASE);
  assert.ok(fresh);
  assert.equal(await holds(db, old), false);
  assert.equal(await holds(db, fresh), true);
});

test("taking a task back makes its claimer lose it and lets it sleep", async () => {
  await due("s");
  const [task] = await claim();
  assert.ok(task);
  await takeBack(db, "1", "s", "aggregate");
  assert.equal(await holds(db, task), false);
  assert.equal((await getTask(db, "1", "s", "aggregate"))?.runAt, Infinity);
});

test("the horizon is the next due instant; what is in hand is counted apart", async () => {
  assert.deepEqual(await horizon(db, WALL), { next: null, inHand: 0 });
  await due("a", NOW + 10);
  await due("b", NOW);
  await claim();
  assert.deepEqual(await horizon(db, WALL), { next: NOW + 10, inHand: 1 });
});

test("a start that knows it is alone frees what was in hand, and whoever had it has lost it", async () => {
  await due("s");
  const [task] = await claim();
  assert.ok(task);
  assert.equal(await freeAll(db), 1);
  assert.equal(await holds(db, task), false);
  assert.equal((await claim()).length, 1);
});
