/** Rule 9: a duplicate is the same login of the same customer, and never the same bank. The greatest claim is kept. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { fault, gatedGateway, type Gate, type Reply } from "./gate.ts";
import type { Json, TestGateway } from "./gateway.ts";
import {
  accountsOf,
  connectionPath,
  cleared,
  deleted,
  eventually,
  linkAt,
  proofOf,
  refreshed,
  startLink,
  toldOf,
  transactionsOf,
  bankNamed,
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

const DUPLICATE = "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE";

const link = (customer: string, user: string): Promise<string> =>
  linkAt(gateway, { customer, bank: "Lantern Harbor", login: { user } });
const ids = (records: { id: string }[]): string[] => records.map(({ id }) => id).sort();
const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const states = (...all: string[]): Promise<string[]> => Promise.all(all.map((id) => gateway.stateOf(id)));
const closings = (): number => gateway.gate.passed.filter(({ counter }) => counter === "POST /line/close").length;
const revoked = (count: number) =>
  eventually(
    async () => (closings() === count && (await revocations()) === 0 ? true : null),
    `${count} ends at the farm`,
  );
const revocations = async (): Promise<number> =>
  (await gateway.sql.query("select 1 from task where kind = 'revoke'")).rowCount ?? 0;

test("two honest logins at one bank are two connections, each with its own accounts", async () => {
  const [one, two] = [await link("family", "mira"), await link("family", "jonas")];
  for (const id of [one, two]) assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.deepEqual(await states(one, two), ["ACTIVE", "ACTIVE"]);
  assert.equal((await get(one))["duplicateConnectionIds"], null);
  const mine = ids(await accountsOf(gateway, one));
  assert.ok(mine.length > 0);
  assert.deepEqual(
    ids(await accountsOf(gateway, two)).filter((id) => mine.includes(id)),
    [],
  );
  await deleted(gateway, one, two);
  await revoked(2);
});

test("the same login once more is a duplicate: it shares accounts, is promoted by a refresh, inherits", async () => {
  const before = closings();
  const first = await link("repeats", "mira");
  await refreshed(gateway, first);
  const accounts = ids(await accountsOf(gateway, first));
  const rows = ids(await transactionsOf(gateway, first));
  const second = await link("repeats", "mira");
  assert.deepEqual(await states(first, second), [DUPLICATE, "ACTIVE"]);
  const shown = await get(first);
  assert.deepEqual(
    [shown["duplicateConnectionIds"], shown["activeDuplicateConnectionId"], shown["canRefresh"]],
    [[second], second, true],
  );
  await refreshed(gateway, second);
  assert.deepEqual(
    [ids(await accountsOf(gateway, second)), ids(await accountsOf(gateway, first))],
    [accounts, accounts],
  );
  assert.deepEqual(ids(await transactionsOf(gateway, second)), rows);

  // A refresh of the duplicate is a claim, and the greatest one is kept.
  await refreshed(gateway, first);
  assert.deepEqual(await states(first, second), ["ACTIVE", DUPLICATE]);
  const third = await link("repeats", "mira");
  assert.deepEqual(await states(first, second, third), [DUPLICATE, DUPLICATE, "ACTIVE"]);
  // A duplicate shows no trouble of the login; the one that is kept does.
  await gateway.good("POST", `/sandbox/connections/${third}/trouble`, { state: "RECONNECT_REQUIRED/LOGIN_REQUIRED" });
  await gateway.until(third, "RECONNECT_REQUIRED/LOGIN_REQUIRED");
  assert.deepEqual(await states(first, second), [DUPLICATE, DUPLICATE]);

  // Deleting the kept one promotes the next in the order of claims, with all that is known of the login.
  await deleted(gateway, third);
  assert.deepEqual(await states(first, second), ["RECONNECT_REQUIRED/LOGIN_REQUIRED", DUPLICATE]);
  await gateway.good("DELETE", `/sandbox/connections/${first}/trouble`);
  await gateway.until(first, "ACTIVE");
  assert.deepEqual(await states(second), [DUPLICATE], "no trouble made it, so healing leaves it");
  assert.equal(closings(), before, "the access goes with the last claim alone");
  assert.deepEqual(ids(await accountsOf(gateway, first)), accounts);
  assert.deepEqual(await toldOf(gateway, third), [
    "COMPLETED",
    "ACTIVE",
    "RECONNECT_REQUIRED/LOGIN_REQUIRED",
    "DELETED",
    "DELETED",
  ]);
  assert.deepEqual(await toldOf(gateway, first), [
    "COMPLETED",
    "ACTIVE",
    DUPLICATE,
    "ACTIVE",
    DUPLICATE,
    "RECONNECT_REQUIRED/LOGIN_REQUIRED",
    "ACTIVE",
  ]);
  await deleted(gateway, first, second);
  await revoked(before + 1);
});

test("the same login under two customers is two of everything, and ending one leaves the other working", async () => {
  const before = closings();
  const [one, two] = [await link("mother", "shared"), await link("daughter", "shared")];
  for (const id of [one, two]) await refreshed(gateway, id);
  assert.deepEqual(await states(one, two), ["ACTIVE", "ACTIVE"]);
  const mine = [...ids(await accountsOf(gateway, one)), ...ids(await transactionsOf(gateway, one))];
  const hers = [...ids(await accountsOf(gateway, two)), ...ids(await transactionsOf(gateway, two))];
  assert.equal(mine.length, hers.length);
  assert.deepEqual(
    hers.filter((id) => mine.includes(id)),
    [],
    "no row is the other's",
  );

  await deleted(gateway, one);
  await eventually(async () => ((await revocations()) === 0 ? true : null), "an end of the revocation");
  assert.equal(closings(), before, "the farm's line is still in use");
  assert.equal((await refreshed(gateway, two)).outcome, "SUCCEEDED");
  assert.equal((await accountsOf(gateway, two)).length > 0, true);
  await deleted(gateway, two);
  await revoked(before + 1);
});

/** A login whose end is under way and is not confirmed, and a new link of it that has to wait. */
async function linkedTooSoon(customer: string, closing: (pass: () => Promise<Reply>) => Promise<unknown>) {
  const id = await link(customer, "mira");
  await refreshed(gateway, id);
  const before = closings();
  gateway.gate.turn = async (passing, pass) => {
    if (passing.counter !== "POST /line/close") return pass();
    await closing(pass);
    return fault(503, "BANK-5031");
  };
  await deleted(gateway, id);
  await eventually(async () => (closings() > before ? true : null), "a first try to end it");
  const sitting = await startLink(gateway, customer, { products: ["BALANCES", "TRANSACTIONS"] });
  const finish = async () => {
    const page = await sitting.choose(await bankNamed(gateway, "Lantern Harbor"));
    return sitting.complete(await proofOf(gateway, page, { user: "mira" }));
  };
  const early = await finish();
  assert.deepEqual([early.status, early.body["code"]], [503, "PROVIDER_UNAVAILABLE"]);
  assert.equal(await gateway.stateOf(sitting.connectionId), "IN_PROGRESS");
  gateway.gate.turn = null;
  await gateway.advance("PT3M");
  assert.equal(await gateway.stateOf(id), "DELETED");
  return { sitting, finish };
}

test("a login that is linked anew while its end is under way waits for that end, and works", async () => {
  // The farm had ended the earlier link; its answer was lost.
  const { sitting } = await linkedTooSoon("returns", (pass) => pass());
  assert.equal(await gateway.stateOf(sitting.connectionId), "ACTIVE");
  assert.equal((await refreshed(gateway, sitting.connectionId)).outcome, "SUCCEEDED");
  await deleted(gateway, sitting.connectionId);
});

test("where that end takes the new link with it, the customer is asked once more", async () => {
  const { sitting, finish } = await linkedTooSoon("returns too soon", async () => undefined);
  assert.equal(await gateway.stateOf(sitting.connectionId), "IN_PROGRESS");
  assert.equal(((await sitting.session()).body["failure"] as Json)["code"], "BANK-4040");
  assert.deepEqual((await gateway.sql.query("select 1 from incident where closed_at is null")).rows, []);
  assert.equal((await finish()).status, 200);
  assert.equal((await refreshed(gateway, sitting.connectionId)).outcome, "SUCCEEDED");
  assert.deepEqual(await toldOf(gateway, sitting.connectionId), ["COMPLETED", "ACTIVE"]);
  await deleted(gateway, sitting.connectionId);
});

test("a trouble's twin goes with the trouble; what the customer linked stays", async () => {
  const [first, second] = [await link("twice", "mira"), await link("twice", "mira")];
  const path = `/sandbox/connections/${second}/trouble`;
  const { twinId } = await gateway.good("POST", path, { state: DUPLICATE });
  assert.deepEqual(await states(first, second, String(twinId)), [DUPLICATE, DUPLICATE, "ACTIVE"]);
  await gateway.good("DELETE", `/sandbox/connections/${first}/trouble`);
  assert.deepEqual(await states(first, second, String(twinId)), [DUPLICATE, DUPLICATE, "ACTIVE"], "not its twin");
  await gateway.good("DELETE", path);
  assert.deepEqual(await states(first, second, String(twinId)), [DUPLICATE, "ACTIVE", "DELETED"]);
  await deleted(gateway, first, second);
});
