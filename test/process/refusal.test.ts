// A start that must not happen ends with one sentence that names the mend, a status that is not 0, and nothing running.

import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { realDoor } from "../../src/door.ts";
import { alive } from "../../src/postgres/liveness.ts";
import { startEmbedded } from "../../src/postgres/supervisor.ts";
import {
  type Environment,
  gateway,
  isRoot,
  KEY,
  linuxOnly,
  ORDINARY,
  scratch,
  statusOf,
  stop,
  until,
  up,
  workingIn,
} from "./process.ts";

const limit = { timeout: 60_000 };
const linux = { ...limit, ...linuxOnly };

const ring = (letter: string): string => `main:${Buffer.alloc(32, letter).toString("base64")}`;

interface Expected {
  command?: string[];
  status?: number;
  uid?: number;
}

/** The start's one line. */
async function refusal(env: Environment, { command = [], status = 1, uid }: Expected = {}): Promise<string> {
  const refused = gateway(env, command, uid);
  const started = (): never => assert.fail(`It is not refused. It said:\n${refused.said()}`);
  const ended = await refused.says(/^Bowline is up/m).then(started, (error: unknown) => {
    if (alive(refused.pid)) throw error;
    return refused.ended;
  });
  const said = refused.said();
  assert.deepEqual(ended, { status, signal: null }, said);
  assert.match(said, /^[^\n]+\.\n$/, "it is one sentence, or some, on one line");
  assert.doesNotMatch(said, /\n\s+at |node:internal|Error:/);
  return said.trimEnd();
}

const NOWHERE = "/nonexistent/never-made";

/** What is wrong, and what the sentence has to name. Nothing of it comes so far as to touch a folder or a server. */
const settings: [Environment, RegExp][] = [
  [{ BOWLINE_PORT: "eighty" }, /^BOWLINE_PORT must be a whole number from 0 to 65535; correct it/],
  [{ BOWLINE_LOG_LEVEL: "loud" }, /^BOWLINE_LOG_LEVEL must be one of trace, debug, info/],
  [{ BOWLINE_PROT: "4400" }, /^BOWLINE_PROT is no setting of Bowline; docs\/config\.md lists them all/],
  [{ BOWLINE_API_KEY: "short" }, /^BOWLINE_API_KEY must be 16 to 512/],
  [{ BOWLINE_SECRET_KEYS: "main:short" }, /^BOWLINE_SECRET_KEYS can't be read: key "main" must be 32 bytes/],
  [{ DATABASE_URL: "mysql://u:hidden@h/d", BOWLINE_SECRET_KEYS: ring("a") }, /^DATABASE_URL must be a PostgreSQL/],
  [{ BOWLINE_OPERATOR_SECRET: "whsec_short" }, /^BOWLINE_OPERATOR_SECRET must be `whsec_` and the base64/],
  [{ BOWLINE_OPERATOR_WEBHOOK: "https://ops.example.com" }, /^BOWLINE_OPERATOR_SECRET is missing/],
  [{ DATABASE_URL: "postgres://u:hidden@127.0.0.1:1/d" }, /^BOWLINE_SECRET_KEYS must be set with DATABASE_URL/],
];

for (const [env, sentence] of settings) {
  const shown = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  test(`${shown.join(" ")} is refused`, limit, async () => {
    const said = await refusal({ BOWLINE_DATA: NOWHERE, ...env });
    assert.match(said, sentence);
    assert.doesNotMatch(said, /hidden/, "a password is not for the screen");
  });
}

test("An unknown command is refused with the one that was meant", limit, async () => {
  const said = await refusal({}, { command: ["sevre"], status: 2 });
  assert.equal(said, '"sevre" is no command; did you mean `serve`? `bowline help` lists them all.');
});

describe("With a data folder that is in use", linux, () => {
  const env = { BOWLINE_DATA: scratch(), BOWLINE_API_KEY: KEY };
  let first: Awaited<ReturnType<typeof up>>;
  before(async () => {
    first = await up(env);
  }, limit);
  after(() => stop(first), limit);

  test("a second gateway is refused by the number of the first, which goes on", linux, async () => {
    const said = await refusal(env);
    assert.match(
      said,
      new RegExp(`^Another gateway \\(process ${first.pid}\\) is using the data folder .*BOWLINE_DATA`),
    );
    assert.equal(await statusOf(`${first.at}/ready`), 200);
  });

  test("a port in use is refused, and the database that was started for it is stopped again", linux, async () => {
    const port = new URL(first.at).port;
    const folder = scratch();
    const said = await refusal({ BOWLINE_DATA: folder, BOWLINE_PORT: port });
    assert.match(said, new RegExp(`^Port ${port} is in use; stop what listens there or set BOWLINE_PORT`));
    assert.deepEqual(workingIn(folder), []);
    assert.equal(await statusOf(`${first.at}/ready`), 200);
  });
});

test("A stopped folder is refused where its ring or its schema does not fit, and left as it was", linux, async () => {
  const folder = scratch();
  const env = { BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY };
  await stop(await up(env));
  const file = join(folder, "secret-keys");
  const right = readFileSync(file);

  writeFileSync(file, `${ring("b")}\n`);
  assert.match(await refusal(env), /^The key ring does not fit this database: key "main" .*the file secret-keys/);
  writeFileSync(file, "other:\n");
  assert.match(await refusal(env), /^The key ring .*secret-keys can't be read: key "other" .*Restore it/);
  writeFileSync(file, right);
  assert.match(
    await refusal({ ...env, BOWLINE_SECRET_KEYS: ring("c") }),
    /^The key ring does not fit this database: .*BOWLINE_SECRET_KEYS/,
  );
  assert.deepEqual(workingIn(folder), []);

  const database = await startEmbedded({ folder, log: () => {}, door: realDoor() });
  await query(database.connection, "insert into migration values (9999, now())");
  await database.stop();
  assert.match(
    await refusal(env),
    /^The database has schema 9999 and this version of Bowline knows \d+; start a newer/,
  );
  assert.deepEqual(workingIn(folder), []);
});

test("A folder that may not be written is refused, as a new one and as one that was", {
  ...linux,
  ...(!isRoot && { skip: "only root can play another user, and make what another may not write" }),
}, async () => {
  const folder = scratch(ORDINARY);
  const env = { BOWLINE_DATA: folder, HOME: dirname(folder), BOWLINE_API_KEY: KEY };
  chmodSync(dirname(folder), 0o555);
  const sentence = /^The data folder .* may not be written: make it writable, or set BOWLINE_DATA/;
  assert.match(await refusal(env, { uid: ORDINARY }), sentence);
  chmodSync(dirname(folder), 0o755);
  const theirs = gateway(env, [], ORDINARY);
  await theirs.says(/^Bowline is up/m);
  await stop(theirs);
  rmSync(join(folder, "secret-keys"));
  chmodSync(folder, 0o500);
  assert.match(
    await refusal(env, { uid: ORDINARY }),
    /^The key ring .*secret-keys can't be read or made \(EACCES\): let the gateway's user write/,
  );
  assert.deepEqual(workingIn(folder), []);
});

/** A server of its own, with passwords, beside which a run's own server is never touched. */
describe("With DATABASE_URL", linux, () => {
  const folder = scratch();
  let server: Awaited<ReturnType<typeof startEmbedded>>;
  const url = (user: string, database: string, more = ""): string =>
    `postgres://${user}@localhost:5432/${database}?host=${encodeURIComponent(String(server.connection.host))}${more}`;
  const refused = (address: string, env: Environment = {}): Promise<string> =>
    refusal({ DATABASE_URL: address, BOWLINE_SECRET_KEYS: ring("a"), ...env });

  before(async () => {
    server = await startEmbedded({ folder, log: () => {}, durable: false, door: realDoor() });
    await query(server.connection, "create role guarded login password 'right'");
    await query(server.connection, "grant all on database bowline to guarded");
    const rules = join(folder, "postgres", "pg_hba.conf");
    writeFileSync(rules, `local all guarded scram-sha-256\n${readFileSync(rules, "utf8")}`);
    await query(server.connection, "select pg_reload_conf()");
    // The server reads its rules anew when it comes to it.
    await until(async () => await isRefused(url("guarded:wrong", "bowline")), "the new rules");
  }, limit);
  after(() => server.stop(), limit);

  test("a wrong, a missing and an unknown password or user are refused without showing any", limit, async () => {
    const sentence = /^The database refuses the user or password of DATABASE_URL \(.*\); correct them\.$/;
    for (const user of ["guarded:wrong-one", "guarded", "nobody-of-that-name"]) {
      const said = await refused(url(user, "bowline"));
      assert.match(said, sentence, user);
      assert.doesNotMatch(said, /wrong-one/);
    }
  });

  test("a database that is not there is refused", limit, async () => {
    assert.match(
      await refused(url("postgres", "elsewhere")),
      /^The database of DATABASE_URL does not exist .*create it/,
    );
  });

  test("a user who may not create tables is refused", limit, async () => {
    assert.match(
      await refused(url("guarded:right", "bowline")),
      /^The user of DATABASE_URL may not create tables .*grant/,
    );
  });

  test("a server without the TLS that is asked for is refused", limit, async () => {
    const { port, close } = await plainServer();
    const said = await refused(`postgres://u:p@127.0.0.1:${port}/d?sslmode=verify-full`).finally(close);
    assert.match(said, /^The database can't be spoken to as DATABASE_URL asks .*correct its sslmode/);
  });
});

async function query(connection: pg.PoolConfig, sql: string): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function isRefused(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    await client.end();
    return false;
  } catch {
    return true;
  }
}

/** Answers a client's question for TLS as a server does that has none: N (PostgreSQL documentation, SSLRequest). */
async function plainServer(): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write("N"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
