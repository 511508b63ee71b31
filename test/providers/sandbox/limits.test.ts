// Houses that answer only so often, only so long, only to a customer who is there.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DAY, HOUR, MINUTE } from "../../../src/core/status/policy.ts";
import { login } from "../../../src/providers/sandbox/control.ts";
import { createFarm } from "../../../src/providers/sandbox/farm/farm.ts";
import { forgetfulMemory } from "../../../src/providers/sandbox/farm/memory.ts";
import { sandbox } from "../../../src/providers/sandbox/sandbox.ts";
import { KEY, mount, sure, walk } from "./mount.ts";

const farm = await mount();
const { call, provider, settings, clock } = farm;
after(() => farm.close());

const codeOf = (answer: Awaited<ReturnType<typeof provider.readAccounts.run>>) =>
  answer.ok ? "good" : answer.trouble.raw.code;

test("Four reads a day, each kind for itself, while the customer is away; midnight brings four more", async () => {
  const linked = await farm.link("bank-four-reads-a-day");
  const read = () => provider.readAccounts.run(call, linked);
  for (let times = 0; times < 6; times += 1) sure(await read());
  clock.at += 11 * MINUTE;
  const codes = [];
  for (let times = 0; times < 5; times += 1) codes.push(codeOf(await read()));
  assert.deepEqual(codes, ["good", "good", "good", "good", "BANK-3001"]);
  await walk(farm, linked.credential, null);
  const over = await read();
  assert.ok(!over.ok);
  const midnight = (Math.floor(clock.at / DAY) + 1) * DAY;
  assert.deepEqual([over.trouble.scope, over.trouble.state, over.trouble.notBefore], ["quota", null, midnight]);
  clock.at = midnight;
  sure(await read());
});

test("A crowded house counts all customers together, by the minute", async () => {
  clock.at = Math.ceil(clock.at / MINUTE) * MINUTE;
  const held = [await farm.link("bank-crowded"), await farm.link("bank-crowded", { username: "jon" })];
  const codes: Record<string, number> = {};
  for (let times = 0; times < 31; times += 1) {
    for (const one of held) {
      const code = codeOf(await provider.readAccounts.run(call, one));
      codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  assert.deepEqual(codes, { good: 60, "BANK-3002": 2 });
  const [one] = held;
  assert.ok(one);
  const over = await provider.readAccounts.run(call, one);
  assert.ok(!over.ok && over.trouble.notBefore === clock.at + MINUTE);
  sure(await provider.readConnection.run(call, one));
  clock.at += MINUTE;
  sure(await provider.readAccounts.run(call, one));
});

test("Every seventh read of the flaky house fails, and the next is good", async () => {
  const linked = await farm.link("bank-flaky");
  const codes = [];
  for (let times = 0; times < 15; times += 1) codes.push(codeOf(await provider.readAccounts.run(call, linked)));
  const failed = codes.flatMap((code, at) => (code === "good" ? [] : [`${at} ${code}`]));
  assert.deepEqual(failed, ["6 BANK-5001", "13 BANK-5001"]);
});

test("The slow house says how long its answer takes", async () => {
  const slow = createFarm({ memory: forgetfulMemory(), clock: { now: () => clock.at }, seed: "one", key: KEY });
  const times: Record<string, number | undefined> = {};
  const direct: typeof call = {
    ...call,
    async fetch(url, init) {
      const { pathname: path } = new URL(url);
      const headers = init?.headers as Record<string, string>;
      const body = typeof init?.body === "string" ? init.body : "";
      const answer = await slow.handle({ method: init?.method ?? "GET", path, query: {}, headers, body });
      assert.ok(answer !== "never");
      times[path] = answer.after;
      return new Response(answer.body, answer);
    },
  };
  const session = sure(await provider.startLink.run(direct, { ...farm.start, institutionRef: "bank-slow" }));
  const proof = sure(await login(direct, settings, session, { username: "mira" }));
  const linked = sure(await provider.finishLink.run(direct, { state: session.state, proof }));
  sure(await provider.readAccounts.run(direct, { ...linked, products: [] }));
  assert.equal(times["/sittings"], undefined);
  const after = times["/line/accounts"];
  assert.ok(after !== undefined && after > 0 && after < provider.callTime);
});

test("A consent ends on its day, and a login begins it anew", async () => {
  for (const [house, days] of [
    ["bank-consent-3-days", 3],
    ["bank-consent-90-days", 90],
  ] as const) {
    const linked = await farm.link(house);
    const told = async () => sure(await provider.readConnection.run(call, linked));
    const ends = Math.floor(clock.at / 1000) * 1000 + days * DAY;
    assert.equal((await told()).consentExpiresAt, ends);
    clock.at += days * DAY - HOUR;
    sure(await provider.readAccounts.run(call, linked));
    clock.at += HOUR;
    const read = await provider.readAccounts.run(call, linked);
    assert.ok(!read.ok && read.trouble.state === "RECONNECT_REQUIRED/TOKEN_EXPIRED");
    assert.deepEqual(
      (await told()).troubles?.map(({ raw }) => raw.code),
      ["BANK-4012"],
    );
    sure(await farm.repair(linked));
    sure(await provider.readAccounts.run(call, linked));
    assert.deepEqual((await told()).troubles, []);
  }
});

test("Where the customer must be present, reads work in the minutes after a login, and not later", async () => {
  const linked = await farm.link("bank-interactive-refresh");
  sure(await provider.refresh.run(call, linked));
  clock.at += 11 * MINUTE;
  for (const verb of [provider.refresh, provider.readAccounts, provider.readOwners]) {
    const read = await verb.run(call, linked);
    assert.ok(!read.ok && read.trouble.needsCustomer === true && read.trouble.state === null);
  }
  assert.equal(sure(await provider.readConnection.run(call, linked)).interactive, true);
  sure(await farm.repair(linked));
  sure(await provider.readAccounts.run(call, linked));
});

test("What a house lacks, and what the customer was not asked for, is unavailable", async () => {
  const linked = await farm.link("bank-no-identifiers");
  const read = await provider.readIdentifiers.run(call, linked);
  assert.ok(!read.ok);
  const { scope, product, unavailable, raw } = read.trouble;
  assert.deepEqual([scope, product, unavailable, raw.code], ["product", "IDENTIFIERS", true, "BANK-4051"]);
  const stated = sure(await provider.readConnection.run(call, linked));
  assert.deepEqual(stated.unavailable, { IDENTIFIERS: true, INVESTMENT_HOLDINGS: true, INVESTMENT_TRANSACTIONS: true });
  assert.deepEqual(Object.keys(stated.dataAsOf ?? {}), []);
});

test("A refresh reads the bank now, and says so", async () => {
  const linked = await farm.link("bank-wrenfield");
  clock.at += HOUR;
  const { dataAsOf } = sure(await provider.refresh.run(call, linked));
  const now = Math.floor(clock.at / 1000) * 1000;
  assert.deepEqual(dataAsOf, { BALANCES: now, IDENTIFIERS: now, OWNERS: now, TRANSACTIONS: now });
});

test("A wrong key is the application's trouble at every counter but the customer's", async () => {
  const linked = await farm.link();
  const locked = sandbox({ ...settings, key: "another" });
  for (const verb of [locked.readConnection, locked.readAccounts, locked.refresh, locked.remove]) {
    const answer = await verb.run(call, linked);
    assert.ok(!answer.ok && answer.trouble.scope === "application" && answer.trouble.raw.code === "BANK-1001");
  }
  sure(await provider.readAccounts.run(call, linked));
  const session = sure(await provider.startLink.run(call, farm.start));
  sure(await login(call, { ...settings, key: "another" }, session, { username: "mira" }));
});
