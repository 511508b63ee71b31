// A link, a refresh, a trouble, a repair and a deletion, by the API alone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGateway } from "./gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { call, worker, inject, clock } = gateway;

const CONNECTIONS = "/bank-linking/connections";

async function linked(externalCustomerId: string): Promise<string> {
  const { status, body } = await call("POST", "/sandbox/connections", { externalCustomerId });
  assert.equal(status, 200, JSON.stringify(body));
  await worker.drain();
  return body.id;
}

/** The customer at the fake bank: a login, and the choice of what to share where the bank asks. */
async function customerLogsIn(sitting: string, user: string): Promise<{ slip: string }> {
  const step = async (name: string, body: object) => {
    const answer = await fetch(`${gateway.origin}/farm/sittings/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { reply: { sitting: string; accounts?: { no: string }[]; slip: string } }).reply;
  };
  const said = await step("login", { sitting, user, password: "good" });
  if (!said.accounts) return { slip: said.slip };
  const { slip } = await step("accounts", { sitting: said.sitting, accounts: said.accounts.map(({ no }) => no) });
  return { slip };
}

test("A link is finished by calls alone, with the connect token", async () => {
  const start = await call("POST", "/bank-linking/connect/start", {
    externalCustomerId: "mira",
    regions: null,
    institutionId: null,
    somethingNew: { a: 1 },
  });
  assert.equal(start.status, 200);
  assert.equal(start.body.externalCustomerId, "mira");
  assert.equal(start.body.widgetUrl, `https://bowline.example/connect?connectToken=${start.body.connectToken}`);
  const begun = await call("GET", `${CONNECTIONS}/${start.body.id}`);
  assert.deepEqual([begun.body.status, begun.body.statusReason, begun.body.canRefresh], ["IN_PROGRESS", null, false]);
  assert.equal(begun.body.nextStep.at, "2026-11-22T14:00:00.000Z");

  const { body: banks } = await call("GET", "/institutions?name=copper%20mesa");
  assert.equal(banks.count, 1);
  const token = { authorization: `Bearer ${start.body.connectToken}` };
  const chosen = await call(
    "POST",
    "/bank-linking/connect/institution",
    { institutionId: banks.institutions[0].id },
    token,
  );
  assert.equal(chosen.status, 200, JSON.stringify(chosen.body));
  assert.equal(chosen.body.kind, "LINK");
  const proof = await customerLogsIn(chosen.body.page.sitting, "mira");
  const done = await call("POST", "/bank-linking/connect/complete", { proof }, token);
  assert.equal(done.status, 200, JSON.stringify(done.body));
  assert.deepEqual([done.body.status, done.body.connectionId], ["ACTIVE", start.body.id]);
  const again = await call("POST", "/bank-linking/connect/complete", { proof }, token);
  assert.deepEqual(again.body, done.body);
  const shown = await call("GET", "/bank-linking/connect/session", undefined, token);
  assert.equal(shown.body.finishedAt, "2026-11-22T10:00:00.000Z");
  assert.equal(shown.body.page, null);

  await worker.drain();
  const { body: connection } = await call("GET", `${CONNECTIONS}/${start.body.id}`);
  assert.equal(connection.status, "ACTIVE");
  assert.equal(connection.institutionName, banks.institutions[0].name);
  assert.equal(connection.serviceProviderDetails.serviceProvider, "SANDBOX");
  assert.match(connection.successfullyAggregatedAt, /^2026-11-22T10:00/);
  assert.deepEqual(connection.nextStep.actor, "nobody");
  assert.ok(Date.parse(connection.nextStep.at) > clock.at);
});

test("Accounts and transactions arrive, and are found by whom they belong to", async () => {
  const id = await linked("noor");
  const { body: connection } = await call("GET", `${CONNECTIONS}/${id}`);
  const { body: found } = await call("GET", `/bank-linking/accounts?connectionId=${id}`);
  assert.ok(found.count > 1);
  const [account] = found.financialAccounts;
  assert.deepEqual(account.connectionIds, [id]);
  assert.equal(account.externalCustomerId, "noor");
  assert.equal(typeof account.balances.currentAmount, "number");
  assert.ok(found.financialAccounts.some((one: { identifiers: unknown }) => one.identifiers !== null));
  assert.ok(found.financialAccounts.some((one: { owners: unknown }) => one.owners !== null));
  const one = await call("GET", `/bank-linking/accounts/${account.id}`);
  assert.deepEqual(one.body, account);
  for (const by of [`customerId=${connection.customerId}`, "externalCustomerId=noor"]) {
    const { body: same } = await call("GET", `/bank-linking/accounts?${by}`);
    assert.deepEqual(same, found);
  }
  const current = found.financialAccounts.find((one: { subtype: string }) => one.subtype === "CHECKING");
  const { body: lines } = await call("GET", `/bank-linking/transactions?financialAccountId=${current.id}&limit=1000`);
  assert.ok(lines.count > 20);
  const dates = lines.financialAccountTransactions.map((t: { transactionDate: string }) => t.transactionDate);
  assert.deepEqual(dates, dates.toSorted().toReversed());
  const first = await call("GET", `/bank-linking/transactions/${lines.financialAccountTransactions[0].id}`);
  assert.deepEqual(first.body, lines.financialAccountTransactions[0]);
});

test("A trouble shows with its code and next step, and a repair ends it", async () => {
  const id = await linked("ola");
  const state = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
  const { status, body } = await call("POST", `/sandbox/connections/${id}/trouble`, { state, accounts: null });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.reachedBy, "read");
  clock.at += 1000;
  await worker.drain();
  const { body: broken } = await call("GET", `${CONNECTIONS}/${id}`);
  assert.deepEqual([broken.status, broken.statusReason], ["RECONNECT_REQUIRED", "LOGIN_REQUIRED"]);
  assert.deepEqual([broken.canRefresh, broken.canReconnect, broken.nextStep.actor], [true, true, "customer"]);
  assert.match(broken.cause.code, /^BANK-/);
  const { body: only } = await call("GET", `${CONNECTIONS}?statuses=RECONNECT_REQUIRED,DEGRADED`);
  assert.deepEqual(
    only.connections.map((c: { id: string }) => c.id),
    [id],
  );

  const repair = await call("POST", "/bank-linking/connect/repair", { connectionId: id });
  assert.equal(repair.body.id, id);
  const token = { authorization: `Bearer ${repair.body.connectToken}` };
  const chosen = await call("POST", "/bank-linking/connect/institution", {}, token);
  assert.equal(chosen.body.kind, "REPAIR");
  const proof = await customerLogsIn(chosen.body.page.sitting, `ola ${id.slice(-6)}`);
  const done = await call("POST", "/bank-linking/connect/complete", { proof }, token);
  assert.deepEqual([done.status, done.body.status], [200, "ACTIVE"], JSON.stringify(done.body));
  assert.ok(done.body.accountCount > 1);
  clock.at += 1000;
  await worker.drain();
  assert.equal((await call("GET", `${CONNECTIONS}/${id}`)).body.status, "ACTIVE");
  const { body: timeline } = await call("GET", `${CONNECTIONS}/${id}/timeline?limit=100`);
  const kinds = new Set(timeline.timeline.map((entry: { kind: string }) => entry.kind));
  assert.deepEqual(kinds, new Set(["act", "observation", "session", "state"]));
});

test("A trouble ends where the bank behaves again", async () => {
  const id = await linked("kim");
  await call("POST", `/sandbox/connections/${id}/trouble`, { state: "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE" });
  clock.at += 1000;
  await worker.drain();
  const { body: troubled } = await call("GET", `${CONNECTIONS}/${id}`);
  assert.deepEqual([troubled.status, troubled.nextStep.actor], ["DEGRADED", "institution"]);
  const { body: healed } = await call("DELETE", `/sandbox/connections/${id}/trouble`);
  assert.equal(healed.reachedBy, "read");
  clock.at += 1000;
  await worker.drain();
  assert.equal((await call("GET", `${CONNECTIONS}/${id}`)).body.status, "ACTIVE");
});

test("A duplicate names the connection that is maintained", async () => {
  const id = await linked("lou");
  const state = "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE";
  clock.at += 1000;
  const { body } = await call("POST", `/sandbox/connections/${id}/trouble`, { state });
  await worker.drain();
  const { body: old } = await call("GET", `${CONNECTIONS}/${id}`);
  const { body: twin } = await call("GET", `${CONNECTIONS}/${body.twinId}`);
  assert.deepEqual([old.statusReason, twin.status, twin.statusReason], ["INACTIVE_DUPLICATE", "ACTIVE", null]);
  assert.deepEqual([old.duplicateConnectionIds, twin.duplicateConnectionIds], [[twin.id], [id]]);
  assert.deepEqual([old.activeDuplicateConnectionId, twin.activeDuplicateConnectionId], [twin.id, twin.id]);
  const { body: shared } = await call("GET", `/bank-linking/accounts?connectionId=${id}`);
  assert.deepEqual(shared.financialAccounts[0].connectionIds, [twin.id, id]);
});

test("The sandbox's clock moves an abandoned widget to EXPIRED", async () => {
  const { body } = await call("POST", "/bank-linking/connect/start", { externalCustomerId: "nia" });
  const { body: moved } = await call("POST", "/sandbox/clock", { advance: "PT4H" });
  assert.deepEqual(moved, { now: new Date(clock.at).toISOString(), remaining: "PT0S" });
  const { body: expired } = await call("GET", `${CONNECTIONS}/${body.id}`);
  assert.deepEqual([expired.status, expired.canReconnect, expired.nextStep.at], ["EXPIRED", false, null]);
});

test("A refresh is a resource with an outcome", async () => {
  const id = await linked("pia");
  clock.at += 3_600_000;
  const asked = await call("POST", `${CONNECTIONS}/${id}/refresh`, { connectionId: id, products: ["BALANCES"] });
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  assert.match(asked.body.requestId, /^[0-9a-f]{32}$/);
  assert.equal(asked.body.refresh.status, "RUNNING");
  await worker.drain();
  const { body: refresh } = await call("GET", `${CONNECTIONS}/${id}/refreshes/${asked.body.refresh.id}`);
  assert.deepEqual([refresh.status, refresh.outcome], ["FINISHED", "SUCCEEDED"]);
  const { body: list } = await call("GET", `${CONNECTIONS}/${id}/refreshes`);
  assert.deepEqual(list.refreshes, [refresh]);
  const empty = await inject({
    method: "POST",
    url: `${CONNECTIONS}/${id}/refresh`,
    headers: { authorization: "BASIC another-key" },
  });
  assert.equal(empty.statusCode, 401);
});

test("A deleted connection stays as DELETED, and what hung on it is gone", async () => {
  const id = await linked("quin");
  const { body: before } = await call("GET", `${CONNECTIONS}/${id}`);
  const gone = await call("DELETE", `${CONNECTIONS}/${id}`);
  assert.deepEqual([gone.status, gone.body.status, gone.body.canReconnect], [200, "DELETED", false]);
  assert.equal((await call("GET", `${CONNECTIONS}/${id}`)).body.status, "DELETED");
  const { body: found } = await call("GET", `${CONNECTIONS}?externalCustomerId=quin`);
  assert.deepEqual(
    found.connections.map((c: { status: string }) => c.status),
    ["DELETED"],
  );
  for (const url of [
    `${CONNECTIONS}/${id}/timeline`,
    `${CONNECTIONS}/${id}/refreshes`,
    `/bank-linking/accounts?connectionId=${id}`,
    `/bank-linking/transactions?connectionId=${id}`,
  ]) {
    const answer = await call("GET", url);
    assert.deepEqual([answer.status, answer.body.code], [410, "GONE"], url);
  }
  const twice = await call("DELETE", `${CONNECTIONS}/${id}`);
  assert.deepEqual([twice.status, twice.body.code], [409, "ALREADY_DELETED"]);
  const late = await call("POST", `${CONNECTIONS}/${id}/refresh`);
  assert.deepEqual([late.status, late.body.code], [409, "STATE_FORBIDS"]);
  assert.deepEqual((await call("GET", `/bank-linking/accounts?customerId=${before.customerId}`)).body.count, 0);
});
