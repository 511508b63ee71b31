// What the operator has to know, by the API.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGateway } from "./gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { call, worker } = gateway;

test("A code that no map has is kept, counted and shown, and the connection is not healthy", async () => {
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId: "odd" });
  await worker.drain();
  const state = "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE";
  await call("POST", `/sandbox/connections/${body.id}/trouble`, { state });
  await worker.drain();
  const { body: connection } = await call("GET", `/bank-linking/connections/${body.id}`);
  assert.equal(`${connection.status}/${connection.statusReason}`, state);
  const { body: shown } = await call("GET", "/unmapped-codes");
  assert.equal(shown.unmappedCodes.length, 1);
  assert.equal(shown.unmappedCodes[0].code, connection.cause.code);
  assert.equal(shown.unmappedCodes[0].sample.raw.code, connection.cause.code);
});

test("There are no alarms where nothing is alarming", async () => {
  const { status, body } = await call("GET", "/incidents");
  assert.deepEqual([status, body], [200, { incidents: [] }]);
});
