/** Rule 5 from outside: trouble on some accounts is partial, on all of them it is theirs, for every rank. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { State } from "../../src/core/status/table.ts";
import { startGateway, type TestGateway } from "./gateway.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway.stop());

const PARTIAL = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
const TROUBLES: readonly State[] = [
  "UNRECOVERABLE/OTHER",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE",
];

for (const state of TROUBLES) {
  test(`${state} on some accounts is partial, on all of them the connection's, and heals`, async () => {
    const id = await gateway.link();
    await gateway.aggregated(id);
    const { financialAccounts } = await gateway.good("GET", `/bank-linking/accounts?connectionId=${id}`);
    const accounts = (financialAccounts as { id: string }[]).map((account) => account.id);
    assert.ok(accounts.length >= 2, `${accounts.length} accounts`);
    const path = `/sandbox/connections/${id}/trouble`;
    await gateway.good("POST", path, { state, accounts: accounts.slice(0, 1) });
    await gateway.until(id, PARTIAL);
    await gateway.good("POST", path, { state, accounts: accounts.length });
    await gateway.until(id, state);
    // Through days of reads and probes it stays what it is.
    await gateway.advance("P2D");
    assert.equal(await gateway.stateOf(id), state);
    await gateway.good("DELETE", path);
    await gateway.until(id, "ACTIVE");
    await gateway.good("POST", path, { state, accounts: 1 });
    await gateway.until(id, PARTIAL);
    await gateway.good("DELETE", `/bank-linking/connections/${id}`);
  });
}
