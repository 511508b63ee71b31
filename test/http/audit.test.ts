// The audit log: every act of a person and every read of a full number is on it, and the running role can't change it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import pg from "pg";
import { readConfig } from "../../src/config.ts";
import { prepareDatabase, runningAs, type Site } from "../../src/site.ts";
import { openDatabase, overPool } from "../../src/store/database.ts";
import { isAppendOnly } from "../../src/store/audit.ts";
import { addApiKey, findApiKey } from "../../src/store/api-keys.ts";
import { forgetBefore, RUNNING } from "../../src/store/grants.ts";
import { KEY, openGateway } from "./gateway.ts";

const gateway = await openGateway({ alone: false });
after(() => gateway.close());

const RING = `one:${Buffer.alloc(32, 7).toString("base64")}`;
const { db, door } = gateway.gateway;
const READER = "a-key-that-only-reads-in-this-test";
await addApiKey(db, door, READER, "reader", "read");
const keyId = (await findApiKey(db, KEY))?.id;
const readerId = (await findApiKey(db, READER))?.id;

interface Entry {
  id: string;
  action: string;
  via: string;
  apiKeyId: string | null;
  objects: string[];
  outcome: string;
  status: number;
  requestId: string;
  key: string;
}

const entries = async (query = "") =>
  (await gateway.call("GET", `/audit-log?limit=100${query}`)).body.entries as Entry[];
const asRunning = async (work: (client: pg.Client) => Promise<unknown>) => {
  const client = new pg.Client({ connectionString: gateway.database.url, options: `-c role=${RUNNING}` });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};

const { body: linked } = await gateway.call("POST", "/sandbox/connections", { externalCustomerId: "watched" });
await gateway.worker.drain();

test("An act is on it with who, what, which objects, how it ended and the request's id", async () => {
  const url = `/bank-linking/connections/${linked.id}/refresh`;
  const answer = await gateway.call("POST", url);
  const [entry] = await entries(`&requestId=${String(answer.headers["x-request-id"])}`);
  assert.ok(entry);
  const { id, key, ...rest } = entry;
  assert.match(id, /^aud_/);
  assert.ok(rest.objects.includes(linked.id) && rest.objects.includes(answer.body.refresh.id));
  assert.deepEqual(
    { ...rest, objects: [] },
    {
      at: new Date(gateway.clock.at).toISOString(),
      via: "api",
      apiKeyId: keyId,
      systemUser: null,
      action: "refreshConnection",
      objects: [],
      outcome: answer.status < 400 ? "done" : "refused",
      status: answer.status,
      requestId: answer.headers["x-request-id"],
    },
  );
  assert.ok((await entries(`&objectId=${linked.id}`)).some((one) => one.key === key));
});

test("What a key was refused is on it too; what a stranger tried and what is only looked at is not", async () => {
  const before = (await entries()).length;
  const url = `/bank-linking/connections/${linked.id}`;
  await gateway.inject({ method: "DELETE", url, headers: { authorization: `Bearer ${READER}` } });
  const [refused] = await entries(`&apiKeyId=${readerId}`);
  assert.deepEqual([refused?.action, refused?.outcome, refused?.status], ["deleteConnection", "refused", 403]);
  await gateway.inject({ method: "DELETE", url, headers: { authorization: "Bearer nobody-s-key" } });
  await gateway.inject({ method: "DELETE", url });
  await gateway.call("GET", url);
  assert.equal((await entries()).length, before + 1);
});

test("Each read of a full account number is on it, with key, connection, account and request", async () => {
  const { body, headers } = await gateway.call("GET", `/bank-linking/accounts?connectionId=${linked.id}`);
  const shown = body.financialAccounts.filter((one: { identifiers: unknown }) => one.identifiers !== null);
  assert.ok(shown.length > 0);
  const [read, ...more] = await entries(`&requestId=${String(headers["x-request-id"])}`);
  assert.deepEqual([read?.action, read?.apiKeyId, more], ["readAccountNumbers", keyId, []]);
  const ids = shown.map(({ id }: { id: string }) => id);
  assert.deepEqual(read?.objects.filter((id) => id.startsWith("acc_")).sort(), ids.sort());
  assert.ok(read?.objects.includes(linked.id));
  gateway.clock.at += 1;
  const one = await gateway.call("GET", `/bank-linking/accounts/${ids[0]}`);
  assert.equal((await entries(`&objectId=${ids[0]}`))[0]?.requestId, one.headers["x-request-id"]);
  const masked = await gateway.inject({
    method: "GET",
    url: `/bank-linking/accounts/${ids[0]}`,
    headers: { authorization: `Bearer ${READER}` },
  });
  assert.deepEqual(await entries(`&requestId=${String(masked.headers["x-request-id"])}`), []);
});

test("Where its entry can't be written, a number is not shown, and an act is not said to be done", async () => {
  const { body } = await gateway.call("GET", `/bank-linking/accounts?connectionId=${linked.id}`);
  const number: string = body.financialAccounts
    .map((one: { identifiers: { ach?: { accountNumber: string } } | null }) => one.identifiers?.ach?.accountNumber)
    .find(Boolean);
  assert.ok(number);
  await gateway.database.pool.query("alter table audit_entry rename to audit_entry_away");
  try {
    const read = await gateway.app.inject({
      method: "GET",
      url: `/bank-linking/accounts?connectionId=${linked.id}`,
      headers: { authorization: `Bearer ${KEY}` },
    });
    assert.equal(read.statusCode, 500);
    assert.ok(!read.body.includes(number));
    const act = await gateway.app.inject({
      method: "POST",
      url: "/accounts/customers",
      headers: { authorization: `Bearer ${KEY}` },
      payload: { externalId: "unaudited" },
    });
    assert.equal(act.statusCode, 503, act.body);
    assert.equal(act.json().code, "DATABASE_UNAVAILABLE");
    assert.equal(act.headers["retry-after"], "2");
  } finally {
    await gateway.database.pool.query("alter table audit_entry_away rename to audit_entry");
  }
});

test("Signing in to the operator's pages, what is done there and signing out are on it", async () => {
  const mark = { "x-bowline-operator": "1" };
  const dashboard = "/dashboard/session";
  const signed = await gateway.app.inject({ method: "POST", url: dashboard, headers: mark, payload: { key: KEY } });
  const headers = { ...mark, cookie: String(signed.headers["set-cookie"]).split(";")[0] ?? "" };
  const url = `/dashboard/data/bank-linking/connections/${linked.id}/refresh`;
  await gateway.app.inject({ method: "POST", url, headers });
  await gateway.app.inject({ method: "DELETE", url: dashboard, headers });
  const told = (await entries(`&apiKeyId=${keyId}`)).filter(({ via }) => via === "dashboard");
  assert.deepEqual(told.map(({ action }) => action).sort(), ["refreshConnection", "signIn", "signOut"]);
});

test("The running gateway's role reads and adds, and can change, delete or empty nothing", async () => {
  await asRunning(async (client) => {
    for (const statement of [
      "update audit_entry set outcome = 'done'",
      "delete from audit_entry",
      "truncate audit_entry",
      "drop table audit_entry",
      `alter table audit_entry owner to ${RUNNING}`,
      "update migration set number = 1",
    ])
      await assert.rejects(client.query(statement), { code: "42501" }, statement);
    const { rows } = await client.query("select count(*)::int as count from audit_entry");
    assert.ok(rows[0].count > 0);
    await client.query(
      "insert into audit_entry values (1, 'aud_x', now(), 'api', null, null, 'x', '{}', 'done', 200, null)",
    );
    await client.query("update api_key set label = label");
  });
});

test("A gateway that starts runs as that role, and knows that the log is safe from it", async () => {
  const site: Site = {
    connection: { connectionString: gateway.database.url },
    ring: gateway.gateway.ring,
    folder: null,
    lost: new Promise(() => undefined),
    stop: async () => undefined,
  };
  const running = openDatabase(runningAs(site), () => undefined);
  try {
    const config = readConfig({ DATABASE_URL: gateway.database.url, BOWLINE_SECRET_KEYS: RING });
    const { keepsAudit } = await prepareDatabase(running, site, config, door);
    assert.equal(keepsAudit, true);
    assert.deepEqual(await running.row("select current_user::text as name"), { name: RUNNING });
    const owner = openDatabase(site.connection, () => undefined);
    assert.equal(await isAppendOnly(owner), false, "the owner could take the rights back");
    await owner.close();
  } finally {
    await running.close();
  }
});

test("An owner who may make no roles takes the rights from itself, and has them to forget alone", async () => {
  const { pool } = gateway.database;
  const owner = `owner_${process.pid}`;
  await pool.query(`create role ${owner} login`);
  await pool.query(`grant create, usage on schema public to ${owner}`);
  const tables = await pool.query("select tablename from pg_tables where schemaname = 'public'");
  for (const { tablename } of tables.rows) await pool.query(`alter table ${tablename} owner to ${owner}`);
  const own = new pg.Pool({
    connectionString: gateway.database.url,
    options: `-c role=${owner}`,
    max: 1,
  });
  try {
    const { writeGrants, mayRun } = await import("../../src/store/grants.ts");
    const client = await own.connect();
    await writeGrants(client);
    for (const statement of ["update audit_entry set outcome = 'x'", "delete from audit_entry", "truncate audit_entry"])
      await assert.rejects(client.query(statement), { code: "42501" }, statement);
    client.release();
    assert.equal(await mayRun(own), false);
    assert.equal(await isAppendOnly(overPool(own)), false, "it is told, since it could take them back");
    const all = (await own.query("select count(*)::int as count from audit_entry")).rows[0].count;
    assert.equal(await forgetBefore(own, Date.UTC(2000, 0)), 0);
    assert.equal(await forgetBefore(own, Date.UTC(2100, 0)), all);
    await assert.rejects(own.query("delete from audit_entry"), { code: "42501" });
  } finally {
    await own.end();
    await pool.query(`reassign owned by ${owner} to current_user`);
    await pool.query(`drop owned by ${owner}`);
    await pool.query(`drop role ${owner}`);
  }
});
