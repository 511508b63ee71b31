import assert from "node:assert/strict";
import { after, test } from "node:test";
import { heal, login } from "../../../src/providers/sandbox/control.ts";
import { mount, sure, walk } from "./mount.ts";

const farm = await mount();
const { call, provider, settings, start, clock } = farm;
after(() => farm.close());

test("A link leads to accounts, balances and transactions", async () => {
  const linked = await farm.link();
  assert.equal(linked.institution.name, "Copper Mesa Bank");
  const { accounts, statements } = sure(await provider.readAccounts.run(call, linked));
  assert.ok(accounts.length >= 2 && accounts.length <= 4);
  assert.deepEqual(statements.troubles, []);
  const { added, pages } = await walk(farm, linked.credential, null);
  assert.ok(pages.length > 1, "90 days are more than one page");
  assert.equal(new Set(added.map(({ ref }) => ref)).size, added.length);
  assert.ok(added.every(({ accountRef }) => accounts.some(({ ref }) => ref === accountRef)));
});

test("The same login has the same connection at every link, another one has another", async () => {
  const first = await farm.link();
  const again = await farm.link();
  const other = await farm.link("bank-copper-mesa", { username: "jon" });
  assert.equal(again.ref, first.ref);
  assert.notEqual(again.credential, first.credential);
  assert.notEqual(other.ref, first.ref);
  sure(await provider.readAccounts.run(call, first));
});

test("A wrong password and a wrong second factor are the session's alone, and the next try goes on", async () => {
  const session = sure(await provider.startLink.run(call, { ...start, institutionRef: "bank-mfa" }));
  const wrong = await login(call, settings, session, { username: "mira", password: "bad" });
  assert.ok(!wrong.ok);
  assert.deepEqual([wrong.trouble.scope, wrong.trouble.state, wrong.trouble.raw.code], ["session", null, "BANK-2001"]);
  const unanswered = await login(call, settings, session, { username: "mira", mfa: "0000" });
  assert.ok(!unanswered.ok && unanswered.trouble.raw.code === "BANK-2002");
  const proof = sure(await login(call, settings, session, { username: "mira" }));
  sure(await provider.finishLink.run(call, { state: session.state, proof }));
});

test("The customer chooses among the accounts, and only those are shared", async () => {
  const all = await farm.link("bank-choose-accounts", { username: "ana" });
  const [one] = sure(await provider.readAccounts.run(call, all)).accounts;
  assert.ok(one);
  const less = await farm.link("bank-choose-accounts", { username: "ana", accounts: [one.ref] });
  const told = sure(await provider.readAccounts.run(call, less));
  assert.deepEqual(
    told.accounts.map(({ ref }) => ref),
    [one.ref],
  );
  assert.equal(told.statements.newAccounts, false, "what the customer kept back is not new");
});

test("A session that was opened for no bank lets the customer name one", async () => {
  const { institutionRef: _, ...anywhere } = start;
  const session = sure(await provider.startLink.run(call, anywhere));
  const customer = { username: "mira", institutionRef: "bank-thistle-moor" };
  const proof = sure(await login(call, settings, session, customer));
  const linked = sure(await provider.finishLink.run(call, { state: session.state, proof }));
  assert.equal(linked.institution.ref, "bank-thistle-moor");
});

test("A proof is worth one finish, within half an hour, of its own session", async () => {
  const session = sure(await provider.startLink.run(call, start));
  const proof = sure(await login(call, settings, session, { username: "leo" }));
  const stranger = sure(await provider.startLink.run(call, { ...start, connectionId: "con_2" }));
  const codes = [];
  for (const state of [stranger.state, session.state, session.state]) {
    const finished = await provider.finishLink.run(call, { state, proof });
    codes.push(finished.ok ? "linked" : finished.trouble.raw.code);
  }
  assert.deepEqual(codes, ["BANK-2008", "linked", "BANK-2004"]);
  const late = sure(await login(call, settings, session, { username: "leo" }));
  clock.at += 31 * 60_000;
  const finished = await provider.finishLink.run(call, { state: session.state, proof: late });
  assert.ok(!finished.ok && finished.trouble.raw.code === "BANK-2005");
});

test("An answer that is lost after its effect leaves the proof spent", async () => {
  const moments: string[] = [];
  let lose = false;
  const lossy = await mount({
    on: (moment, { path }) => {
      moments.push(`${moment} ${path}`);
      return lose && moment === "after effect" ? Promise.reject(new Error("lost")) : Promise.resolve();
    },
  });
  try {
    const session = sure(await lossy.provider.startLink.run(lossy.call, lossy.start));
    const proof = sure(await login(lossy.call, lossy.settings, session, { username: "leo" }));
    lose = true;
    await assert.rejects(lossy.provider.finishLink.run(lossy.call, { state: session.state, proof }));
    lose = false;
    const again = await lossy.provider.finishLink.run(lossy.call, { state: session.state, proof });
    assert.ok(!again.ok && again.trouble.raw.code === "BANK-2004");
    assert.deepEqual(moments.slice(-2), ["before effect /slips/trade", "after effect /slips/trade"]);
  } finally {
    await lossy.close();
  }
});

test("Only the customer of a connection can repair it", async () => {
  const linked = await farm.link("bank-login-required", { username: "mira" });
  const session = sure(await provider.startRepair.run(call, { ...start, ...linked }));
  const somebody = await login(call, settings, session, { username: "jon" });
  assert.ok(!somebody.ok && somebody.trouble.raw.code === "BANK-2006");
  assert.ok(!(await provider.readAccounts.run(call, linked)).ok);
  const repaired = sure(await farm.repair(linked));
  assert.equal(repaired.kind, "in place");
  sure(await provider.readAccounts.run(call, linked));
});

test("A removed connection is gone for every grant of it, and can be linked again", async () => {
  const first = await farm.link("bank-tallgrass", { username: "eva" });
  const second = await farm.link("bank-tallgrass", { username: "eva" });
  sure(await provider.remove.run(call, first));
  for (const held of [first, second]) {
    const read = await provider.readAccounts.run(call, held);
    assert.ok(!read.ok && read.trouble.gone === true && read.trouble.raw.code === "BANK-4040");
  }
  const healed = await heal(call, settings, first.ref);
  assert.ok(!healed.ok && healed.trouble.gone === true);
  const again = await farm.link("bank-tallgrass", { username: "eva" });
  assert.equal(again.ref, first.ref);
  sure(await provider.readAccounts.run(call, again));
  assert.ok(!(await provider.readAccounts.run(call, first)).ok);
});
