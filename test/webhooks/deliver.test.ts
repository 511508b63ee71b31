// Deliveries to real receivers on loopback: what arrives, what is tried again and when, and what ends it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { recordTries, type Tried } from "../../src/store/deliveries.ts";
import { openGateway } from "../http/gateway.ts";
import { type Answer, openReceiver, type Received, type Receiver } from "./receiver.ts";

const gateway = await openGateway();
const { call, worker, clock } = gateway;
const receivers: Receiver[] = [];
after(async () => {
  for (const receiver of receivers) await receiver.close();
  await gateway.close();
});

const BASE = "/notifications/webhooks";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let customers = 0;
const links: string[] = [];

async function endpoint(answer?: (received: Received, count: number) => Answer, more: object = {}) {
  const receiver = await openReceiver(answer);
  receivers.push(receiver);
  const made = await call("POST", BASE, { name: "test", url: receiver.url, ...more });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return { receiver, id: made.body.id as string, secret: made.body.secret as string };
}

/** Ends what a test began, so that the next one hears of its own alone. */
async function off(...ids: string[]): Promise<void> {
  for (const id of links.splice(0)) await call("DELETE", `/bank-linking/connections/${id}`);
  await worker.drain();
  for (const id of ids) await call("PATCH", `${BASE}/${id}`, { status: "DISABLED" });
}

/** Starts a link that ends in nothing, four hours later, with one event: it has expired. */
async function oneEvent(): Promise<string> {
  customers++;
  const { body } = await call("POST", "/bank-linking/connect/start", { externalCustomerId: `customer ${customers}` });
  clock.at += 4 * HOUR;
  await worker.drain();
  return body.id;
}

async function linked(): Promise<string> {
  customers++;
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId: `customer ${customers}` });
  await worker.drain();
  links.push(body.id);
  return body.id;
}

async function log(id: string) {
  const { body } = await call("GET", `${BASE}/${id}/deliveries?limit=100`);
  return body.deliveries as { eventId: string; status: string; tries: number; reason: string; nextTryAt: string }[];
}

const profile = async (id: string) => (await call("GET", `${BASE}/${id}`)).body;

/** From due instant to due instant, as the sandbox's clock moves. */
async function pass(ms: number): Promise<void> {
  const end = clock.at + ms;
  for (;;) {
    await worker.drain();
    const { rows } = await gateway.database.pool.query(
      "select min(run_at) as next from task where kind = 'deliver' and run_at < 'infinity' and run_at > $1",
      [new Date(clock.at)],
    );
    const next = (rows[0] as { next: Date | null }).next?.getTime() ?? Infinity;
    if (next > end) break;
    clock.at = next;
  }
  clock.at = end;
  await worker.drain();
}

test("A link's events arrive once each, in the contract's envelope, with ids and no data", async () => {
  const { receiver, id } = await endpoint();
  const connectionId = await linked();
  const types = receiver.received.map(({ json }) => json.eventType);
  assert.equal(types.filter((type) => type === "BANK_LINKING_CONNECTION_COMPLETED").length, 1);
  assert.equal(types.filter((type) => type === "BANK_LINKING_HISTORICAL_TRANSACTIONS_AGGREGATED").length, 1);
  const { body: connection } = await call("GET", `/bank-linking/connections/${connectionId}`);
  const sequences = receiver.received.map(({ json, headers, body }) => {
    assert.equal(headers["webhook-id"], json.eventId);
    assert.equal(headers["content-type"], "application/json");
    assert.equal(body, JSON.stringify(json), "compact JSON");
    assert.deepEqual([json.accountId, json.profileId], ["the-account", id]);
    assert.match(json.version, /^2026-11-22$/);
    const { payload } = json;
    assert.match(String(payload["requestId"]), /^[0-9a-f]{32}$/);
    assert.equal(payload["connectionId"], connectionId);
    assert.equal(payload["customerId"], connection.customerId);
    assert.equal(payload["externalCustomerId"], connection.externalCustomerId);
    assert.equal(payload["institutionId"], connection.institutionId);
    assert.equal(payload["institutionName"], connection.institutionName);
    const details = payload["serviceProviderDetails"] as Record<string, string>;
    assert.deepEqual(Object.keys(details), ["serviceProvider", "serviceProviderConnectionId"]);
    return payload["sequence"];
  });
  assert.deepEqual(
    sequences.toSorted((a, b) => Number(a) - Number(b)),
    sequences.map((_, at) => at + 1),
  );
  await off(id);
});

test("The search key of an aggregation leads to what it changed, and to nothing older", async () => {
  const { receiver, id } = await endpoint(undefined, { eventTypes: ["BANK_LINKING_TRANSACTIONS_AGGREGATED"] });
  await linked();
  await pass(3 * DAY);
  assert.ok(receiver.received.length >= 2, `${receiver.received.length}`);
  let changed = 0;
  for (const { json } of receiver.received) {
    assert.equal(json.eventType, "BANK_LINKING_TRANSACTIONS_AGGREGATED");
    for (const account of json.payload["financialAccounts"] as Record<string, string>[]) {
      const { financialAccountId, oldestTransactionUpdatedSearchKey: key, numTransactionsAdded: added } = account;
      if (!key) continue;
      const found = await call(
        "GET",
        `/bank-linking/transactions?financialAccountId=${financialAccountId}&before=${key}&limit=1000`,
      );
      assert.equal(found.status, 200, JSON.stringify(found.body));
      assert.ok(found.body.count >= Number(added) * 0.9, `${found.body.count} of ${added}`);
      changed += Number(added);
    }
  }
  assert.ok(changed > 0);
  await off(id);
});

test("A receiver that never takes it is asked at least ten times over 75 hours, then it is given up", async () => {
  const { receiver, id } = await endpoint(() => ({ status: 500, body: "no" }));
  const healthy = await endpoint();
  await oneEvent();
  const start = clock.at;
  await pass(5 * DAY);
  const tries = receiver.received.length;
  assert.ok(tries >= 10, `${tries} tries`);
  const [delivery] = await log(id);
  assert.deepEqual([delivery?.status, delivery?.tries, delivery?.reason], ["FAILED", tries, "HTTP error: 500"]);
  const { body } = await call("GET", `${BASE}/${id}/deliveries/${delivery?.eventId}`);
  const last = Date.parse(body.attempts[0].at);
  assert.ok(last - start >= 75 * HOUR, `${(last - start) / HOUR} hours`);
  assert.equal(body.attempts.length, tries);
  assert.deepEqual([body.attempts[0].status, body.attempts[0].responseBody], [500, "no"]);

  // Every try says the same under the same id, and how often and why it is made again.
  assert.equal(new Set(receiver.received.map((one) => one.body)).size, 1);
  assert.equal(new Set(receiver.received.map((one) => one.headers["webhook-id"])).size, 1);
  assert.equal(new Set(receiver.received.map((one) => one.headers["webhook-timestamp"])).size, tries);
  assert.equal(body.requestBody, receiver.received[0]?.body);
  assert.deepEqual(
    receiver.received.map(({ headers }) => [headers["meld-retry-count"], headers["meld-retry-reason"]]),
    receiver.received.map((_, at) => (at === 0 ? [undefined, undefined] : [String(at), "HTTP error: 500"])),
  );
  assert.equal(healthy.receiver.received.length, 1);

  // Given up, and asked for again: all that failed since, and that one event.
  receiver.setAnswer(() => ({ status: 204 }));
  const replayed = await call("POST", `${BASE}/${id}/replay`, { failedSince: new Date(start).toISOString() });
  assert.equal(replayed.body.count, 1);
  await worker.drain();
  assert.equal((await log(id))[0]?.status, "DELIVERED");
  await call("POST", `${BASE}/${id}/replay`, { eventId: delivery?.eventId });
  await worker.drain();
  assert.equal(receiver.received.length, tries + 2);
  assert.equal(receiver.received.at(-1)?.headers["webhook-id"], delivery?.eventId);
  await off(id, healthy.id);
});

test("Any 2xx is received; a redirect is not, and is not followed", async () => {
  const elsewhere = await openReceiver();
  receivers.push(elsewhere);
  for (const status of [200, 201, 202, 204, 299]) {
    const { id } = await endpoint(() => ({ status }));
    await oneEvent();
    assert.equal((await log(id))[0]?.status, "DELIVERED", `${status}`);
    await off(id);
  }
  for (const status of [301, 302, 307, 308]) {
    const { id } = await endpoint(() => ({ status, headers: { location: elsewhere.url } }));
    await oneEvent();
    const [delivery] = await log(id);
    assert.deepEqual([delivery?.status, delivery?.reason], ["PENDING", `HTTP error: ${status}`]);
    await off(id);
  }
  assert.equal(elsewhere.received.length, 0);
});

test("Retry-After is honoured", async () => {
  const { receiver, id } = await endpoint((_, count) =>
    count === 1 ? { status: 429, headers: { "retry-after": "7200" } } : { status: 200 },
  );
  await oneEvent();
  await pass(2 * HOUR - 1000);
  assert.equal(receiver.received.length, 1);
  await pass(2000);
  assert.equal(receiver.received.length, 2);
  assert.equal((await log(id))[0]?.status, "DELIVERED");
  await off(id);
});

test("410 disables at once, tells the operator, and loses nothing when it is switched on again", async () => {
  const { receiver, id } = await endpoint(() => ({ status: 410 }));
  await oneEvent();
  const gone = await profile(id);
  assert.deepEqual([gone.status, gone.disabledBecause], ["DISABLED", "GONE"]);
  await oneEvent();
  await pass(3 * DAY);
  assert.equal(receiver.received.length, 1);
  const alarm = async () =>
    ((await call("GET", "/incidents")).body.incidents as { kind: string; detail: { profileId: string } }[]).filter(
      ({ kind, detail }) => kind === "webhook-disabled" && detail.profileId === id,
    );
  assert.equal((await alarm()).length, 1);
  receiver.setAnswer(() => ({ status: 200 }));
  await call("PATCH", `${BASE}/${id}`, { status: "ACTIVE" });
  await pass(DAY);
  assert.equal((await alarm()).length, 0);
  assert.equal(new Set(receiver.received.map(({ json }) => json.eventId)).size, 2);
  assert.deepEqual(
    (await log(id)).map(({ status }) => status),
    ["DELIVERED", "DELIVERED"],
  );
  await off(id);
});

test("An endpoint that fails for days is disabled, looked at daily, and comes back with everything", async () => {
  const { receiver, id } = await endpoint(() => "hang up");
  for (let day = 0; day < 8; day++) {
    await oneEvent();
    await pass(DAY);
  }
  const lost = await profile(id);
  assert.deepEqual([lost.status, lost.disabledBecause], ["DISABLED", "FAILING"]);
  assert.ok(Date.parse(lost.disabledAt) - Date.parse(lost.failingSince) >= 5 * DAY);
  const { length } = receiver.received;
  await pass(2 * DAY);
  assert.ok(receiver.received.length - length <= 3, `${receiver.received.length - length} looks in two days`);
  assert.ok(receiver.received.length > length);
  const waiting = async () => (await log(id)).filter(({ status }) => status === "PENDING");
  const before = (await waiting()).length;
  await pass(16 * DAY);
  assert.ok(before > 0);
  assert.equal((await waiting()).length, before, "a look takes no try from an event");
  assert.ok((await waiting()).every(({ nextTryAt }) => nextTryAt === null));
  receiver.setAnswer(() => ({ status: 200 }));
  await pass(3 * DAY);
  const back = await profile(id);
  assert.deepEqual([back.status, back.disabledBecause, back.failingSince], ["ACTIVE", null, null]);
  const { count } = (await call("POST", `${BASE}/${id}/replay`, { failedSince: "2026-01-01T00:00:00Z" })).body;
  assert.ok(count >= 1);
  await pass(DAY);
  const deliveries = await log(id);
  assert.equal(deliveries.length, 8);
  assert.ok(
    deliveries.every(({ status }) => status === "DELIVERED"),
    JSON.stringify(deliveries),
  );
  const { body } = await call("GET", "/incidents");
  assert.ok(!body.incidents.some((one: { detail: { profileId?: string } }) => one.detail.profileId === id));
  await off(id);
});

test("Switched off it is told nothing, then or later; a range asked for brings it", async () => {
  const { receiver, id } = await endpoint();
  await oneEvent();
  const from = new Date(clock.at + 1).toISOString();
  await call("PATCH", `${BASE}/${id}`, { status: "DISABLED" });
  await oneEvent();
  await call("PATCH", `${BASE}/${id}`, { status: "ACTIVE" });
  await oneEvent();
  assert.equal(receiver.received.length, 2);
  const to = new Date(clock.at).toISOString();
  const replayed = await call("POST", `${BASE}/${id}/replay`, { from, to });
  assert.equal(replayed.body.count, 2);
  await worker.drain();
  assert.equal(receiver.received.length, 4);
  assert.equal(new Set(receiver.received.map(({ json }) => json.eventId)).size, 3);
  await off(id);
});

test("A target that is forbidden by the time it is dialled is not reached, and the log says why", async () => {
  const { receiver, id } = await endpoint();
  await gateway.database.pool.query("update webhook_profile set url = 'http://10.1.2.3/hooks' where id = $1", [id]);
  await oneEvent();
  assert.equal(receiver.received.length, 0);
  const [delivery] = await log(id);
  assert.equal(delivery?.reason, "Could not connect");
  const { body } = await call("GET", `${BASE}/${id}/deliveries/${delivery?.eventId}`);
  assert.match(body.attempts[0].reason, /10\.1\.2\.3: a private network/);
  await off(id);
});

test("A deletion erases what was sent and answered; what is pending still goes out whole", async () => {
  const { receiver, id } = await endpoint((_, count) => ({ status: count === 1 ? 500 : 200, body: "kept" }));
  const connectionId = await linked();
  await call("DELETE", `/bank-linking/connections/${connectionId}`);
  const { rows } = await gateway.database.pool.query(
    `select count(*) filter (where d.body is not null)::int as bodies,
            count(*) filter (where a.answer is not null)::int as answers, count(*)::int as all
       from delivery d join attempt a using (home, profile_id, event_id) where d.connection_id = $1`,
    [connectionId],
  );
  const kept = rows[0] as { bodies: number; answers: number; all: number };
  assert.ok(kept.all > 5);
  assert.deepEqual([kept.bodies, kept.answers], [0, 0]);
  await pass(DAY);
  assert.ok((await log(id)).every(({ status }) => status === "DELIVERED"));
  const first = receiver.received[0];
  const again = receiver.received.filter(({ json }) => json.eventId === first?.json.eventId);
  assert.equal(again.length, 2);
  assert.deepEqual(again[1]?.json, first?.json);
  await off(id);
});

test("What was forgotten while it was sent is passed by, and the others' tries are kept", async () => {
  const { id } = await endpoint();
  await oneEvent();
  await worker.drain();
  const { rows } = await gateway.database.pool.query<{ home: string; event_id: string }>(
    "select home, event_id from delivery where profile_id = $1",
    [id],
  );
  const [row] = rows;
  assert.ok(row);
  const { db, door } = gateway.gateway;
  const tried = (eventId: string): Tried => ({
    home: row.home,
    eventId,
    dueAt: 0,
    at: clock.at,
    url: "https://application.test",
    body: "{}",
    code: 200,
    reason: null,
    detail: null,
    ms: 1,
    answer: null,
    nextAt: null,
  });
  const before = (await call("GET", `${BASE}/${id}/deliveries/${row.event_id}`)).body.attempts.length;
  await recordTries(db, door, id, [tried("evt_forgotten"), tried(row.event_id)]);
  const after = (await call("GET", `${BASE}/${id}/deliveries/${row.event_id}`)).body.attempts.length;
  assert.equal(after, before + 1);
  await off(id);
});

test("The feed rebuilds what a receiver has lost", async () => {
  const { receiver, id } = await endpoint();
  const { body: start } = await call("GET", "/events?limit=1000");
  let after = start.next as string;
  while (true) {
    const { body } = await call("GET", `/events?limit=1000&after=${after}`);
    if (body.count === 0) break;
    after = body.next;
  }
  const connectionId = await linked();
  const { body } = await call("GET", `/events?limit=1000&after=${after}`);
  const fed = body.events as Received["json"][];
  assert.ok(fed.length >= 7 && fed.every(({ payload }) => payload["connectionId"] === connectionId));
  const bare = (json: Received["json"]) => JSON.stringify({ ...json, profileId: null, version: "" });
  assert.deepEqual(new Set(fed.map(bare)), new Set(receiver.received.map(({ json }) => bare(json))));
  const paged: string[] = [];
  for (let at = after, left = fed.length; left > 0; left -= 2) {
    const { body: two } = await call("GET", `/events?limit=2&after=${at}`);
    paged.push(...(two.events as Received["json"][]).map(({ eventId }) => eventId));
    at = two.next;
  }
  assert.deepEqual(
    paged,
    fed.map(({ eventId }) => eventId),
  );
  const { body: some } = await call("GET", `/events?after=${after}&eventTypes=BANK_LINKING_ACCOUNTS_ADDED`);
  assert.equal(some.count, 1);
  assert.equal((await call("GET", `/events?after=${some.next}`)).body.count, 0);
  await off(id);
});
