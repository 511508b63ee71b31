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
  assert.deepEqual([status, body], [200, { incidents: [], count: 0, remaining: 0 }]);
});

test("Alarms and unmapped codes are paged both ways", async () => {
  const at = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();
  const names = ["a", "b", "c", "d", "e"];
  for (const [n, name] of names.entries()) {
    const opened = at(n + 1);
    await gateway.gateway.db.run(
      `insert into incident (id, kind, provider, subject, opened_at, last_at, count, detail)
       values ($1, 'orphan', 'SANDBOX', $1, $2, $2, 1, '{}')`,
      [`inc_${name}`, opened],
    );
    await gateway.gateway.db.run("insert into unmapped_code values ('PLAID', $1, $2, $2, 1, '{}')", [name, opened]);
  }
  for (const [path, field] of [
    ["/incidents", "incidents"],
    ["/unmapped-codes", "unmappedCodes"],
  ] as const) {
    const all = (await call("GET", path)).body[field] as { key: string }[];
    assert.ok(all.length >= names.length);
    const { body: first } = await call("GET", `${path}?limit=2`);
    assert.deepEqual([first[field], first.count, first.remaining], [all.slice(0, 2), 2, all.length - 2]);
    const { body: next } = await call("GET", `${path}?limit=2&after=${all[1]?.key}`);
    assert.deepEqual(next[field], all.slice(2, 4));
    const { body: back } = await call("GET", `${path}?limit=2&before=${all[2]?.key}`);
    assert.deepEqual([back[field], back.remaining], [all.slice(0, 2), 0]);
  }
});
