/** The 23 rows, reached from outside through the public API alone, with no webhook anywhere, and left again. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rowOf, type State, STATES, TABLE } from "../../src/core/status/table.ts";
import { startGateway, type TestGateway } from "./gateway.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway.stop());

const path = (id: string) => `/bank-linking/connections/${id}`;
const sandbox = (id: string) => `/sandbox/connections/${id}/trouble`;

/** What every connection shows in its state, from the table and nowhere else. */
async function shows(id: string, state: State): Promise<void> {
  const connection = await gateway.until(id, state);
  const { canRefresh, canReconnect } = rowOf(state);
  assert.deepEqual([connection["canRefresh"], connection["canReconnect"]], [canRefresh, canReconnect]);
  const refresh = await gateway.ask("POST", `${path(id)}/refresh`, {});
  assert.equal(refresh.status, canRefresh ? 202 : 409, JSON.stringify(refresh.body));
  const repair = await gateway.ask("POST", "/bank-linking/connect/repair", { connectionId: id });
  assert.equal(repair.status, canReconnect ? 200 : 409, JSON.stringify(repair.body));
  for (const refused of [refresh, repair].filter(({ status }) => status === 409)) {
    assert.match(String(refused.body["message"]), new RegExp(state), "the refusal names the state");
  }
}

/** Rows that need no refresh tried on them: trying would move them on. */
async function reach(id: string, state: State): Promise<void> {
  const { reachedBy, advance, twinId } = await gateway.good("POST", sandbox(id), { state });
  if (reachedBy === "clock") await gateway.advance(String(advance));
  else if (reachedBy === "refresh") await gateway.good("POST", `${path(id)}/refresh`, {});
  await gateway.until(id, state);
  if (state === "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE") assert.equal(await gateway.stateOf(String(twinId)), "ACTIVE");
}

const bare: Record<string, () => Promise<void>> = {
  IN_PROGRESS: async () => {
    const { id } = await gateway.good("POST", "/bank-linking/connect/start", { externalCustomerId: "in-progress" });
    await shows(String(id), "IN_PROGRESS");
  },
  EXPIRED: async () => {
    const { id } = await gateway.good("POST", "/bank-linking/connect/start", { externalCustomerId: "expires" });
    await gateway.advance("PT3H59M");
    assert.equal(await gateway.stateOf(String(id)), "IN_PROGRESS");
    await gateway.advance("PT1M");
    await shows(String(id), "EXPIRED");
    assert.equal((await gateway.ask("DELETE", path(String(id)))).status, 409);
  },
  ACTIVE: async () => {
    const id = await gateway.link();
    await shows(id, "ACTIVE");
    // ACTIVE says that access is there; the first data arrives a moment later.
    await gateway.aggregated(id);
    const { financialAccounts } = await gateway.good("GET", `/bank-linking/accounts?connectionId=${id}`);
    assert.ok((financialAccounts as unknown[]).length >= 1);
  },
  DELETED: async () => {
    const id = await gateway.link();
    await gateway.good("DELETE", path(id));
    await shows(id, "DELETED");
    const again = await gateway.ask("DELETE", path(id));
    assert.deepEqual([again.status, again.body["code"]], [409, "ALREADY_DELETED"]);
  },
};

for (const { state, reason } of TABLE) {
  const andLeft = reason === null ? "" : ", shown by its flags, and left when the bank is well again";
  test(`${state} is reached${andLeft}`, async () => {
    if (reason === null) return bare[state]?.();
    const id = await gateway.link();
    await gateway.until(id, "ACTIVE");
    await reach(id, state);
    if (state !== "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE") await shows(id, state);
    const { cause } = await gateway.good("GET", path(id));
    if (!state.endsWith("DUPLICATE"))
      assert.ok((cause as { code?: string } | null)?.code, "the provider's own code is beside it");
    await gateway.good("DELETE", sandbox(id));
    await gateway.until(id, "ACTIVE");
    // Whatever still lives is read on through the other tests' days.
    await gateway.good("DELETE", path(id));
  });
}

test("the four rows without a reason are refused with a sentence that says how to reach them", async () => {
  const id = await gateway.link();
  for (const state of STATES.filter((s) => rowOf(s).reason === null)) {
    const { status, body } = await gateway.ask("POST", sandbox(id), { state });
    assert.equal(status, 400);
    assert.match(String(body["message"]), new RegExp(`^\\[state\\] ${state} (is|comes) `));
  }
});
