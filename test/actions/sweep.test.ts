// What is old is forgotten, once a day, whole, and nothing else with it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { takeIn } from "../../src/actions/lane.ts";
import { keepSweeping, RETENTION, sweep } from "../../src/actions/sweep.ts";
import { replayEvents } from "../../src/store/deliveries.ts";
import { forgetEvents } from "../../src/store/retention.ts";
import { lockProfile } from "../../src/store/webhook-profiles.ts";
import { openGateway } from "../http/gateway.ts";
import { openReceiver } from "../webhooks/receiver.ts";

const gateway = await openGateway();
const receiver = await openReceiver();
after(async () => {
  await gateway.close();
  await receiver.close();
});
const { call, worker, clock, database } = gateway;
const DAY = 86_400_000;

const oldest = async (table: string, column: string): Promise<number | null> => {
  const { rows } = await database.pool.query(`select min(${column}) as at from ${table}`);
  return rows[0]?.at === null ? null : Number(rows[0]?.at);
};
const count = async (table: string): Promise<number> =>
  (await database.pool.query(`select count(*)::int as n from ${table}`)).rows[0]?.n as number;

/** From due instant to due instant would be a year of reads; what is due is run at each of these days. */
async function live(days: number, step = 1): Promise<void> {
  for (let day = 0; day < days; day += step) {
    clock.at += step * DAY;
    await worker.drain();
  }
}

test("How many days each is kept", () => {
  const days = Object.fromEntries(Object.entries(RETENTION).map(([what, { kept }]) => [what, kept / DAY]));
  assert.deepEqual(days, {
    idempotencyKeys: 7,
    processorTokens: 7,
    callCounts: 62,
    sessions: 30,
    inbound: 14,
    activity: 30,
    events: 30,
    timeline: 365,
    refreshes: 365,
    tombstones: 365,
    closedLogins: 365,
    deletedCustomers: 365,
  });
});

test("A year on, every table holds its own time and not a day more", async () => {
  await keepSweeping(gateway.gateway);
  const started = clock.at;
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId: "lives long" });
  const profile = await call("POST", "/notifications/webhooks", { name: "n", url: receiver.url, eventTypes: [] });
  assert.ok(profile.status < 300, JSON.stringify(profile.body));
  await database.pool.query(
    `insert into inbound (home, id, provider, received_at, wall, last_at, verified, outcome)
     select n, 'pwh ' || n, 'SANDBOX', $1::timestamptz + n * interval '1 hour', now(), now(), true, 'NOTHING_TO_READ'
       from generate_series(1, 5000) n`,
    [new Date(started).toISOString()],
  );
  await live(40, 4);
  const age = async (table: string, column: string) => clock.at - ((await oldest(table, column)) ?? clock.at);
  assert.ok((await age("event", "at")) <= 31 * DAY && (await age("event", "at")) > 25 * DAY);
  const orphans = "delivery d where not exists (select from event e where e.home = d.home and e.id = d.event_id)";
  assert.equal(await count(orphans), 0, "no delivery without its event");
  assert.ok((await count("delivery")) > 10 && (await count("attempt")) > 0);
  assert.ok((await age("inbound", "received_at")) <= 15 * DAY);
  assert.equal(await age("timeline", "at"), clock.at - started, "the timeline is whole");
  assert.ok((await age("delivery", "made_at")) <= 31 * DAY);
  await live(360, 30);
  assert.ok((await age("timeline", "at")) <= 366 * DAY && (await age("timeline", "at")) > 330 * DAY);
  assert.equal(await count("inbound"), 0);
  const { status, body: shown } = await call("GET", `/bank-linking/connections/${body.id}`);
  assert.deepEqual([status, shown.status], [200, "ACTIVE"]);
  const timeline = await call("GET", `/bank-linking/connections/${body.id}/timeline?limit=100`);
  assert.ok(timeline.body.count > 10, `${timeline.body.count} entries are left`);
});

test("A reader whose cursor is older than the events is told so; one without begins with what there is", async () => {
  const { body: first } = await call("GET", "/events?limit=1");
  assert.equal(first.count, 1);
  const { rows } = await database.pool.query("select min(position) as first from event");
  assert.ok(Number(rows[0]?.first) > 1, "some are gone");
  const { body: from } = await call("GET", `/events?limit=1&after=${first.next}`);
  await live(40, 4);
  const gone = await call("GET", `/events?after=${first.next}`);
  assert.deepEqual([gone.status, gone.body.code], [410, "GONE"]);
  assert.match(gone.body.message, /^\[after\] is older than the events that are kept; /);
  const { status, body } = await call("GET", "/events?limit=1000");
  assert.equal(status, 200);
  assert.ok(body.count > 0 && from.count === 1);
  const last = await call("GET", `/events?after=${body.next}`);
  assert.deepEqual([last.status, last.body.count], [200, 0]);
});

test("Keys, counts and sessions go in weeks; a tombstone is there for a year, and then nothing is left", async () => {
  const key = { "idempotency-key": "one of old" };
  const customer = { externalCustomerId: "leaves" };
  const { body } = await call("POST", "/sandbox/connections", customer, key);
  const path = `/bank-linking/connections/${body.id}`;
  await worker.drain();
  await call("POST", `${path}/refresh`, {});
  await worker.drain();
  const { status: deleted } = await call("DELETE", path);
  assert.equal(deleted, 200);
  const { status: forgotten } = await call("DELETE", `/accounts/customers/${body.customerId}`);
  assert.ok(forgotten < 300, `${forgotten}`);
  const home = "where home = (select home from connection where id = $1)";
  const left = async (table: string, condition = home) =>
    (await database.pool.query(`select count(*)::int as n from ${table} ${condition}`, [body.id])).rows[0]?.n as number;
  const homes = (await database.pool.query("select home from connection where id = $1", [body.id])).rows[0]?.home;
  const stillThere = async (table: string) =>
    (await database.pool.query(`select count(*)::int as n from ${table} where home = $1`, [homes])).rows[0]
      ?.n as number;
  assert.ok((await count("idempotency")) > 0 && (await left("call_count")) > 0);

  await live(8, 4);
  assert.equal(await count("idempotency"), 0);
  await live(56, 28);
  assert.equal(await left("call_count"), 0);
  assert.ok((await count("call_count")) > 0, "those of the living are counted on");
  assert.equal(await left("session"), 0);
  await live(280, 40);
  const { status, body: shown } = await call("GET", path);
  assert.deepEqual([status, shown.status], [200, "DELETED"]);
  await live(40, 10);
  assert.equal((await call("GET", path)).status, 404);
  for (const table of ["connection", "provider_connection", "customer", "session", "refresh", "task", "timeline"])
    assert.equal(await stillThere(table), 0, table);
  assert.ok((await count("connection")) > 0, "who lives is left alone");
});

test("An endpoint whose next events were forgotten while nothing ran goes on, not behind for ever", async () => {
  const { body } = await call("POST", "/notifications/webhooks", { name: "late", url: receiver.url, eventTypes: [] });
  await worker.drain();
  await database.pool.query("delete from event");
  const { rows } = await database.pool.query(
    `update webhook_profile w set cursor = 0 from feed f where w.id = $1 and f.name = 'events' returning f.position`,
    [body.id],
  );
  await call("PATCH", `/notifications/webhooks/${body.id}`, { name: "looked at" });
  await worker.drain();
  const kept = await database.pool.query("select cursor from webhook_profile where id = $1", [body.id]);
  assert.ok(Number(rows[0]?.position) > 0);
  assert.equal(kept.rows[0]?.cursor, rows[0]?.position);
});

const WAITING =
  "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
const waiting = async (): Promise<number> => (await database.pool.query<{ n: number }>(WAITING)).rows[0]?.n as number;
const ofNothing = async (profileId: string): Promise<number> => {
  const left = "delivery d where profile_id = $1 and not exists (select from event e where e.id = d.event_id)";
  const { rows } = await database.pool.query<{ n: number }>(`select count(*)::int as n from ${left}`, [profileId]);
  return rows[0]?.n as number;
};

test("What an endpoint takes in while it is forgotten leaves no delivery of nothing behind", async () => {
  const { body: profile } = await call("POST", "/notifications/webhooks", { name: "slow", url: receiver.url });
  await call("POST", "/sandbox/connections", { externalCustomerId: "is old" });
  await worker.drain();
  await database.pool.query("delete from delivery where profile_id = $1", [profile.id]);
  await database.pool.query("update webhook_profile set cursor = 0 where id = $1", [profile.id]);
  clock.at += 31 * DAY;
  // The rows of the events can't go before this ends; those of their deliveries can.
  const reader = await database.pool.connect();
  try {
    await reader.query("begin");
    const { rowCount } = await reader.query("select 1 from event for key share");
    assert.ok(Number(rowCount) > 0);
    const task = { home: "0", subject: "retention", kind: "sweep" } as never;
    const forgetting = sweep(gateway.gateway, task);
    while ((await waiting()) < 1);
    let isIn = false;
    const taking = takeIn(gateway.gateway, profile.id).finally(() => {
      isIn = true;
    });
    while (!isIn && (await waiting()) < 2);
    await reader.query("commit");
    await Promise.all([forgetting, taking]);
  } finally {
    reader.release();
  }
  assert.equal(await ofNothing(profile.id), 0);
});

test("What is asked for again while it is forgotten leaves no delivery of nothing behind", async () => {
  const { db } = gateway.gateway;
  const { body: profile } = await call("POST", "/notifications/webhooks", { name: "again", url: receiver.url });
  await call("POST", "/sandbox/connections", { externalCustomerId: "is forgotten" });
  await worker.drain();
  await database.pool.query("delete from delivery where profile_id = $1", [profile.id]);
  const [now, asked, held] = [clock.at, Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const everything = { from: 0, to: now, types: [] };
  const asking = db.tx("replay", async (sql) => {
    await lockProfile(sql, profile.id);
    await replayEvents(sql, profile.id, now, everything);
    asked.resolve();
    await held.promise;
  });
  await asked.promise;
  let isOver = false;
  const forgetting = db
    .tx("forget", (sql) => forgetEvents(sql, now + DAY, 10_000))
    .finally(() => {
      isOver = true;
    });
  // It waits for the other's end, or is through.
  while (!isOver && (await waiting()) === 0);
  held.resolve();
  await Promise.all([asking, forgetting]);
  assert.equal(await ofNothing(profile.id), 0);
});
