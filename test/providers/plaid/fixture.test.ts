/** The played Plaid alone, in a process of its own, driven over HTTP as a test from outside drives it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { plaid } from "../../../src/providers/plaid/plaid.ts";
import { call, facts, START, trouble } from "./played.ts";

const SERVE = fileURLToPath(new URL("fixture/serve.ts", import.meta.url));

/** What the printed line of settings names, and the hands. */
async function served() {
  const child = spawn(process.execPath, [SERVE], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const settings = /PLAID_CLIENT_ID=(\S+) PLAID_SECRET=(\S+) PLAID_ENV=sandbox PLAID_BASE_URL=(\S+)/.exec(line);
    if (!settings) continue;
    const [, clientId = "", secret = "", baseUrl = ""] = settings;
    return {
      provider: plaid({ clientId, secret, environment: "sandbox", baseUrl }),
      async hand(path: string, body: object): Promise<Record<string, unknown>> {
        const answer = await fetch(`${baseUrl}/fixture/${path}`, { method: "POST", body: JSON.stringify(body) });
        return (await answer.json()) as Record<string, unknown>;
      },
      async [Symbol.asyncDispose]() {
        const gone = once(child, "exit");
        child.kill();
        await gone;
      },
    };
  }
  return assert.fail("serve.ts ended without naming its settings");
}

test("a bank is linked, troubled, spent at and healed from another process", async () => {
  await using alone = await served();
  const { provider, hand } = alone;
  const { state } = facts(await provider.startLink.run(call, START));
  const { public_token } = await hand("link", { link_token: state, institution_id: "ins_900002" });
  const proof = { publicToken: String(public_token) };
  const { ref, credential, institution } = facts(await provider.finishLink.run(call, { state, proof }));
  assert.equal(institution.name, "Heron Credit Union");
  const held = { ref, credential, products: START.products };
  const read = async (cursor: string | null) => facts(await provider.readTransactions!.run(call, { ...held, cursor }));

  const { cursor } = await read(null);
  const { transaction_id } = await hand("spend", { amount: 7.5, name: "Tea", pending: true });
  const posted = await hand("post", { transaction_id });
  const page = await read(cursor);
  assert.deepEqual(page.removed, [transaction_id]);
  assert.deepEqual(page.added.at(-1)?.pendingRef, transaction_id);
  await hand("amend", { transaction_id: posted["transaction_id"], amount: 8 });
  const amended = await read(page.cursor);
  assert.deepEqual([amended.modified[0]?.amount, amended.modified[0]?.ref], ["8", posted["transaction_id"]]);
  await hand("withdraw", { transaction_id: posted["transaction_id"] });
  assert.deepEqual((await read(amended.cursor)).removed, [posted["transaction_id"]]);

  await hand("item", { consent_expiration_time: "2027-02-01T00:00:00Z", user_present_required: true, ready: false });
  const said = facts(await provider.readConnection!.run(call, held));
  assert.deepEqual([said.interactive, said.consentExpiresAt], [true, Date.parse("2027-02-01T00:00:00Z")]);
  assert.equal((await read(null)).notReady, true);

  await hand("error", { error_code: "ITEM_LOGIN_REQUIRED", error_code_reason: "OAUTH_CONSENT_EXPIRED" });
  assert.equal(trouble(await provider.readAccounts.run(call, held)).state, "RECONNECT_REQUIRED/TOKEN_EXPIRED");
  const repair = facts(await provider.startRepair!.run(call, { ...held, ...START }));
  await hand("link", { link_token: repair.state });
  assert.equal(facts(await provider.readAccounts.run(call, held)).accounts.length, 3);

  await hand("fail", {
    path: "/accounts/get",
    error_code: "ACCOUNTS_LIMIT",
    error_type: "RATE_LIMIT_EXCEEDED",
    status: 429,
  });
  assert.equal(trouble(await provider.readAccounts.run(call, held)).scope, "quota");
  const { items } = await hand("items", {});
  assert.deepEqual(
    (items as { item_id: string }[]).map(({ item_id }) => item_id),
    [ref],
  );
  assert.match(String((await hand("error", { item_id: "x" }))["error"]), /no Item x; link one first/);
});
