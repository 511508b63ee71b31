// Deliveries where several workers share one database, and where one is killed with deliveries under way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { freshDatabase } from "../database.ts";
import { openReceiver, type Receiver } from "../webhooks/receiver.ts";
import { ask, stop, until, up } from "./process.ts";

const limit = { timeout: 120_000 };
const RING = `main:${Buffer.alloc(32, "r").toString("base64")}`;
const KEY = "a-key-of-the-process-tests";
const SLOTS = 8;

const distinct = ({ received }: Receiver) => new Set(received.map(({ headers }) => headers["webhook-id"])).size;

function assertSound({ received }: Receiver, secret: string): void {
  const bodies = new Map<string, string>();
  for (const { headers, body, json } of received) {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    assert.equal(headers["webhook-id"], json.eventId);
    assert.equal(bodies.get(json.eventId) ?? body, body, "the same at every try");
    bodies.set(json.eventId, body);
  }
}

test("Two workers send each event once; one killed with eight under way loses none of them", limit, async (t) => {
  const { url, drop } = await freshDatabase();
  t.after(drop);
  const env = { DATABASE_URL: url, BOWLINE_SECRET_KEYS: RING, BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" };
  const api = await up({ ...env, BOWLINE_API_KEY: KEY }, ["api"]);
  const workers = await Promise.all([up(env, ["worker"]), up(env, ["worker"])]);

  const good = async (method: string, path: string, body?: Record<string, unknown>) => {
    const { status, body: said } = await ask(method, `${api.at}${path}`, body);
    assert.equal(status, 200, JSON.stringify(said));
    return said;
  };
  const endpoint = async () => {
    const receiver = await openReceiver();
    t.after(() => receiver.close());
    const { secret } = await good("POST", "/notifications/webhooks", { name: "test", url: receiver.url });
    return { receiver, secret: String(secret) };
  };
  /** Two events each. */
  let customers = 0;
  const links = async (count: number) => {
    for (let n = 0; n < count; n++) {
      customers++;
      const { id } = await good("POST", "/bank-linking/connect/start", { externalCustomerId: `customer ${customers}` });
      await good("DELETE", `/bank-linking/connections/${String(id)}`);
    }
  };

  const [one, two] = [await endpoint(), await endpoint()];
  await links(20);
  await Promise.all([one.receiver.until(40), two.receiver.until(40)]);
  for (const { receiver, secret } of [one, two]) {
    assertSound(receiver, secret);
    assert.deepEqual([distinct(receiver), receiver.received.length], [40, 40], "each once");
  }

  // One worker alone, so that it is known who has them in hand.
  const [killed, other] = workers;
  await stop(other);
  one.receiver.setAnswer(() => "never");
  await links(10);
  await until(() => one.receiver.state.underWay >= SLOTS, "eight under way");
  killed.kill("SIGKILL");
  await killed.ended;
  one.receiver.setAnswer(() => ({ status: 200 }));
  const heir = await up(env, ["worker"]);
  await until(() => distinct(one.receiver) === 60 && distinct(two.receiver) === 60, "every event at both", 60_000);
  for (const { receiver, secret } of [one, two]) assertSound(receiver, secret);
  assert.ok(one.receiver.received.length >= 60 + SLOTS, "what was under way is sent once more");
  await stop(heir);
  await stop(api);
});
