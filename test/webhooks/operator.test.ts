// The operator's own channel: alarms and unmapped codes, told once each, signed, and kept until they are received.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { countUnmapped, raise, settle } from "../../src/store/incidents.ts";
import { openGateway } from "../http/gateway.ts";
import { openReceiver } from "./receiver.ts";

const gateway = await openGateway();
const { call, worker, clock } = gateway;
const receiver = await openReceiver();
after(async () => {
  await receiver.close();
  await gateway.close();
});

const SECRET = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const { db, door } = gateway.gateway;
const told = () => receiver.received.splice(0).map(({ json }) => json);
const refusal = (now: number) => raise(db, door, "provider-refuses-us", "PLAID", "PLAID", { raw: { code: "X" } }, now);

test("What was raised before there was a channel is told when there is one; then each thing once", async () => {
  await refusal(clock.at);
  await worker.drain();
  assert.deepEqual(told(), []);
  gateway.gateway.operator = { url: receiver.url, secrets: [SECRET] };
  await refusal(clock.at);
  await worker.drain();
  const [first, ...more] = receiver.received;
  assert.ok(first);
  assert.deepEqual(more, []);
  // The receiver's clock is the real one, the gateway's of this test is not: so signed again instead of verified.
  const sent = new Date(Number(first.headers["webhook-timestamp"]) * 1000);
  const signature = new Webhook(SECRET).sign(String(first.headers["webhook-id"]), sent, first.body);
  assert.equal(first.headers["webhook-signature"], signature);
  const { eventType, payload, profileId, version } = first.json;
  assert.deepEqual([profileId, version, first.headers["webhook-id"]], [null, "2023-12-19", first.json.eventId]);
  assert.deepEqual(
    [eventType, payload["kind"], payload["serviceProvider"]],
    ["BOWLINE_ALARM_RAISED", "provider-refuses-us", "PLAID"],
  );
  told();
  await refusal(clock.at);
  await worker.drain();
  assert.deepEqual(told(), [], "it stands, and was told");
  await settle(db, "provider-refuses-us", "PLAID", clock.at);
  await worker.drain();
  assert.deepEqual(
    told().map((one) => [one.eventType, one.payload["incidentId"]]),
    [["BOWLINE_ALARM_SETTLED", payload["incidentId"]]],
  );
});

test("A code that no map has is told once, by its name", async () => {
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId: "odd" });
  await worker.drain();
  const state = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
  await call("POST", `/sandbox/connections/${body.id}/trouble`, { state });
  await worker.drain();
  const { body: connection } = await call("GET", `/bank-linking/connections/${body.id}`);
  await call("POST", `/bank-linking/connections/${body.id}/refresh`, {});
  await worker.drain();
  assert.deepEqual(
    told().map((one) => [one.eventType, one.payload["code"]]),
    [["BOWLINE_CODE_UNMAPPED", connection.cause.code]],
  );
  await call("DELETE", `/bank-linking/connections/${body.id}`);
  await worker.drain();
});

test("A code may be spelt in any way: its name is a header all the same", async () => {
  const codes = ["a.b", "line\nbreak", "Störung 💥", "x".repeat(3000)];
  for (const code of codes) await countUnmapped(db, "PLAID", code, { raw: { code } }, clock.at);
  await worker.drain();
  const names = receiver.received.map(({ headers, json }) => {
    assert.equal(headers["webhook-id"], json.eventId);
    assert.match(json.eventId, /^\w+$/);
    return json.eventId;
  });
  assert.equal(new Set(names).size, codes.length);
  assert.deepEqual(new Set(told().map(({ payload }) => payload["code"])), new Set(codes));
});

test("What is not received is tried again under the same name, also when it is over meanwhile", async () => {
  receiver.setAnswer(() => ({ status: 500 }));
  await raise(db, door, "bug", "SANDBOX", "SANDBOX", {}, clock.at);
  await worker.drain();
  await settle(db, "bug", "SANDBOX", clock.at);
  clock.at += 3_600_000;
  await worker.drain();
  receiver.setAnswer(() => ({ status: 204 }));
  clock.at += 24 * 3_600_000;
  await worker.drain();
  const all = told();
  const names = new Set(all.map(({ eventId }) => eventId));
  assert.ok(all.length >= 4, `${all.length} tries`);
  assert.equal(names.size, 2);
  assert.deepEqual(
    all.slice(-2).map(({ eventType }) => eventType),
    ["BOWLINE_ALARM_RAISED", "BOWLINE_ALARM_SETTLED"],
  );
});
