import assert from "node:assert/strict";
import { chownSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { alive } from "../../src/postgres/liveness.ts";
import { noStranger, notAsRoot, owner, postmaster, query, scratch, start, STRANGER } from "./scratch.ts";

test("The first start makes a durable database, the second finds what was written", async () => {
  const folder = scratch();
  const first = await start(folder, true);
  const settings = await query(
    first.connection,
    `select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'listen_addresses') order by 1`,
  );
  assert.deepEqual(
    settings.map(({ setting }) => setting),
    ["on", "", "on"],
  );
  await query(first.connection, "create table kept as select 7 as n");
  await first.stop();
  assert.equal(postmaster(folder), null);

  const second = await start(folder, true);
  assert.deepEqual(second.connection, first.connection);
  assert.deepEqual(await query(second.connection, "select n from kept"), [{ n: 7 }]);
  await second.stop();
});

test("Text is ordered by code point, whatever the machine's language is", async () => {
  const database = await start(scratch());
  const rows = await query(database.connection, "select x from (values ('é'), ('Z'), ('a')) as v (x) order by x");
  assert.deepEqual(
    rows.map(({ x }) => x),
    ["Z", "a", "é"],
  );
  await database.stop();
});

test("A stop may be asked for twice and ends the server once", async () => {
  const folder = scratch();
  const database = await start(folder);
  const pid = postmaster(folder)!;
  await Promise.all([database.stop(), database.stop()]);
  assert.equal(alive(pid), false);
  assert.equal(existsSync(join(folder, "postgres", "postmaster.pid")), false);
});

test("A start after kill -9 of the gateway adopts the server that still runs", async () => {
  const folder = scratch();
  const killed = owner(folder);
  const connection = await killed.next("ready");
  const pid = postmaster(folder);
  await query(connection, "create table kept as select 1 as n");
  killed.process.kill("SIGKILL");
  await killed.ended;

  const next = await start(folder);
  assert.equal(postmaster(folder), pid);
  assert.deepEqual(await query(next.connection, "select n from kept"), [{ n: 1 }]);
  await next.stop();
  assert.equal(postmaster(folder), null);
});

test("An adopted server that was started with other settings is started anew", async () => {
  const folder = scratch();
  const killed = owner(folder);
  await killed.next("ready");
  const pid = postmaster(folder);
  killed.process.kill("SIGKILL");
  await killed.ended;

  const next = await start(folder, true);
  assert.notEqual(postmaster(folder), pid);
  assert.deepEqual(await query(next.connection, "show fsync"), [{ fsync: "on" }]);
  await next.stop();
});

test("A start after kill -9 of gateway and server has every acknowledged write", async () => {
  const folder = scratch();
  const killed = owner(folder, { durable: true });
  const connection = await killed.next("ready");
  await query(connection, "create table kept (n int)");
  for (let n = 0; n < 20; n++) await query(connection, `insert into kept values (${n})`);
  killed.process.kill("SIGKILL");
  process.kill(postmaster(folder)!, "SIGKILL");
  await killed.ended;

  const next = await start(folder, true);
  assert.deepEqual(await query(next.connection, "select count(*)::int as n from kept"), [{ n: 20 }]);
  await next.stop();
});

test("After kill -9 of the server alone it is started again, owned again, under the same address", async () => {
  const folder = scratch();
  const gateway = owner(folder, { durable: true });
  const connection = await gateway.next("ready");
  await query(connection, "create table kept as select 1 as n");
  const pid = postmaster(folder)!;
  process.kill(pid, "SIGKILL");
  assert.match(await gateway.next("log"), /went away/);
  assert.match(await gateway.next("log"), /is back/);
  assert.notEqual(postmaster(folder), pid);
  assert.deepEqual(await query(connection, "select n from kept"), [{ n: 1 }]);

  const other = owner(folder);
  assert.match(await other.next("refused"), new RegExp(`process ${gateway.process.pid}`));
  await other.ended;
  gateway.process.stdin.end();
  await gateway.next("stopped");
  assert.equal(postmaster(folder), null);
});

test("A lost lock is taken again while the server runs on", async () => {
  const folder = scratch();
  const gateway = owner(folder);
  const connection = await gateway.next("ready");
  const pid = postmaster(folder);
  await query(connection, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'");
  assert.match(await gateway.next("log"), /went away/);
  assert.match(await gateway.next("log"), /is back/);
  assert.equal(postmaster(folder), pid);
  const locks = await query(connection, "select count(*)::int as n from pg_locks where locktype = 'advisory'");
  assert.deepEqual(locks, [{ n: 1 }]);
  gateway.process.stdin.end();
  await gateway.ended;
});

test("A server that cannot be brought back is lost, with a sentence that says why", async () => {
  const folder = scratch();
  const database = await start(folder);
  rmSync(join(folder, "postgres", "global", "pg_control"));
  process.kill(postmaster(folder)!, "SIGKILL");
  assert.match(await database.lost, /^The database does not start \(.*pg_control.*\): see .*postgres\.log/);
  await database.stop();
});

test("A second gateway is refused by name of the first, which goes on undisturbed", async () => {
  const folder = scratch();
  const first = owner(folder);
  const connection = await first.next("ready");
  const second = owner(folder);
  const sentence = await second.next("refused");
  assert.match(sentence, new RegExp(`^Another gateway \\(process ${first.process.pid}\\) is using the data folder`));
  assert.match(sentence, /BOWLINE_DATA/);
  await second.ended;
  assert.deepEqual(await query(connection, "select 1 as n"), [{ n: 1 }]);
  first.process.stdin.end();
  await first.next("stopped");
});

test("Of two first starts at once on an empty folder one wins, and there is one server", async () => {
  const folder = scratch();
  const both = [owner(folder), owner(folder)] as const;
  const [one, two] = await Promise.all(
    both.map((start) =>
      Promise.race([
        start.next("ready").then(
          () => "ready" as const,
          () => "refused" as const,
        ),
        start.next("refused").then(
          () => "refused" as const,
          () => "ready" as const,
        ),
      ]),
    ),
  );
  assert.notEqual(one, two);
  const winner = both[one === "ready" ? 0 : 1];
  winner.process.stdin.end();
  await winner.next("stopped");
  assert.equal(postmaster(folder), null);
});

test("A folder too deep for a socket gets a private one elsewhere, which a stop removes", async () => {
  const folder = join(scratch(), ..."deeper than the address of a socket may be".split(" "), "x".repeat(60));
  const database = await start(folder);
  const sockets = String(database.connection.host);
  assert.notEqual(dirname(sockets), folder);
  assert.equal(statSync(sockets).mode & 0o777, 0o700);
  assert.deepEqual(await query(database.connection, "select 1 as n"), [{ n: 1 }]);
  await database.stop();
  assert.equal(existsSync(sockets), false);
});

test("Started by root, the server runs as a user whom nobody else is", {
  skip: notAsRoot,
}, async () => {
  const folder = scratch();
  const database = await start(folder);
  const status = readFileSync(`/proc/${postmaster(folder)}/status`, "utf8");
  assert.match(status, /^Uid:\s+54432\s+54432/m);
  assert.match(status, /^Groups:\s*$/m);
  assert.equal(statSync(join(folder, "run")).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, "postgres")).uid, 54432);
  await database.stop();
});

test("An ordinary user's database runs as that user, and goes on as that user's when root starts it", {
  skip: noStranger,
}, async () => {
  const folder = scratch();
  chownSync(dirname(folder), STRANGER, STRANGER);
  const theirs = owner(folder, { uid: STRANGER });
  const connection = await theirs.next("ready");
  assert.equal(statSync(join(folder, "postgres")).uid, STRANGER);
  await query(connection, "create table kept as select 1 as n");
  theirs.process.stdin.end();
  await theirs.next("stopped");

  const ours = await start(folder);
  assert.match(readFileSync(`/proc/${postmaster(folder)}/status`, "utf8"), new RegExp(`^Uid:\\s+${STRANGER}\\s`, "m"));
  assert.deepEqual(await query(ours.connection, "select n from kept"), [{ n: 1 }]);
  await ours.stop();

  const again = owner(folder, { uid: STRANGER });
  await again.next("ready");
  again.process.stdin.end();
  await again.next("stopped");
});
