// What a lane has in hand while something happens to its endpoint: it blips, asks for patience, is switched off, or is
// asked for the same again.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openJournal } from "../../src/actions/journal.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import type { Tried } from "../../src/store/deliveries.ts";
import { openGateway } from "../http/gateway.ts";
import { type Answer, openReceiver, type Receiver } from "./receiver.ts";

const gateway = await openGateway();
const { call, worker, clock } = gateway;
const receivers: Receiver[] = [];
after(async () => {
  for (const receiver of receivers) await receiver.close();
  await gateway.close();
});

const BASE = "/notifications/webhooks";
const HOUR = 3_600_000;
const SLOTS = 8;
let customers = 0;

async function endpoint() {
  const receiver = await openReceiver();
  receivers.push(receiver);
  const made = await call("POST", BASE, { name: "test", url: receiver.url });
  return { receiver, id: made.body.id as string };
}

/** Links that are begun and deleted: two events each, committed and not yet placed. */
async function events(count: number): Promise<void> {
  for (let n = 0; n < count / 2; n++) {
    customers++;
    const { body } = await call("POST", "/bank-linking/connect/start", { externalCustomerId: `customer ${customers}` });
    assert.equal((await call("DELETE", `/bank-linking/connections/${body.id}`)).status, 200);
  }
}

/** Holds back the first so many, until all of them are under way and `then` is done. */
function held(most: number, answer: Answer, then: () => Promise<unknown> = async () => undefined) {
  const all = Promise.withResolvers<void>();
  return async (_: unknown, count: number): Promise<Answer> => {
    if (count > most) return { status: 200 };
    if (count === most) await then().then(() => all.resolve(), all.reject);
    await all.promise;
    return answer;
  };
}

async function statuses(id: string): Promise<string[]> {
  const { body } = await call("GET", `${BASE}/${id}/deliveries?limit=100`);
  return (body.deliveries as { status: string }[]).map(({ status }) => status);
}

const off = (id: string) => call("PATCH", `${BASE}/${id}`, { status: "DISABLED" });

test("A blip that meets all that is under way is one failure: the rest goes out at once", async () => {
  const { receiver, id } = await endpoint();
  receiver.setAnswer(held(SLOTS, "hang up"));
  await events(12);
  await worker.drain();
  assert.equal(receiver.received.length, 12);
  assert.deepEqual((await statuses(id)).filter((status) => status === "DELIVERED").length, 12 - SLOTS);
  clock.at += 10_000;
  await worker.drain();
  assert.deepEqual(new Set(await statuses(id)), new Set(["DELIVERED"]));
  await off(id);
});

test("An endpoint that says it is overloaded is left alone for as long as it asks, whatever is due", async () => {
  for (const status of [429, 503]) {
    const { receiver, id } = await endpoint();
    receiver.setAnswer(held(SLOTS, { status, headers: { "retry-after": "7200" } }));
    await events(12);
    await worker.drain();
    assert.equal(receiver.received.length, SLOTS);
    clock.at += 2 * HOUR - 60_000;
    await events(2);
    await worker.drain();
    assert.equal(receiver.received.length, SLOTS);
    clock.at += 120_000;
    await worker.drain();
    assert.deepEqual(new Set(await statuses(id)), new Set(["DELIVERED"]));
    assert.equal((await statuses(id)).length, 14);
    await off(id);
  }
});

test("Another answer's Retry-After is about its event alone", async () => {
  const { receiver, id } = await endpoint();
  receiver.setAnswer(held(1, { status: 500, headers: { "retry-after": "7200" } }));
  await events(12);
  await worker.drain();
  assert.equal(receiver.received.length, 12);
  await off(id);
});

test("Switched off with a batch in hand, it gets what is under way and no more", async () => {
  const { receiver, id } = await endpoint();
  receiver.setAnswer(
    held(SLOTS, { status: 200 }, async () => {
      await off(id);
      clock.at += 1000;
    }),
  );
  await events(40);
  await worker.drain();
  assert.equal(receiver.received.length, SLOTS);
  assert.deepEqual((await statuses(id)).filter((status) => status === "PENDING").length, 40 - SLOTS);
});

test("Moved with a batch in hand, the rest goes to the new address", async () => {
  const { receiver, id } = await endpoint();
  const other = await openReceiver();
  receivers.push(other);
  receiver.setAnswer(
    held(SLOTS, { status: 200 }, async () => {
      await call("PATCH", `${BASE}/${id}`, { url: other.url });
      clock.at += 1000;
    }),
  );
  await events(40);
  await worker.drain();
  assert.deepEqual([receiver.received.length, other.received.length], [SLOTS, 40 - SLOTS]);
  await off(id);
});

test("An event that is asked for again while it is under way is sent again", async () => {
  const { receiver, id } = await endpoint();
  receiver.setAnswer(async ({ json }, count) => {
    clock.at += 1;
    if (count === 1)
      assert.equal((await call("POST", `${BASE}/${id}/replay`, { eventId: json.eventId })).body.count, 1);
    return { status: 200 };
  });
  await events(2);
  await worker.drain();
  assert.equal(receiver.received.length, 3);
  const [first] = receiver.received;
  assert.equal(receiver.received.filter(({ json }) => json.eventId === first?.json.eventId).length, 2);
  assert.deepEqual(await statuses(id), ["DELIVERED", "DELIVERED"]);
  await off(id);
});

/** A database that writes when it is told to. */
function slowDatabase(fails = false) {
  const written: number[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const run = async (_: string, values: readonly unknown[]) => {
    const write = Promise.withResolvers<void>();
    writes.push(write);
    await write.promise;
    if (fails) throw new Error("no disk");
    written.push((values[2] as unknown[]).length);
    return 1;
  };
  const { door } = gateway.gateway;
  return { written, writes, gateway: { db: { run }, door } as unknown as Gateway };
}

const tried = (n: number) => ({ home: "1", eventId: `event ${n}`, at: 0, dueAt: 0, nextAt: null }) as Tried;

test("Whenever a try ends, it is written down; those that end together, together", async () => {
  // The moments at the end of a write are counted out, one by one.
  for (let moments = 0; moments < 12; moments++) {
    const slow = slowDatabase();
    const journal = openJournal(slow.gateway, "whp");
    journal.add(tried(1));
    journal.add(tried(2));
    journal.add(tried(3));
    slow.writes[0]?.resolve();
    while (slow.writes.length < 2) await Promise.resolve();
    slow.writes[1]?.resolve();
    for (let moment = 0; moment < moments; moment++) await Promise.resolve();
    journal.add(tried(4));
    const all = journal.written();
    while (slow.written.length < 3) {
      for (const { resolve } of slow.writes) resolve();
      await new Promise((next) => setImmediate(next));
    }
    await all;
    assert.deepEqual([slow.written, journal.open()], [[1, 2, 1], []], `after ${moments} moments`);
  }
});

test("What can't be written is said to be so, and nothing is tried beyond it", async () => {
  const slow = slowDatabase(true);
  const journal = openJournal(slow.gateway, "whp");
  journal.add(tried(1));
  assert.equal(journal.isBroken(), false);
  slow.writes[0]?.resolve();
  await assert.rejects(journal.written(), /no disk/);
  assert.equal(journal.isBroken(), true);
  journal.add(tried(2));
  assert.equal(slow.writes.length, 1);
  assert.deepEqual(journal.open(), ["event 1", "event 2"]);
});
