// The same request under the same key has one effect, and another body under it none.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGateway } from "./gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { call, worker } = gateway;

const START = "/bank-linking/connect/start";
const CONNECTIONS = "/bank-linking/connections";

const countOf = async (externalCustomerId: string): Promise<number> =>
  (await call("GET", `${CONNECTIONS}?externalCustomerId=${externalCustomerId}`)).body.count;

for (const name of ["Idempotency-Key", "X-Idempotency-Key"]) {
  test(`${name}: one connection and one token, also side by side; another body is refused`, async () => {
    const externalCustomerId = `of-${name}`;
    const headers = { [name]: `first of ${name}` };
    const once = await call("POST", START, { externalCustomerId, regions: ["US"] }, headers);
    const again = await Promise.all(
      [1, 2, 3].map(() => call("POST", START, { regions: ["US"], externalCustomerId }, headers)),
    );
    for (const { status, body } of again) assert.deepEqual([status, body], [200, once.body]);
    assert.equal(await countOf(externalCustomerId), 1);
    const other = await call("POST", START, { externalCustomerId, regions: ["GB"] }, headers);
    assert.deepEqual([other.status, other.body.code], [422, "IDEMPOTENCY_KEY_REUSED"]);
    await call("POST", START, { externalCustomerId }, { [name]: `second of ${name}` });
    assert.equal(await countOf(externalCustomerId), 2);
  });
}

test("A key belongs to its path: the same one may be used for another connection", async () => {
  const headers = { "idempotency-key": "the same" };
  const ids: string[] = [];
  for (const externalCustomerId of ["xena", "yara"]) {
    ids.push((await call("POST", "/sandbox/connections", { externalCustomerId })).body.id);
  }
  await worker.drain();
  const answers = [];
  for (const id of ids) answers.push(await call("POST", `${CONNECTIONS}/${id}/refresh`, {}, headers));
  assert.deepEqual(
    answers.map(({ body }) => body.refresh.connectionId),
    ids,
  );
  const again = await call("POST", `${CONNECTIONS}/${ids[0]}/refresh`, {}, headers);
  assert.equal(again.body.refresh.id, answers[0]?.body.refresh.id);
});

test("A deletion that is repeated under its key succeeds again", async () => {
  const { id } = (await call("POST", "/sandbox/connections", { externalCustomerId: "zoe" })).body;
  const headers = { "idempotency-key": "delete zoe" };
  for (let times = 0; times < 2; times++) {
    const { status, body } = await call("DELETE", `${CONNECTIONS}/${id}`, undefined, headers);
    assert.deepEqual([status, body.status], [200, "DELETED"]);
  }
  assert.equal((await call("DELETE", `${CONNECTIONS}/${id}`)).status, 409);
});

test("A link in the sandbox under a key is one connection", async () => {
  const headers = { "idempotency-key": "link" };
  const made = [];
  for (let times = 0; times < 2; times++) {
    made.push((await call("POST", "/sandbox/connections", { externalCustomerId: "abe" }, headers)).body.id);
  }
  assert.equal(made[0], made[1]);
  assert.equal(await countOf("abe"), 1);
});

test("Links in the sandbox under one key that run side by side all answer the one connection", async () => {
  const headers = { "idempotency-key": "side by side" };
  const externalCustomerId = "ben";
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call("POST", "/sandbox/connections", { externalCustomerId }, headers)),
  );
  for (const { status, body } of answers) assert.deepEqual([status, body.id], [200, answers[0]?.body.id]);
  assert.equal(await countOf(externalCustomerId), 1);
});

test("A key without length, or endless, is refused", async () => {
  for (const key of ["", "k".repeat(256)]) {
    const { status, body } = await call("POST", START, { externalCustomerId: "b" }, { "idempotency-key": key });
    assert.equal(status, 400);
    assert.match(body.message, /^\[idempotency-key\] must be 1 to 255 characters/);
  }
});

test("Twins of a deletion, of a trouble that links a duplicate, and of its end have one effect", async () => {
  const { id } = (await call("POST", "/sandbox/connections", { externalCustomerId: "cleo" })).body;
  await worker.drain();
  const side = (method: "POST" | "DELETE", url: string, body?: object) =>
    Promise.all([1, 2, 3, 4].map(() => call(method, url, body, { "idempotency-key": `${method} ${url}` })));
  const state = "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE";
  const made = await side("POST", `/sandbox/connections/${id}/trouble`, { state });
  assert.deepEqual(new Set(made.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(made.map(({ body }) => body.twinId)).size, 1);
  assert.equal(await countOf("cleo"), 2);
  const healed = await side("DELETE", `/sandbox/connections/${id}/trouble`);
  assert.deepEqual(new Set(healed.map(({ status }) => status)), new Set([200]));
  const deleted = await side("DELETE", `${CONNECTIONS}/${id}`);
  assert.deepEqual(new Set(deleted.map(({ status, body }) => `${status} ${body.status}`)), new Set(["200 DELETED"]));
});

test("A charset that JSON is not written in is refused", async () => {
  const headers = { "content-type": "application/json; charset=utf-16" };
  const { status, body } = await call("POST", START, { externalCustomerId: "dora" }, headers);
  assert.deepEqual([status, body.message], [415, "[content-type] names the charset utf-16; send JSON as UTF-8."]);
  const fine = { "content-type": "application/json; charset=UTF-8" };
  assert.equal((await call("POST", START, { externalCustomerId: "dora" }, fine)).status, 200);
});
