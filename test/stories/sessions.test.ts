/** Rule 11, and the connect token: late is not lost, ended stays ended, and one token opens one session. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { gatedGateway, type Gate } from "./gate.ts";
import type { Json, TestGateway } from "./gateway.ts";
import {
  bankNamed,
  connectionPath,
  cleared,
  deleted,
  eventsOf,
  eventually,
  linkAt,
  proofOf,
  refreshed,
  type Sitting,
  startLink,
  startRepair,
  toldOf,
} from "./walk.ts";

let gateway: TestGateway & { gate: Gate };
before(async () => {
  gateway = await gatedGateway();
});
afterEach(async () => {
  gateway.gate.turn = null;
  await cleared(gateway);
});
after(() => gateway.stop());

const TRADE = "POST /slips/trade";
/** The farm's own door is shut: whatever was asked, nobody heard it. */
const AWAY = { status: 503, body: {} };
const login = { user: "mira" };
let customers = 0;

const begun = (): Promise<Sitting> =>
  startLink(gateway, `customer ${++customers}`, { products: ["BALANCES", "TRANSACTIONS"] });
const choose = async (sitting: Sitting) => sitting.choose(await bankNamed(gateway, "Copper Mesa"));
const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const openIncidents = async (): Promise<string[]> =>
  (await gateway.sql.query<{ kind: string }>("select kind from incident where closed_at is null")).rows.map(
    ({ kind }) => kind,
  );
const credentials = async (): Promise<number> =>
  (await gateway.sql.query("select 1 from provider_connection where credential is not null")).rowCount ?? 0;

test("a finish after four hours is a new connection that names the expired one", async () => {
  const sitting = await begun();
  await gateway.advance("PT3H50M");
  const page = await choose(sitting);
  await gateway.advance("PT8M");
  const proof = await proofOf(gateway, page, login);
  await gateway.advance("PT7M");
  assert.equal(await gateway.stateOf(sitting.connectionId), "EXPIRED");
  const { status, body } = await sitting.complete(proof);
  assert.equal(status, 200, JSON.stringify(body));
  const fresh = String(body["connectionId"]);
  assert.notEqual(fresh, sitting.connectionId);
  assert.equal(body["replacesConnectionId"], sitting.connectionId);
  assert.deepEqual(await toldOf(gateway, sitting.connectionId), ["EXPIRED"], "EXPIRED is never left");
  const [completed] = await eventsOf(gateway, fresh);
  assert.deepEqual([completed?.type, completed?.payload["replacesConnectionId"]], ["COMPLETED", sitting.connectionId]);
  const [was, is] = [await get(sitting.connectionId), await get(fresh)];
  assert.deepEqual([is["customerId"], is["replacesConnectionId"]], [was["customerId"], sitting.connectionId]);
  assert.equal((await refreshed(gateway, fresh)).outcome, "SUCCEEDED");
  const again = await sitting.complete(proof);
  assert.deepEqual([again.status, again.body["connectionId"]], [200, fresh], "the token shows where it ended");
  assert.equal((await sitting.session()).body["connectionId"], fresh);
  await deleted(gateway, fresh);
});

test("a finish that began in time keeps expiry off while it is tried again", async () => {
  const sitting = await begun();
  await gateway.advance("PT3H50M");
  const proof = await proofOf(gateway, await choose(sitting), login);
  gateway.gate.turn = async ({ counter }, pass) => (counter === TRADE ? AWAY : pass());
  const refused = await sitting.complete(proof);
  assert.deepEqual([refused.status, refused.body["code"]], [503, "PROVIDER_UNAVAILABLE"]);
  await gateway.advance("PT15M");
  assert.equal(await gateway.stateOf(sitting.connectionId), "IN_PROGRESS", "five minutes after its four hours");
  gateway.gate.turn = null;
  await gateway.advance("PT1M");
  assert.deepEqual(await toldOf(gateway, sitting.connectionId), ["COMPLETED", "ACTIVE"]);
  assert.equal((await get(sitting.connectionId))["replacesConnectionId"], null);
  await deleted(gateway, sitting.connectionId);
});

test("a finish that is never answered gives up with its hold, and the operator is told", async () => {
  const sitting = await begun();
  await gateway.advance("PT3H50M");
  const proof = await proofOf(gateway, await choose(sitting), login);
  gateway.gate.turn = async ({ counter }, pass) => (counter === TRADE ? AWAY : pass());
  await sitting.complete(proof);
  await gateway.advance("PT40M");
  assert.deepEqual(await toldOf(gateway, sitting.connectionId), ["EXPIRED"]);
  assert.equal(((await sitting.session()).body["failure"] as Json)["code"], "HTTP_503");
  assert.deepEqual(await openIncidents(), ["orphan"]);
  assert.equal((await gateway.sql.query("select 1 from task where kind = 'finish'")).rowCount, 0);
});

test("a finish that comes back to a deleted connection hands what it obtained to the revocation", async () => {
  const sitting = await begun();
  const proof = await proofOf(gateway, await choose(sitting), login);
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  gateway.gate.turn = async ({ counter }, pass) => {
    const reply = await pass();
    if (counter === TRADE) {
      reached.resolve();
      await released.promise;
    }
    return reply;
  };
  const finish = sitting.complete(proof);
  await reached.promise;
  await deleted(gateway, sitting.connectionId);
  const from = gateway.gate.passed.length;
  released.resolve();
  const { status, body } = await finish;
  assert.deepEqual([status, body["code"]], [410, "SESSION_OVER"]);
  const ended = async () =>
    gateway.gate.passed.slice(from).some(({ counter }) => counter === "POST /line/close") && (await credentials()) === 0
      ? true
      : null;
  await eventually(ended, "an end of what was obtained");
  assert.deepEqual(await toldOf(gateway, sitting.connectionId), ["DELETED", "DELETED"]);
  assert.equal((await gateway.sql.query("select 1 from account")).rowCount, 0, "nothing was kept");
});

test("a repair that is finished after the connection was deleted brings nothing back", async () => {
  const id = await linkAt(gateway, { customer: "goes", bank: "Copper Mesa", login });
  await refreshed(gateway, id);
  const state = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state });
  await gateway.until(id, state);
  const sitting = await startRepair(gateway, id);
  const proof = await proofOf(gateway, await sitting.choose(), login);
  await deleted(gateway, id);
  const told = await toldOf(gateway, id);
  assert.equal((await sitting.complete(proof)).status, 410);
  assert.deepEqual(await toldOf(gateway, id), told);
  await eventually(async () => ((await credentials()) === 0 ? true : null), "an end of the credential");
});

test("a token works until its first success, for four hours, and for its own session alone", async () => {
  const sitting = await begun();
  const other = await begun();
  const proof = await proofOf(gateway, await choose(sitting), login);
  // Closing the widget ends nothing: the same token goes on, with another bank if the customer likes.
  const again = await proofOf(gateway, await choose(sitting), { user: "mira" });
  assert.equal((await sitting.complete(again)).status, 200);
  const shown = await sitting.session();
  assert.deepEqual([shown.status, shown.body["page"], typeof shown.body["finishedAt"]], [200, null, "string"]);
  const authorization = `Bearer ${sitting.token}`;
  const reuse = await gateway.ask("POST", "/bank-linking/connect/institution", {}, { authorization });
  assert.deepEqual([reuse.status, reuse.body["code"]], [410, "SESSION_OVER"]);
  const repeated = await sitting.complete(proof);
  assert.deepEqual([repeated.status, repeated.body["connectionId"]], [200, sitting.connectionId]);
  assert.deepEqual(await toldOf(gateway, sitting.connectionId), ["COMPLETED", "ACTIVE"]);

  const [mine = "", signature = ""] = sitting.token.split(".");
  const [theirs = ""] = other.token.split(".");
  for (const token of [`${theirs}.${signature}`, `${mine}.${"A".repeat(43)}`, mine, `${sitting.token}.`, gateway.key]) {
    const { status, body } = await gateway.ask("GET", "/bank-linking/connect/session", undefined, {
      authorization: `Bearer ${token}`,
    });
    assert.deepEqual([status, body["code"]], [401, "UNAUTHORIZED"], token);
  }
  const asKey = await gateway.ask("GET", connectionPath(sitting.connectionId), undefined, { authorization });
  assert.equal(asKey.status, 401, "a connect token is no API key");

  // A slip of another session's is not this one's to finish.
  const page = await choose(other);
  const third = await begun();
  await choose(third);
  const stolen = await third.complete(await proofOf(gateway, page, login));
  assert.deepEqual([stolen.status, stolen.body["code"]], [422, "PROVIDER_REFUSED"]);

  await gateway.advance("PT4H");
  assert.equal((await other.session()).status, 200);
  const bank = await bankNamed(gateway, "Copper Mesa");
  const late = await gateway.ask(
    "POST",
    "/bank-linking/connect/institution",
    { institutionId: bank },
    {
      authorization: `Bearer ${other.token}`,
    },
  );
  assert.deepEqual([late.status, late.body["code"]], [410, "SESSION_OVER"]);
  assert.equal((await sitting.session()).status, 200, "what succeeded is still shown");
  await deleted(gateway, sitting.connectionId);
});
