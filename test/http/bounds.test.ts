// What is as large as it may be is taken, and just past it refused, with the bound in the sentence.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DAY } from "../../src/core/status/policy.ts";
import { MOST as ADDRESSES } from "../../src/http/addresses.ts";
import { MOST as LIVES } from "../../src/http/dashboard/demo.ts";
import { PARAM_LIMIT } from "../../src/http/http.ts";
import { MOST as IMPORTED } from "../../src/http/import.ts";
import { MOST as LONGEST_KEY } from "../../src/http/keys.ts";
import { MOST as PAGE } from "../../src/http/listing.ts";
import { LONGEST } from "../../src/http/sandbox.ts";
import { addApiKey } from "../../src/store/api-keys.ts";
import { KEY, openGateway } from "./gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { app, call } = gateway;

/** Status and sentence of the last that may be and of the first that may not. */
async function around(ask: (size: number) => Promise<{ status: number; body: { message?: string } }>, most: number) {
  const [last, first] = [await ask(most), await ask(most + 1)];
  return [last.status, first.status, first.body.message] as const;
}

test("Records of a page", async () => {
  const [last, first, said] = await around((limit) => call("GET", `/bank-linking/connections?limit=${limit}`), PAGE);
  assert.deepEqual([last, first], [200, 400]);
  assert.match(String(said), new RegExp(`^\\[limit\\] is out of range; send 1 to ${PAGE}`));
});

test("Connections of one import", async () => {
  const many = (count: number) =>
    call("POST", "/bank-linking/connections/import", {
      connections: Array.from({ length: count }, (_, n) => ({
        externalCustomerId: `imported ${n}`,
        serviceProvider: "SANDBOX",
        accessToken: `no credential ${n}`,
      })),
    });
  const [last, first, said] = await around(many, IMPORTED);
  assert.deepEqual([last < 300, first], [true, 400], String(said));
  assert.match(String(said), new RegExp(`^\\[connections\\] .*${IMPORTED}`));
});

test("Addresses of one customer", async () => {
  const { body: customer } = await call("POST", "/accounts/customers", {
    name: { firstName: "Ada", lastName: "Ames" },
  });
  const address = {
    lineOne: "1 Main Street",
    city: "Springfield",
    postalCode: "12345",
    country: "US",
    type: "BILLING",
  };
  const answers: [number, string][] = [];
  for (let n = 0; n <= ADDRESSES; n++) {
    const { status, body } = await call("POST", `/accounts/customers/${customer.id}/addresses`, address);
    answers.push([status, String(body.message)]);
  }
  assert.deepEqual(
    answers.map(([status]) => status < 300),
    [...Array<boolean>(ADDRESSES).fill(true), false],
    JSON.stringify(answers.at(0)),
  );
  assert.match(answers.at(-1)?.[1] ?? "", new RegExp(`has ${ADDRESSES} addresses already; delete one`));
});

test("A key", async () => {
  const key = "k".repeat(LONGEST_KEY);
  await addApiKey(gateway.gateway.db, gateway.gateway.door, key, "long", "read");
  const ask = async (length: number) => {
    const headers = { authorization: `Bearer ${"k".repeat(length)}` };
    const answer = await app.inject({ method: "GET", url: "/bank-linking/states", headers });
    return { status: answer.statusCode, body: answer.json<{ message?: string }>() };
  };
  assert.deepEqual((await around(ask, LONGEST_KEY)).slice(0, 2), [200, 401]);
});

test("An id in a path", async () => {
  const ask = async (length: number) => {
    const url = `/bank-linking/connections/${"a".repeat(length)}`;
    const answer = await app.inject({ method: "GET", url, headers: { authorization: `Bearer ${KEY}` } });
    return { status: answer.statusCode, body: answer.json<{ message?: string }>() };
  };
  const [last, first, said] = await around(ask, PARAM_LIMIT);
  assert.equal(last, 400, "it is no id, and told so by its field");
  assert.ok(first === 400 || first === 404 || first === 414, `${first}: ${String(said)}`);
});

test("A step of the clock, and made-up customers of one call", async () => {
  const step = (days: number) => call("POST", "/sandbox/clock", { advance: `P${days}D` });
  const [last, first, said] = await around(step, LONGEST / DAY);
  assert.deepEqual([last, first], [200, 400]);
  assert.match(String(said), /^\[advance\] is too long; send at most P400D/);
  const headers = { host: "127.0.0.1", "x-bowline-operator": "1" };
  const payload = { first: 0, end: LIVES + 1 };
  const answer = await app.inject({ method: "POST", url: "/dashboard/data/demo", headers, payload });
  assert.deepEqual([answer.statusCode, answer.json().message.includes("[end]")], [400, true]);
});
