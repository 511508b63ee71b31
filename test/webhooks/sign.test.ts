// Two signatures over one delivery, held against the vectors that others published and the library that others wrote.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { contractSignature, headersOf, makeSecret, standardSignature } from "../../src/webhooks/sign.ts";

test("The vector of the Standard Webhooks libraries", () => {
  const [secret, id, seconds] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330];
  const signature = standardSignature(secret, id, seconds, '{"test": 2432232314}');
  assert.equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("The vector of the contract's documentation", () => {
  const body =
    '{"eventType":"WEBHOOK_TEST","eventId":"GDtv8pQgwzc9HuFFBQFrww","timestamp":"2022-05-26T20:23:45.908400Z",' +
    '"accountId":"W9jpQc1HKvwscqMPcLmzUS","profileId":null,"version":"2021-10-27",' +
    '"payload":{"requestId":"7aWW1GXTjWCCtNubzvVX7V"}}';
  const signature = contractSignature(
    "42m4NMLS34WQ6BbMfo1KFKqMv4hy",
    "2022-05-26T20:25:17.682818Z",
    "https://example.meld.io/webhooks",
    body,
  );
  assert.equal(signature, "O4bN5E0U9s88l2DFc0kjt-0w3LLA3Zkv8hXhafc22Hg=");
});

const rolls = (seed: number) => ({ random: (bytes: number) => new Uint8Array(bytes).fill(seed) });
const [older, newer] = [makeSecret(rolls(1)), makeSecret(rolls(2))];
const delivery = { id: "evt_1", url: "https://example.com/hooks", body: '{"a":"ä"}' };

test("The library that others wrote verifies ours, with either secret while a rotation overlaps", () => {
  // It holds the timestamp against the machine's clock.
  const headers = headersOf({ ...delivery, secrets: [newer, older], wall: Date.now() });
  for (const secret of [older, newer]) {
    assert.deepEqual(new Webhook(secret).verify(delivery.body, headers), { a: "ä" });
  }
  assert.throws(() => new Webhook(makeSecret(rolls(3))).verify(delivery.body, headers));
  assert.throws(() => new Webhook(newer).verify(`${delivery.body} `, headers));
  const alone = headersOf({ ...delivery, secrets: [newer], wall: Date.now() });
  assert.throws(() => new Webhook(older).verify(delivery.body, alone));
});

test("A secret is 32 bytes behind its prefix, and no two are alike", () => {
  assert.match(newer, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(newer, older);
});

test("The contract's headers: ISO time, and why it is tried again only where it is", () => {
  const wall = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const first = headersOf({ ...delivery, secrets: [newer], wall });
  assert.equal(first["meld-signature-timestamp"], "2026-01-02T03:04:05.678Z");
  assert.equal(first["webhook-timestamp"], "1767323045");
  assert.equal(first["webhook-id"], "evt_1");
  assert.ok(!("meld-retry-count" in first) && !("meld-retry-reason" in first));
  const again = headersOf({ ...delivery, secrets: [newer], wall, retry: { count: 2, reason: "Timeout" } });
  assert.deepEqual([again["meld-retry-count"], again["meld-retry-reason"]], ["2", "Timeout"]);
});
