// One endpoint's trouble is its own: who hangs or fails holds up nobody else, and never more than its own places.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { startGateway } from "../stories/gateway.ts";
import { openReceiver } from "./receiver.ts";

const gateway = await startGateway({ BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8", BOWLINE_WORKERS: "2" });
const hanging = await openReceiver(() => "never");
const healthy = await openReceiver();
after(async () => {
  await hanging.close();
  await healthy.close();
  await gateway.stop();
});

const make = async (url: string, name: string) =>
  (await gateway.good("POST", "/notifications/webhooks", { name, url })) as { id: string; secret: string };

test("Beside endpoints that hang, another gets everything, signed so that others' code verifies it", async () => {
  // More of them than the gateway has hands for its banks.
  for (let i = 0; i < 6; i++) await make(hanging.url, `hangs ${i}`);
  const { id, secret } = await make(healthy.url, "healthy");
  await gateway.link();
  // A link brings seven; the hanging ones are still at their first.
  await healthy.until(7);
  for (const { headers, body, json } of healthy.received) {
    assert.deepEqual(new Webhook(secret).verify(body, headers as Record<string, string>), json);
  }
  assert.equal(new Set(healthy.received.map(({ json }) => json.eventId)).size, healthy.received.length);
  assert.ok(hanging.state.mostUnderWay <= 6 * 8, `${hanging.state.mostUnderWay} at once`);

  const rotated = (await gateway.good("POST", `/notifications/webhooks/${id}/rotate`)) as { secret: string };
  assert.notEqual(rotated.secret, secret);
  const { length } = healthy.received;
  await gateway.good("POST", `/notifications/webhooks/${id}/test`);
  const told = healthy.received[length];
  assert.equal(told?.json.eventType, "WEBHOOK_TEST");
  for (const one of [secret, rotated.secret]) {
    new Webhook(one).verify(told?.body ?? "", told?.headers as Record<string, string>);
  }
});
