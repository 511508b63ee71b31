// Customers whole: what is told of them is kept sealed, found, changed, and goes with them; so does all that is theirs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openGateway, type TestGateway } from "./gateway.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway.close());

const CUSTOMERS = "/accounts/customers";
const HOME = { lineOne: "1 Quay Street", city: "Harbor", region: "ME", postalCode: "04101", country: "us" };
const MIRA = {
  externalId: "mira",
  name: { firstName: "Mira", lastName: "Moss" },
  email: "Mira@Example.com",
  phone: "+1 (202) 555-0142",
  dateOfBirth: "1990-02-28",
};
const good = async (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, body?: unknown) => {
  const answer = await gateway.call(method, url, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
};

test("What is told of a customer comes back, is found, and is readable nowhere else", async () => {
  const made = await good("POST", CUSTOMERS, { ...MIRA, addresses: [HOME] });
  assert.deepEqual(
    [made.name, made.email, made.phone, made.dateOfBirth],
    [MIRA.name, MIRA.email, MIRA.phone, "1990-02-28"],
  );
  assert.deepEqual([made.status, made.type], ["ACTIVE", "INDIVIDUAL"]);
  const [address] = made.addresses;
  assert.deepEqual(
    { ...address, id: "" },
    {
      ...HOME,
      id: "",
      type: "RESIDENCE",
      lineTwo: null,
      country: "US",
      status: "ACTIVE",
    },
  );
  const found = async (query: string) =>
    (await good("GET", `${CUSTOMERS}?${query}`)).customers.map(({ id }: { id: string }) => id);
  await good("POST", CUSTOMERS, { externalId: "noor", type: "BUSINESS" });
  for (const query of [
    "externalId=mira",
    "externalIds=mira",
    `customerIds=${made.id}`,
    "email=mira@example.COM",
    `phone=${encodeURIComponent("+12025550142")}`,
    "externalId=mira&status=ACTIVE&type=INDIVIDUAL",
  ])
    assert.deepEqual(await found(query), [made.id], query);
  for (const query of [
    "email=else@example.com",
    "phone=%2B12025550143",
    "status=INACTIVE",
    "externalId=mira&type=BUSINESS",
  ])
    assert.deepEqual(await found(query), [], query);
  assert.equal((await found("type=BUSINESS")).length, 1);

  await gateway.gateway.activity?.written();
  const all = JSON.stringify([
    await gateway.gateway.db.rows("select c::text from customer c"),
    await gateway.gateway.db.rows("select a::text from activity a"),
  ]);
  for (const secret of ["Moss", '"Mira', "ira@", "555-0142", "1990-02", "Quay"])
    assert.ok(!all.includes(secret), `${secret} is readable`);
  assert.ok(!gateway.lines.join("").includes("Moss"));
});

test("Retrieved by its name it stays as it is; PATCH changes what is named", async () => {
  const again = await good("POST", CUSTOMERS, { externalId: "mira", email: "other@example.com" });
  assert.equal(again.email, MIRA.email);
  const late = await good("POST", "/bank-linking/connect/start", { externalCustomerId: "tess" });
  const told = await good("POST", CUSTOMERS, { externalId: "tess", name: { firstName: "Tess" } });
  assert.deepEqual([told.id, told.name], [late.customerId, { firstName: "Tess", lastName: null }]);

  const path = `${CUSTOMERS}/${again.id}`;
  const changed = await good("PATCH", path, { email: null, type: "BUSINESS" });
  assert.deepEqual([changed.email, changed.phone, changed.type], [null, MIRA.phone, "BUSINESS"]);
  assert.deepEqual((await good("GET", path)).email, null);
  assert.equal((await good("PATCH", path, { externalId: "mira" })).externalId, "mira");
  assert.deepEqual((await good("GET", `${CUSTOMERS}?email=mira@example.com`)).customers, []);
});

test("Addresses are added once, changed, and deleted", async () => {
  const { id } = await good("POST", CUSTOMERS, { externalId: "moves" });
  const path = `${CUSTOMERS}/${id}/addresses`;
  const key = { "idempotency-key": "one address" };
  const { body: first } = await gateway.call("POST", path, { ...HOME, type: "BILLING" }, key);
  const { body: same } = await gateway.call("POST", path, { ...HOME, type: "BILLING" }, key);
  assert.equal(same.id, first.id);
  const second = await good("POST", path, { ...HOME, type: "SHIPPING", lineTwo: "Flat 2" });
  const listed = await good("GET", path);
  assert.deepEqual(
    [listed.count, listed.addresses.map(({ type }: { type: string }) => type)],
    [2, ["BILLING", "SHIPPING"]],
  );
  const changed = await good("PATCH", `${path}/${second.id}`, { status: "INACTIVE", lineTwo: null });
  assert.deepEqual([changed.status, changed.lineTwo, changed.lineOne], ["INACTIVE", null, HOME.lineOne]);
  assert.deepEqual(await good("GET", `${path}/${second.id}`), changed);
  assert.equal((await good("DELETE", `${path}/${first.id}`)).id, first.id);
  assert.equal((await gateway.call("GET", `${path}/${first.id}`)).status, 404);
  assert.equal((await good("GET", `${CUSTOMERS}/${id}`)).addresses.length, 1);
});

test("Bad input is told by its field", async () => {
  const { id } = await good("POST", CUSTOMERS, { externalId: "mira" });
  const bad: ["POST" | "PATCH", string, unknown, number, RegExp][] = [
    ["POST", CUSTOMERS, { email: "nobody" }, 400, /^\[email\] is no e-mail address/],
    ["POST", CUSTOMERS, { phone: "call me" }, 400, /^\[phone\] is no phone number/],
    ["POST", CUSTOMERS, { dateOfBirth: "1990-02-30" }, 400, /^\[dateOfBirth\]/],
    ["POST", CUSTOMERS, { addresses: [{ ...HOME, country: "USA" }] }, 400, /^\[addresses.0.country\] must be/],
    ["POST", CUSTOMERS, { dateOfBirth: "9999-01-01" }, 400, /^\[dateOfBirth\] 9999-01-01 lies in the future; send/],
    [
      "PATCH",
      `${CUSTOMERS}/${id}`,
      { dateOfBirth: "2026-11-23" },
      400,
      /^\[dateOfBirth\] 2026-11-23 lies in the future/,
    ],
    ["POST", CUSTOMERS, { dateOfBirth: "0001-01-01" }, 400, /^\[dateOfBirth\] lies before 1900/],
    ["POST", CUSTOMERS, { addresses: [{ ...HOME, country: "XX" }] }, 400, /^\[addresses.0.country\].*ISO 3166/],
    ["PATCH", `${CUSTOMERS}/${id}`, { externalId: "nell" }, 400, /^\[externalId\] is for good .*; leave it out/],
    ["PATCH", `${CUSTOMERS}/${id}`, { externalId: null }, 400, /^\[externalId\] is for good/],
    ["PATCH", `${CUSTOMERS}/${id}`, { type: "CAT" }, 400, /^\[type\]/],
    ["PATCH", `${CUSTOMERS}/cus_2222222222222222222222`, {}, 404, /cus_2222/],
    ["POST", `${CUSTOMERS}/${id}/addresses`, { country: "US" }, 400, /^\[lineOne\]/],
    ["PATCH", `${CUSTOMERS}/${id}/addresses/adr_2222222222222222222222`, {}, 404, /adr_2222/],
  ];
  for (const [method, url, body, status, told] of bad) {
    const answer = await gateway.call(method, url, body);
    assert.equal(answer.status, status, `${method} ${url} ${JSON.stringify(answer.body)}`);
    assert.match(answer.body.message, told);
  }
});

test("A customer is deleted with all connections; the name is free again", async () => {
  const one = await good("POST", "/sandbox/connections", { externalCustomerId: "leaves" });
  const two = await good("POST", "/bank-linking/connect/start", { externalCustomerId: "leaves" });
  const lost = await good("POST", "/bank-linking/connect/start", { externalCustomerId: "leaves" });
  await gateway.gateway.db.run("update connection set status = 'EXPIRED', wake_at = 'infinity' where id = $1", [
    lost.id,
  ]);
  await gateway.worker.drain();
  const { customerId } = one;
  const customer = await good("GET", `${CUSTOMERS}/${customerId}`);
  assert.deepEqual(customer.serviceProviderCustomers, [
    { serviceProvider: "SANDBOX", serviceProviderCustomerId: customerId },
  ]);

  const elsewhere = await good("DELETE", `${CUSTOMERS}/${customerId}?serviceProviders=MX,PLAID`);
  assert.deepEqual([elsewhere.isDeleted, elsewhere.serviceProviderCustomersDeleted], [false, {}]);
  assert.equal((await good("GET", `/bank-linking/connections/${one.id}`)).status, "ACTIVE");

  const gone = await good("DELETE", `${CUSTOMERS}/${customerId}`);
  assert.deepEqual(gone, {
    id: customerId,
    isDeleted: true,
    serviceProviderCustomersDeleted: { SANDBOX: customerId },
  });
  for (const { id } of [one, two])
    assert.equal((await good("GET", `/bank-linking/connections/${id}`)).status, "DELETED");
  assert.equal((await gateway.call("GET", `${CUSTOMERS}/${customerId}`)).status, 404);
  assert.equal((await gateway.call("DELETE", `${CUSTOMERS}/${customerId}`)).status, 404);
  assert.equal((await good("GET", `/bank-linking/accounts?customerId=${customerId}`)).count, 0);
  await gateway.worker.drain();
  const kept = await gateway.gateway.db.row<Record<string, number>>(
    `select (select count(*)::int from account where home = u.home) as accounts,
       (select count(*)::int from session where home = u.home) as sessions,
       (select count(*)::int from timeline where home = u.home and subject = $2) as lost,
       (select count(*)::int from provider_connection where home = u.home and credential is not null) as credentials
       from customer u where u.id = $1`,
    [customerId, lost.id],
  );
  assert.deepEqual(kept, { accounts: 0, sessions: 0, lost: 0, credentials: 0 });

  const fresh = await good("POST", CUSTOMERS, { externalId: "leaves" });
  assert.notEqual(fresh.id, customerId);
  assert.equal((await good("GET", `${CUSTOMERS}?externalId=leaves`)).customers[0].id, fresh.id);
});

test("Connections at named providers go, and the customer stays", async () => {
  const one = await good("POST", "/sandbox/connections", { externalCustomerId: "stays" });
  const path = `${CUSTOMERS}/${one.customerId}`;
  const gone = await good("DELETE", `${path}?serviceProviders=SANDBOX`);
  assert.deepEqual([gone.isDeleted, Object.keys(gone.serviceProviderCustomersDeleted)], [false, ["SANDBOX"]]);
  assert.equal((await good("GET", `/bank-linking/connections/${one.id}`)).status, "DELETED");
  assert.equal((await good("GET", path)).externalId, "stays");
});

test("What is begun while a customer is deleted begins with a new one", async () => {
  const one = await good("POST", "/bank-linking/connect/start", { externalCustomerId: "races" });
  const started = [];
  for (let n = 0; n < 4; n++)
    started.push(gateway.call("POST", "/bank-linking/connect/start", { externalCustomerId: "races" }));
  const [deleted, ...begun] = await Promise.all([gateway.call("DELETE", `${CUSTOMERS}/${one.customerId}`), ...started]);
  assert.equal(deleted.status, 200);
  for (const { status, body } of begun) {
    assert.equal(status, 200, JSON.stringify(body));
    const { body: left } = await gateway.call("GET", `/bank-linking/connections/${body.id}`);
    assert.equal(left.status, left.customerId === one.customerId ? "DELETED" : "IN_PROGRESS");
  }
});

test("Which service providers there are, and what they offer", async () => {
  const { serviceProviders, count } = await good("GET", "/service-providers");
  assert.equal(count, 1);
  const [farm] = serviceProviders;
  assert.equal(farm.serviceProvider, "SANDBOX");
  assert.ok(farm.products.includes("OWNERS") && farm.repairs && farm.sendsWebhooks && farm.processorTokens);
  assert.ok(
    farm.verbs.some(({ verb, cost }: { verb: string; cost: string }) => verb === "readAccounts" && cost === "free"),
  );
});

test("What can't be so is refused by its field, and changes nothing", async () => {
  const { id } = await good("POST", CUSTOMERS, { externalId: "ines" });
  for (const [body, says] of [
    [{ dateOfBirth: "9999-01-01" }, /^\[dateOfBirth\] 9999-01-01 lies in the future/],
    [{ dateOfBirth: "1990-02-30" }, /^\[dateOfBirth\] must be a day of the calendar/],
    [{ externalId: "other" }, /^\[externalId\] is for good/],
    [{ addresses: [{ ...HOME, country: "XX" }] }, /^\[addresses\.0\.country\] must be a country's code/],
    [{ addresses: [{ ...HOME, country: "EU" }] }, /^\[addresses\.0\.country\] must be a country's code/],
  ] as const) {
    const isNew = "addresses" in body;
    const answer = await gateway.call(isNew ? "POST" : "PATCH", isNew ? CUSTOMERS : `${CUSTOMERS}/${id}`, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(String(answer.body["message"]), says);
  }
  const [kept] = (await good("GET", `${CUSTOMERS}?externalId=ines`)).customers;
  assert.deepEqual([kept.id, kept.externalId, kept.dateOfBirth], [id, "ines", null]);
});
