/** Products that are added later: at once where nobody has to be asked, and else through the customer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, finishLink, type World } from "../providers/plaid/fixture/world.ts";
import type { Json, TestGateway } from "./gateway.ts";
import { playedPlaid } from "./played-plaid.ts";
import { accountsOf, connectionPath, eventually, linkAt, proofOf, startLink, timelineOf } from "./walk.ts";

const world: World = createWorld();
let plaid: PlayedPlaid;
let gateway: TestGateway;
playedPlaid(world, (played) => void ({ plaid, gateway } = played));

const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const update = (id: string, products: unknown) => gateway.ask("POST", `${connectionPath(id)}/update`, { products });
const hasOwners = (id: string): Promise<true> =>
  eventually(
    async () => ((await accountsOf(gateway, id)).some(({ owners }) => Array.isArray(owners)) ? true : null),
    "owners",
  );

async function sessionBy(token: unknown) {
  const headers = { authorization: `Bearer ${String(token)}` };
  const ask = (path: string, body: Json) => gateway.ask("POST", `/bank-linking/connect/${path}`, body, headers);
  const chosen = await ask("institution", {});
  assert.equal(chosen.status, 200, JSON.stringify(chosen.body));
  return {
    page: chosen.body["page"] as Record<string, string>,
    complete: (proof: Json) => ask("complete", { proof }),
  };
}

test("a fake bank asks the customer, and the connection stays as it is until they have answered", async () => {
  const login = { user: "adds later" };
  const id = await linkAt(gateway, { customer: "adds later", bank: "Copper Mesa", login, products: ["BALANCES"] });
  await gateway.aggregated(id);
  const { status, body } = await update(id, ["OWNERS"]);
  assert.equal(status, 202, JSON.stringify(body));
  assert.deepEqual(body["needsCustomer"], ["OWNERS"]);
  assert.match(String(body["widgetUrl"]), /\/connect\?connectToken=/);
  assert.equal((body["refresh"] as Json)["connectionId"], id);
  const added = await get(id);
  assert.deepEqual([added["products"], added["optionalProducts"]], [["BALANCES"], ["OWNERS"]]);
  assert.equal(added["status"], "ACTIVE");
  const { actor, what } = added["nextStep"] as Json;
  assert.equal(actor, "customer");
  assert.match(String(what), /^Consent to OWNERS: .*\/update/);
  const found = async (query: string) =>
    ((await gateway.good("GET", `/bank-linking/connections?limit=100&${query}`))["connections"] as Json[]).some(
      (one) => one["id"] === id,
    );
  const acting = () => Promise.all([found("actors=customer"), found("actors=nobody"), found("actors=nobody,customer")]);
  assert.deepEqual(await acting(), [true, false, true]);
  // Nothing is broken, and so there is nothing to repair: the refusal leads to the way that there is.
  const repair = await gateway.ask("POST", "/bank-linking/connect/repair", { connectionId: id });
  assert.equal(repair.status, 409);
  assert.match(String(repair.body["message"]), /nextStep tells how to have its products/);

  // The answer may be lost on its way to the customer: asked again, there is another session, and nothing is doubled.
  const lost = await update(id, ["OWNERS"]);
  assert.equal(lost.status, 202, JSON.stringify(lost.body));
  assert.notEqual(lost.body["connectToken"], body["connectToken"]);
  assert.deepEqual((await get(id))["optionalProducts"], ["OWNERS"]);

  const session = await sessionBy(lost.body["connectToken"]);
  const { status: done, body: finished } = await session.complete(await proofOf(gateway, session.page, login));
  assert.equal(done, 200, JSON.stringify(finished));
  await hasOwners(id);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.equal(((await get(id))["nextStep"] as Json)["actor"], "nobody");
  assert.deepEqual(await acting(), [false, true, true]);
  const acts = (await timelineOf(gateway, id)).map(({ detail }) => detail["act"]);
  assert.ok(acts.includes("products added") && acts.includes("products started"), JSON.stringify(acts));

  const again = await update(id, ["OWNERS"]);
  assert.equal(again.status, 400);
  assert.match(String(again.body["message"]), /^\[products\] OWNERS is on this connection already/);
});

test("Plaid keeps no list of consents for most Items: what is added is read at once", async () => {
  const sitting = await startLink(gateway, "adds at once", { products: ["TRANSACTIONS"] });
  const { linkToken = "" } = await sitting.choose();
  const done = await sitting.complete({ publicToken: finishLink(world, linkToken) });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  await gateway.aggregated(sitting.connectionId);
  const key = { "idempotency-key": "add once" };
  const path = `${connectionPath(sitting.connectionId)}/update`;
  const first = await gateway.ask("POST", path, { products: ["OWNERS"] }, key);
  assert.equal(first.status, 202, JSON.stringify(first.body));
  assert.deepEqual([first.body["needsCustomer"], first.body["connectToken"]], [[], null]);
  const twice = await gateway.ask("POST", path, { products: ["OWNERS"] }, key);
  assert.equal(twice.status, 202, "a repeated request has the one effect");
  assert.deepEqual((await get(sitting.connectionId))["optionalProducts"], ["OWNERS"]);
  await hasOwners(sitting.connectionId);
});

test("where Plaid keeps consents, update mode asks for what is missing", async () => {
  const sitting = await startLink(gateway, "consents", { products: ["TRANSACTIONS"] });
  const { linkToken = "" } = await sitting.choose();
  await sitting.complete({ publicToken: finishLink(world, linkToken) });
  const { connectionId: id } = sitting;
  await gateway.aggregated(id);
  const item = world.items.at(-1);
  assert.ok(item);
  item.consented = ["transactions"];
  const { status, body } = await update(id, ["IDENTIFIERS", "OWNERS"]);
  assert.equal(status, 202, JSON.stringify(body));
  assert.deepEqual(body["needsCustomer"], ["IDENTIFIERS", "OWNERS"]);
  const session = await sessionBy(body["connectToken"]);
  const asked = plaid.exchanges.findLast(({ path }) => path === "/link/token/create")?.body;
  assert.deepEqual(asked?.["additional_consented_products"], ["auth", "identity"]);
  finishLink(world, session.page["linkToken"] ?? "");
  const done = await session.complete({});
  assert.equal(done.status, 200, JSON.stringify(done.body));
  await hasOwners(id);
  assert.deepEqual(item.consented, ["transactions", "auth", "identity"]);
});

test("what can't be added is told why", async () => {
  const id = await gateway.link({ products: ["TRANSACTIONS"] });
  const bad: [unknown, RegExp][] = [
    [[], /^\[products\] is too short/],
    [["SINGING"], /^\[products.0\]/],
    [undefined, /^\[products\]/],
    [["TRANSACTIONS"], /^\[products\] TRANSACTIONS is on this connection already/],
  ];
  for (const [products, told] of bad) {
    const { status, body } = await update(id, products);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(String(body["message"]), told);
  }
  const { connectionId } = await startLink(gateway, "not yet", {});
  const early = await update(connectionId, ["OWNERS"]);
  assert.deepEqual([early.status, early.body["code"]], [409, "STATE_FORBIDS"]);
  assert.equal((await update("con_2222222222222222222222", ["OWNERS"])).status, 404);
});
