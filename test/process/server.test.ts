// With DATABASE_URL: a server that is late, goes and comes back, is too old; and several processes on one database.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { freshDatabase } from "../database.ts";
import { type BankLine, bankLine, type Call, overlaps } from "./bank-line.ts";
import { freePort } from "../fleet/port.ts";
import { ask, gateway, type Json, link, statusOf, stop, until, up } from "./process.ts";
import { relayTo, through } from "./relay.ts";

const limit = { timeout: 90_000 };
const RING = `main:${Buffer.alloc(32, "r").toString("base64")}`;

async function database(t: TestContext): Promise<Awaited<ReturnType<typeof freshDatabase>>> {
  const made = await freshDatabase();
  t.after(() => made.drop());
  return made;
}

test("A database that is late is waited for, one that went away comes back, and nothing is lost", limit, async (t) => {
  const { url } = await database(t);
  const relay = relayTo(url, await freePort());
  t.after(() => relay.cut());
  const port = await freePort();
  const at = `http://127.0.0.1:${port}`;
  const env = { DATABASE_URL: through(url, relay), BOWLINE_SECRET_KEYS: RING, BOWLINE_PORT: String(port) };
  const running = gateway({ ...env, BOWLINE_LOG_LEVEL: "silent" });

  const waiting = /^The database can't be reached \(.+\); waiting for it\. .*DATABASE_URL.*$/gm;
  await running.says(waiting);
  const refused = async (): Promise<void> => {
    assert.equal(await statusOf(`${at}/health`), 200);
    assert.equal(await statusOf(`${at}/ready`), 503);
    const { status, retryAfter, body } = await ask("GET", `${at}/bank-linking/connections`);
    assert.equal(status, 503);
    assert.ok(Number(retryAfter) > 0);
    assert.equal(body["code"], "DATABASE_UNAVAILABLE");
  };
  await refused();
  await relay.open();
  await running.says(/^Bowline is up/m);
  assert.equal(running.said().match(waiting)?.length, 1, "it is said once");
  assert.match(running.said(), /^The database is there\.$/m);
  const key = running.said().match(/^ +API key +(\S+)$/m)?.[1] ?? "";
  const ids = [await link(at, "before", key)];

  await relay.cut();
  await until(async () => (await statusOf(`${at}/ready`)) === 503, "not being ready");
  await refused();
  await relay.open();
  await until(async () => (await statusOf(`${at}/ready`)) === 200, "being ready again");
  ids.push(await link(at, "after", key));
  for (const id of ids) {
    assert.equal((await ask("GET", `${at}/bank-linking/connections/${id}`, undefined, key)).status, 200);
  }
  await stop(running);
});

test("A stop is heard while the database is waited for", limit, async () => {
  const port = await freePort();
  const running = gateway({ DATABASE_URL: `postgres://u:p@localhost:${port}/d`, BOWLINE_SECRET_KEYS: RING });
  const [sentence] = await running.says(/^The database can't be reached.*$/m);
  assert.match(sentence, /ECONNREFUSED/);
  await stop(running);
});

test("A server too old, a schema too new and another's ring are refused", limit, async (t) => {
  const { url, pool } = await database(t);
  const { rows } = await pool.query<{ n: string }>("select current_setting('server_version_num') as n");
  const version = rows[0]?.n ?? "";
  // No server that old is at hand; this one says that it is. Both numbers have six digits, so no length changes.
  const old = relayTo(url, await freePort(), (bytes) =>
    Buffer.from(bytes.toString("latin1").replaceAll(version, "140009"), "latin1"),
  );
  t.after(() => old.cut());
  await old.open();
  const refusal = async (address: string, ring = RING): Promise<string> => {
    const refused = gateway({ DATABASE_URL: address, BOWLINE_SECRET_KEYS: ring });
    const { status } = await refused.ended;
    assert.equal(status, 1);
    assert.match(refused.said(), /^[^\n]+\.\n$/);
    return refused.said();
  };
  assert.match(await refusal(through(url, old)), /^PostgreSQL 14 is too old; DATABASE_URL must name .* 15 or newer/);

  const env = { DATABASE_URL: url, BOWLINE_SECRET_KEYS: RING };
  await stop(await up(env));
  const other = `main:${Buffer.alloc(32, "o").toString("base64")}`;
  assert.match(await refusal(url, other), /^The key ring does not fit this database: .*BOWLINE_SECRET_KEYS/);
  await pool.query("insert into migration values (9999, now())");
  assert.match(await refusal(url), /^The database has schema 9999 and this version of Bowline knows/);
});

test("Calls of two workers about one connection overlap, of one worker or about two connections they do not", () => {
  const call = (worker: string, grant: string, began: number, ended: number): Call => ({ worker, grant, began, ended });
  const first = call("first", "a", 0, 10);
  const second = call("second", "a", 9, 12);
  const apart = [call("first", "a", 9, 12), call("second", "b", 0, 10), call("second", "a", 20, 30)];
  assert.deepEqual(overlaps([first, ...apart]), []);
  assert.deepEqual(overlaps([first, second]), [[first, second]]);
});

test("Two APIs and two workers share one database; one worker dies, and the other finishes", limit, async (t) => {
  const { url, pool } = await database(t);
  const env = { DATABASE_URL: url, BOWLINE_SECRET_KEYS: RING, BOWLINE_LOG_LEVEL: "error" };
  // All at once on an empty installation: one of them makes the key, and the others find it.
  const apis = await Promise.all([up(env, ["api"]), up(env, ["api"])]);
  const keys = apis.flatMap((api) => api.said().match(/^ +API key +(\S+)$/m)?.[1] ?? []);
  assert.equal(keys.length, 1, "the key is shown by one of the two");
  const key = keys[0] as string;
  const [one, two] = apis;
  for (const api of apis)
    assert.equal((await ask("GET", `${api.at}/bank-linking/connections`, undefined, key)).status, 200);

  const calls: Call[] = [];
  let dying: string | null = null;
  const begun = Promise.withResolvers<string>();
  const lines: BankLine[] = [
    await bankLine(`${one.at}/farm`, "first", calls, (grant) => {
      if (dying !== null) return false;
      dying = grant;
      begun.resolve(grant);
      return true;
    }),
    await bankLine(`${two.at}/farm`, "second", calls),
  ];
  t.after(() => lines.forEach((line) => line.close()));
  const [first, second] = await Promise.all(
    lines.map((line) => up({ ...env, BOWLINE_SANDBOX_URL: line.url, BOWLINE_WORKERS: "2" }, ["worker"])),
  );
  assert.ok(first && second);

  const ids: string[] = [];
  const get = async (at: string, id: string): Promise<Json> =>
    (await ask("GET", `${at}/bank-linking/connections/${id}`, undefined, key)).body;
  while (dying === null) ids.push(await link(one.at, `customer ${ids.length}`, key));
  const grant = await begun.promise;
  first.kill("SIGKILL");
  await first.ended;
  const died = performance.now();
  for (let n = 0; n < 6; n++) ids.push(await link(one.at, `later customer ${n}`, key));
  for (const id of ids) assert.equal((await get(two.at, id))["id"], id, "what one wrote the other reads");

  const unread = async (): Promise<string[]> => {
    const all = await Promise.all(ids.map((id) => get(two.at, id)));
    return all.filter((each) => each["successfullyAggregatedAt"] === null).map((each) => String(each["id"]));
  };
  // What the dead worker had in hand stays its own until the lease ends: nobody can know that it is dead.
  await until(async () => (await unread()).length <= 2, "the living worker's reads");
  assert.ok((await unread()).length > 0);
  assert.ok(!calls.some((call) => call.worker === "second" && call.grant === grant));
  const { rowCount } = await pool.query("update task set lease_until = now() where lease_until > now()");
  assert.ok(rowCount);
  await until(async () => (await unread()).length === 0, "a read of every connection");
  assert.ok(calls.some((call) => call.worker === "second" && call.grant === grant));
  const finished = calls.map((call) => (call.ended === Infinity ? { ...call, ended: died } : call));
  assert.deepEqual(overlaps(finished), [], "no connection was in two hands at once");

  const now = async (at: string): Promise<number> =>
    Date.parse(String((await ask("GET", `${at}/nowhere`)).body["timestamp"]));
  const moved = await ask("POST", `${one.at}/sandbox/clock`, { advance: "PT1H" }, key);
  assert.equal(moved.status, 200, JSON.stringify(moved.body));
  await until(async () => (await now(two.at)) >= Date.parse(String(moved.body["now"])), "the moved clock elsewhere");

  await stop(second);
  await Promise.all(apis.map(stop));
});
