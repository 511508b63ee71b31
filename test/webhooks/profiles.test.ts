// Webhook profiles by the API: made, shown, changed, switched, tested, rotated; the secret once, and sealed at rest.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contractSignature, standardSignature } from "../../src/webhooks/sign.ts";
import { openGateway } from "../http/gateway.ts";
import { type Answer, openReceiver } from "./receiver.ts";

const gateway = await openGateway();
const receiver = await openReceiver();
after(async () => {
  await receiver.close();
  await gateway.close();
});
const { call, clock } = gateway;
const BASE = "/notifications/webhooks";
const DAY = 86_400_000;

const made = async (more: object = {}) => {
  const { status, body } = await call("POST", BASE, { name: "orders", url: receiver.url, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
};

test("A profile is made as the contract has it, and its secret is shown once", async () => {
  const body = await made();
  assert.match(body.id, /^whp_/);
  assert.match(body.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual(
    [body.accountId, body.name, body.url, body.eventTypes, body.eventVersion, body.status],
    ["the-account", "orders", receiver.url, [], "2026-11-22", "ACTIVE"],
  );
  const { secret: _, ...rest } = body;
  const { body: shown } = await call("GET", `${BASE}/${body.id}`);
  assert.deepEqual(shown, { ...rest, secret: null });
  const { body: list } = await call("GET", BASE);
  assert.deepEqual(
    list.webhookProfiles.find((one: { id: string }) => one.id === body.id),
    shown,
  );
  const { rows } = await gateway.database.pool.query("select secret from webhook_profile where id = $1", [body.id]);
  const sealed = (rows[0] as { secret: Buffer }).secret.toString("latin1");
  assert.ok(
    !sealed.includes(body.secret) && !sealed.includes(Buffer.from(body.secret.slice(6), "base64").toString("latin1")),
  );
  assert.ok(!gateway.lines.join("\n").includes(body.secret));
});

test("Asked again under the same idempotency key it is the same profile with the same secret", async () => {
  const headers = { "idempotency-key": "once" };
  const [one, two] = [
    await call("POST", BASE, { name: "once", url: receiver.url }, headers),
    await call("POST", BASE, { name: "once", url: receiver.url }, headers),
  ];
  assert.deepEqual(two.body, one.body);
  const turn = { "idempotency-key": "turn" };
  const first = await call("POST", `${BASE}/${one.body.id}/rotate`, undefined, turn);
  const again = await call("POST", `${BASE}/${one.body.id}/rotate`, undefined, turn);
  assert.equal(again.body.secret, first.body.secret);
  const other = await call("POST", `${BASE}/${one.body.id}/rotate`);
  assert.notEqual(other.body.secret, first.body.secret);
});

test("It can be changed, part by part", async () => {
  const { id } = await made();
  const types = ["BANK_LINKING_CONNECTION_DELETED"];
  const { body } = await call("PATCH", `${BASE}/${id}`, { name: "renamed", eventTypes: types });
  assert.deepEqual([body.name, body.eventTypes, body.url, body.secret], ["renamed", types, receiver.url, null]);
  const off = await call("PATCH", `${BASE}/${id}`, { status: "DISABLED" });
  assert.deepEqual([off.body.status, off.body.disabledBecause], ["DISABLED", "OPERATOR"]);
  assert.equal(off.body.disabledAt, new Date(clock.at).toISOString());
  const on = await call("PATCH", `${BASE}/${id}`, { status: "ACTIVE" });
  assert.deepEqual([on.body.status, on.body.disabledBecause, on.body.disabledAt], ["ACTIVE", null, null]);
});

test("Bad input is told by its field and its mend", async () => {
  const { id } = await made();
  const create = (body: object) => call("POST", BASE, body);
  const replay = (body: object) => call("POST", `${BASE}/${id}/replay`, body);
  const wrong: [Promise<{ status: number; body: { code: string; message: string } }>, RegExp][] = [
    [create({ url: receiver.url }), /^\[name\]/],
    [create({ name: "x" }), /^\[url\]/],
    [create({ name: "x", url: "http://10.0.0.1/" }), /^\[url\] leads to 10\.0\.0\.1: a private network; name a public/],
    [create({ name: "x", url: "http://169.254.169.254/latest" }), /^\[url\] leads to .* link-local/],
    [create({ name: "x", url: "https://a:b@example.com/" }), /^\[url\] must not hold a user or password/],
    [
      create({ name: "x", url: receiver.url, eventTypes: ["ORDERS"] }),
      /^\[eventTypes\.0\] is none of the known values/,
    ],
    [create({ name: "x", url: receiver.url, eventVersion: "soon" }), /^\[eventVersion\] must be a day/],
    [call("PATCH", `${BASE}/${id}`, { url: "http://[::7f00:1]/" }), /^\[url\] leads to/],
    [call("PATCH", `${BASE}/${id}`, { status: "PAUSED" }), /^\[status\]/],
    [replay({}), /^\[body\] must name one/],
    [replay({ failedSince: "2026-01-01T00:00:00Z", from: "2026-01-01T00:00:00Z" }), /^\[body\] must name one/],
    [replay({ from: "2026-01-01T00:00:00Z" }), /^\[to\] is missing/],
    [replay({ to: "2026-01-01T00:00:00Z" }), /^\[from\] is missing/],
    [replay({ from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }), /^\[from\] lies after to/],
    [replay({ from: "2026-02-30T00:00:00Z", to: "2026-03-01T00:00:00Z" }), /^\[from\] must be a date and time/],
    [replay({ failedSince: "yesterday" }), /^\[failedSince\] must be a date and time/],
    [replay({ eventId: id }), /^\[eventId\] is a webhook profile's id/],
    [call("GET", "/events?after=nonsense"), /^\[after\] is no key of this list/],
    [call("GET", "/events?eventTypes=ORDERS"), /^\[eventTypes/],
    [call("GET", `${BASE}/${id}/deliveries?status=LOST`), /^\[status\]/],
  ];
  for (const [answer, says] of wrong) {
    const { status, body } = await answer;
    assert.deepEqual([status, body.code], [400, "BAD_REQUEST"], `${says}: ${JSON.stringify(body)}`);
    assert.match(body.message, says);
  }
});

test("An unknown profile, event or delivery is 404", async () => {
  const { id } = await made();
  const [none, event] = ["whp_2222222222222222222222", "evt_2222222222222222222222"];
  for (const [method, url, body] of [
    ["GET", `${BASE}/${none}`],
    ["PATCH", `${BASE}/${none}`, { name: "x" }],
    ["POST", `${BASE}/${none}/test`],
    ["POST", `${BASE}/${none}/rotate`],
    ["GET", `${BASE}/${none}/deliveries`],
    ["POST", `${BASE}/${none}/replay`, { eventId: event }],
    ["POST", `${BASE}/${id}/replay`, { eventId: event }],
    ["GET", `${BASE}/${id}/deliveries/${event}`],
  ] as const) {
    const answer = await call(method, url, body);
    assert.deepEqual([answer.status, answer.body.code], [404, "NOT_FOUND"], `${method} ${url}`);
  }
});

test("A test tells what came of it, whichever way", async () => {
  const body = await made();
  const tested = await call("POST", `${BASE}/${body.id}/test`);
  assert.deepEqual([tested.body.delivered, tested.body.status, tested.body.reason], [true, 200, null]);
  const got = receiver.received.at(-1);
  assert.equal(got?.json.eventType, "WEBHOOK_TEST");
  assert.deepEqual(got?.json.payload, { requestId: tested.body.requestId });
  assert.equal(got?.headers["webhook-id"], tested.body.eventId);
  const stamp = String(got?.headers["meld-signature-timestamp"]);
  assert.equal(got?.headers["meld-signature"], contractSignature(body.secret, stamp, receiver.url, got?.body ?? ""));

  const answers: [Answer, number | null, RegExp][] = [
    [{ status: 503, body: "busy" }, 503, /^HTTP error: 503$/],
    [{ status: 302, headers: { location: "http://10.0.0.1/" } }, 302, /^HTTP error: 302$/],
    ["hang up", null, /^Could not connect/],
  ];
  for (const [answer, status, reason] of answers) {
    receiver.setAnswer(() => answer);
    const { body: failed } = await call("POST", `${BASE}/${body.id}/test`);
    assert.deepEqual([failed.delivered, failed.status], [false, status]);
    assert.match(failed.reason, reason);
  }
  receiver.setAnswer(() => ({ status: 200 }));
  const unmoved = await call("GET", `${BASE}/${body.id}`);
  assert.deepEqual([unmoved.body.status, unmoved.body.failingSince], ["ACTIVE", null]);
});

test("While a rotation overlaps both secrets sign, the newest first; after a day the new one alone", async () => {
  const old = await made();
  const { body: fresh } = await call("POST", `${BASE}/${old.id}/rotate`);
  assert.equal(fresh.previousSecretUntil, new Date(clock.at + DAY).toISOString());
  const signatures = async () => {
    await call("POST", `${BASE}/${old.id}/test`);
    const { headers, body, json } = receiver.received.at(-1)!;
    const sign = (secret: string) =>
      standardSignature(secret, json.eventId, Number(headers["webhook-timestamp"]), body);
    return { sent: String(headers["webhook-signature"]).split(" "), old: sign(old.secret), fresh: sign(fresh.secret) };
  };
  const during = await signatures();
  assert.deepEqual(during.sent, [during.fresh, during.old]);
  clock.at += DAY;
  const later = await signatures();
  assert.deepEqual(later.sent, [later.fresh]);
  assert.equal((await call("GET", `${BASE}/${old.id}`)).body.previousSecretUntil, null);
});
