// Who may ask, what machines are told, what every answer carries, and what the log does not show.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { DatabaseAway } from "../../src/store/database.ts";
import { contractOf } from "./contract.ts";
import { KEY, openGateway } from "./gateway.ts";

const gateway = await openGateway({ alone: false });
after(() => gateway.close());
const { call, inject, lines, origin } = gateway;

const ASKED = "/bank-linking/connections";

test("An API key is asked for, under either scheme, and no other is taken", async () => {
  for (const authorization of [`Bearer ${KEY}`, `BASIC ${KEY}`, `basic ${KEY}`, `  bearer   ${KEY} `]) {
    assert.equal((await inject({ url: ASKED, headers: { authorization } })).statusCode, 200, authorization);
  }
  const strange = [
    "",
    KEY,
    `Digest ${KEY}`,
    "Bearer",
    `Bearer ${KEY}x`,
    `Bearer ${KEY} x`,
    `Bearer ${"x".repeat(9000)}`,
  ];
  for (const authorization of strange) {
    const answer = await inject({ url: ASKED, headers: { authorization } });
    assert.deepEqual([answer.statusCode, answer.json().code], [401, "UNAUTHORIZED"], authorization.slice(0, 40));
  }
});

test("Without a key nothing but the open paths answers, and no body is read", async () => {
  const document = gateway.app.swagger() as unknown as {
    paths: Record<string, Record<string, { security: object[] }>>;
  };
  let tried = 0;
  for (const [template, operations] of Object.entries(document.paths)) {
    for (const [method, { security }] of Object.entries(operations)) {
      if (security.length === 0) continue;
      const url = template.replace(/\{\w+\}/g, "x");
      const headers = { "content-type": "application/json" };
      const answer = await inject({
        method: method.toUpperCase(),
        url,
        headers,
        payload: method === "get" ? "" : "{broken",
      });
      assert.equal(answer.statusCode, 401, `${method} ${url}`);
      tried++;
    }
  }
  assert.ok(tried > 30);
});

test("A connect token opens its session and nothing else", async () => {
  const { body } = await call("POST", "/bank-linking/connect/start", { externalCustomerId: "tess" });
  const token = { authorization: `Bearer ${body.connectToken}` };
  assert.equal((await call("GET", "/bank-linking/connect/session", undefined, token)).body.connectionId, body.id);
  assert.equal((await call("GET", `${ASKED}/${body.id}`, undefined, token)).status, 401);
  const forged = { authorization: `Bearer ${body.connectToken.slice(0, -3)}AAA` };
  assert.equal((await call("GET", "/bank-linking/connect/session", undefined, forged)).status, 401);
  const none = await inject({ url: "/bank-linking/connect/session" });
  assert.deepEqual([none.statusCode, none.json().code], [401, "UNAUTHORIZED"]);
  await call("DELETE", `${ASKED}/${body.id}`);
  const over = await call("GET", "/bank-linking/connect/session", undefined, token);
  assert.deepEqual([over.status, over.body.code], [410, "SESSION_OVER"]);
});

test("Health, readiness, metrics and the document", async () => {
  assert.equal((await inject({ url: "/health" })).statusCode, 200);
  assert.equal((await inject({ url: "/ready" })).statusCode, 200);
  gateway.setReady(false);
  const away = await inject({ url: "/ready" });
  gateway.setReady(true);
  assert.deepEqual(
    [away.statusCode, away.json().code, away.headers["retry-after"]],
    [503, "DATABASE_UNAVAILABLE", "2"],
  );
  assert.equal((await inject({ url: "/metrics" })).statusCode, 401);
  const metrics = await inject({ url: "/metrics", headers: { authorization: `Bearer ${KEY}` } });
  assert.match(String(metrics.headers["content-type"]), /^text\/plain/);
  assert.match(metrics.body, /^# HELP/);
  const { body } = await inject({ url: "/openapi.json" });
  assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(gateway.app.swagger())));
});

test("Every answer carries its request id and the version that it is shaped by", async () => {
  for (const url of ["/health", ASKED, "/nothing", `${ASKED}/x`, "/%E0%A4%A"]) {
    const { headers } = await call("GET", url);
    assert.match(String(headers["x-request-id"]), /^[0-9a-f]{32}$/, url);
    assert.match(String(headers["meld-version"]), /^\d{4}-\d{2}-\d{2}$/, url);
  }
  for (const asked of ["2001-01-01", "2023-12-19", "2030-01-01"]) {
    const { status, headers } = await call("GET", ASKED, undefined, { "meld-version": asked });
    assert.deepEqual([status, headers["meld-version"]], [200, "2023-12-19"], asked);
  }
  const strange = await call("GET", ASKED, undefined, { "meld-version": "latest" });
  assert.equal(strange.status, 400);
  assert.match(strange.body.message, /^\[meld-version\] is no date; /);
  const { headers } = await call("PATCH", ASKED, {});
  assert.equal(headers.allow, "GET, HEAD");
});

test("A limit of the provider is answered with Retry-After, on the gateway's clock", async () => {
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId: "uma" });
  await gateway.worker.drain();
  await gateway.gateway.db.run("update provider_connection set next_refresh_allowed_at = $1", [
    new Date(gateway.clock.at + 90_500).toISOString(),
  ]);
  const answer = await call("POST", `${ASKED}/${body.id}/refresh`, {});
  assert.deepEqual([answer.status, answer.body.code, answer.headers["retry-after"]], [429, "TOO_EARLY", "91"]);
  const shown = await call("GET", `${ASKED}/${body.id}`);
  assert.equal(shown.body.nextRefreshAllowedAt, new Date(gateway.clock.at + 90_500).toISOString());
});

test("A failure of ours tells nothing but its request id; the log has the rest", async () => {
  const { db } = gateway.gateway;
  const row = db.row;
  db.row = () => Promise.reject(new Error("a table named secret_things is missing, token=abc123"));
  const answer = await call("GET", `${ASKED}/con_2222222222222222222222`);
  db.row = row;
  assert.deepEqual([answer.status, answer.body.code], [500, "INTERNAL_ERROR"]);
  assert.doesNotMatch(answer.body.message, /secret_things/);
  const logged = lines.find((line) => line.includes("secret_things"));
  assert.ok(logged?.includes(answer.body.requestId));
  assert.ok(!logged?.includes("abc123"));
});

test("With the database away requests get 503 and when to come again, and health stays well", async () => {
  const { db } = gateway.gateway;
  const { rows } = db;
  db.rows = () => Promise.reject(new DatabaseAway("gone"));
  const answer = await call("GET", ASKED);
  const health = await call("GET", "/health");
  db.rows = rows;
  assert.deepEqual([answer.status, answer.body.code], [503, "DATABASE_UNAVAILABLE"]);
  assert.equal(answer.headers["retry-after"], "2");
  assert.equal(health.status, 200);
});

test("What is no HTTP at all gets the same shape of error", async () => {
  const { hostname, port } = new URL(origin);
  for (const sent of ["NONSENSE\r\n\r\n", `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`]) {
    const socket = connect(Number(port), hostname);
    socket.write(sent);
    const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 400 /);
    const { code, requestId } = JSON.parse(body) as { code: string; requestId: string };
    assert.equal(code, "BAD_REQUEST");
    assert.ok(head.includes(`x-request-id: ${requestId}`));
  }
});

test("A bank that never answers is a timeout, and what the farm answers is its own", async () => {
  const { farm } = gateway.gateway;
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId: "vic" });
  const state = "UNDETERMINED/AGGREGATION_TIMEOUT";
  assert.equal((await call("POST", `/sandbox/connections/${body.id}/trouble`, { state })).status, 200);
  await gateway.worker.drain();
  const { body: shown } = await call("GET", `${ASKED}/${body.id}`);
  assert.equal(shown.statusReason, "AGGREGATION_TIMEOUT");
  assert.ok(farm);
  const unknown = await fetch(`${origin}/farm/nothing`, { headers: { "x-farm-key": farm.key } });
  assert.equal(unknown.status, 404);
  assert.equal(unknown.headers.get("meld-version"), null);
});

test("No key, token or proof is in the log", async () => {
  const { body } = await call("POST", "/bank-linking/connect/start", { externalCustomerId: "wim" });
  await inject({ url: `/connect?connectToken=${body.connectToken}` });
  await inject({ url: `/no-such-page?connectToken=${body.connectToken}` });
  const token = { authorization: `Bearer ${body.connectToken}` };
  await call("POST", "/bank-linking/connect/complete", { proof: { slip: "a-slip-that-is-secret" } }, token);
  const log = lines.join("");
  assert.match(log, /no-such-page/);
  for (const secret of [KEY, body.connectToken, "a-slip-that-is-secret"]) assert.ok(!log.includes(secret), secret);
});

test("The contract's checker refuses what the document does not say", () => {
  const contract = contractOf(gateway.app.swagger() as never);
  const headers = { "x-request-id": "0".repeat(32), "content-type": "application/json" };
  const health = { method: "GET", path: "/health", status: 200, headers, body: '{"status":"ok"}' };
  contract.check(health);
  assert.throws(
    () => contract.check({ ...health, body: '{"status":"ill"}' }),
    /must be equal to one of the allowed values/,
  );
  assert.throws(() => contract.check({ ...health, body: '{"status":"ok","more":1}' }), /additional properties/);
  assert.throws(() => contract.check({ ...health, status: 201 }), /does not say/);
  assert.throws(() => contract.check({ ...health, headers: {} }), /no request id/);
  assert.throws(() => contract.check({ ...health, path: "/elsewhere" }), /no such operation/);
});
