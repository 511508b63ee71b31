// What becomes of a link at each house, and of a trouble that is set and healed.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { State } from "../../../src/core/status/table.ts";
import { STATES } from "../../../src/core/status/table.ts";
import { DAY, HOUR } from "../../../src/core/status/policy.ts";
import { transportTrouble } from "../../../src/providers/reading.ts";
import { customerOf, FIRST_BANK, heal, RIGHT, trouble } from "../../../src/providers/sandbox/control.ts";
import { ANSWER, BANKS, PASSWORD } from "../../../src/providers/sandbox/farm/banks.ts";
import { BANK_ROWS, TROUBLES } from "../../../src/providers/sandbox/farm/troubles.ts";
import type { BankRow } from "../../../src/providers/sandbox/farm/troubles.ts";
import { mount, sure } from "./mount.ts";

const farm = await mount();
const { call, provider, settings, clock } = farm;
after(() => farm.close());

type Held = Awaited<ReturnType<typeof farm.link>>;

/** How the bank's misbehaviour shows in one read of the accounts, or in what is stated with it. */
const SHOWS: Record<BankRow, string> = {
  "ACTIVE/ACCESS_EXPIRING_SOON": "good, consent ends",
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": "good, more accounts",
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": "good, account PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS",
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": "DEGRADED/INSTITUTION_ACTION_REQUIRED",
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  "DEGRADED/INTERACTIVE_REFRESH": "needs customer",
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": "RECONNECT_REQUIRED/LOGIN_REQUIRED",
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": "RECONNECT_REQUIRED/REPAIRING_INSTITUTION",
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": "RECONNECT_REQUIRED/TOKEN_EXPIRED",
  "RECONNECT_REQUIRED/OTHER": "RECONNECT_REQUIRED/OTHER",
  // Three of these and two weeks are the gateway's to count.
  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE",
  "UNRECOVERABLE/INSTITUTION_DISABLED": "UNRECOVERABLE/INSTITUTION_DISABLED",
  "UNRECOVERABLE/OTHER": "UNRECOVERABLE/OTHER",
  "UNDETERMINED/AGGREGATION_TIMEOUT": "UNDETERMINED/AGGREGATION_TIMEOUT",
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET",
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE",
  "UNDETERMINED/INTERNAL_ERROR": "UNDETERMINED/INTERNAL_ERROR",
};

async function shown(held: Held): Promise<string> {
  // The customer has left the bank's page.
  clock.at += 11 * 60_000;
  const impatient = new AbortController();
  const leave = farm.nextHeld().then(() => impatient.abort());
  const reading = provider.readAccounts.run(
    { ...call, fetch: (url, init) => fetch(url, { ...init, signal: impatient.signal }) },
    held,
  );
  const read = await Promise.race([reading, leave.then(() => reading)]).catch((thrown: unknown) => ({
    ok: false as const,
    trouble: transportTrouble(thrown),
  }));
  if (!read.ok) return read.trouble?.needsCustomer ? "needs customer" : String(read.trouble?.state);
  const { consentExpiresAt, newAccounts, interactive, troubles = [] } = read.facts.statements;
  const stated = [
    consentExpiresAt != null && "consent ends",
    newAccounts === true && "more accounts",
    interactive === true && "interactive",
    ...troubles.map(({ scope, state }) => `${scope} ${state}`),
  ];
  return ["good", ...stated.filter((one) => one !== false)].join(", ");
}

test("There is a house for every row that a bank can cause, and every house says what it is for", () => {
  const causable = STATES.filter((state) => state in SHOWS);
  assert.deepEqual([...BANK_ROWS].sort(), [...causable].sort());
  assert.deepEqual(
    BANKS.flatMap(({ habits }) => habits.row ?? []),
    BANK_ROWS,
  );
  assert.equal(new Set(BANKS.map(({ id }) => id)).size, BANKS.length);
  assert.ok(BANKS.some(({ id, name }) => id === "bank-login-required" && name === "Login Required Bank"));
});

test("What the player of customers types is what the banks take", () => {
  assert.deepEqual(RIGHT, { password: PASSWORD, mfa: ANSWER });
  assert.equal(BANKS[0]?.id, FIRST_BANK);
});

for (const row of BANK_ROWS) {
  test(`The house of ${row} leads there, and a login mends what a login can`, async () => {
    const house = BANKS.find(({ habits }) => habits.row === row);
    assert.ok(house);
    const held = await farm.link(house.id);
    assert.equal(await shown(held), SHOWS[row]);
    sure(await farm.repair(held));
    assert.equal(await shown(held), TROUBLES[row].heals === "login" ? "good" : SHOWS[row]);
  });

  test(`${row} set on a good line shows, and healed it is gone`, async () => {
    const held = await farm.link("bank-tallgrass", { username: row });
    const before = await shown(held);
    sure(await trouble(call, settings, held.ref, { state: row, linkedAt: clock.at, now: clock.at }));
    assert.deepEqual([before, await shown(held)], ["good", SHOWS[row]]);
    sure(await heal(call, settings, held.ref));
    assert.equal(await shown(held), "good");
  });
}

test("A trouble of some accounts is theirs alone, in the list and in the books", async () => {
  const held = await farm.link("bank-tallgrass", { username: "some" });
  const { accounts } = sure(await provider.readAccounts.run(call, held));
  const [one] = accounts;
  assert.ok(one);
  const wanted = { accountRefs: [one.ref], linkedAt: clock.at, now: clock.at };
  for (const row of BANK_ROWS) {
    const set = await trouble(call, settings, held.ref, { ...wanted, state: row });
    const whole = /EXPIRING|NEW_ACCOUNTS|INTERACTIVE/.test(row);
    assert.equal(set.ok, !whole, row);
    if (!set.ok) {
      assert.deepEqual([set.trouble.scope, set.trouble.raw.code], ["request", "BANK-1101"]);
      continue;
    }
    const read = sure(await provider.readAccounts.run(call, held));
    assert.equal(read.accounts.length, accounts.length);
    assert.deepEqual(
      read.accounts.filter(({ balances }) => balances === undefined).map(({ ref }) => ref),
      [one.ref],
    );
    const page = sure(await provider.readTransactions.run(call, { ...held, cursor: null }));
    assert.ok(page.added.every(({ accountRef }) => accountRef !== one.ref));
    for (const { troubles } of [read.statements, page.statements]) {
      assert.deepEqual(
        troubles?.map(({ scope, accountRef }) => [scope, accountRef]),
        [["account", one.ref]],
      );
      const state: State = row.includes("CONTINUED") ? "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE" : row;
      assert.equal(troubles?.[0]?.state, state);
    }
  }
});

test("Whose login a connection is can be asked for, so that it can be linked once more", async () => {
  const held = await farm.link("bank-tallgrass", { username: "twice" });
  const { username } = sure(await customerOf(call, settings, held.ref));
  const twin = await farm.link("bank-tallgrass", { username });
  assert.deepEqual([username, twin.ref], ["twice", held.ref]);
  const unknown = await customerOf(call, settings, "ln_nobody");
  assert.ok(!unknown.ok && unknown.trouble.gone === true);
});

test("What no bank can cause, and accounts that are not there, are refused by name", async () => {
  const held = await farm.link("bank-tallgrass", { username: "none" });
  const refusals = [];
  for (const wanted of [{ state: "DELETED" }, { state: "RECONNECT_REQUIRED/OTHER", accountRefs: ["ac_no"] }] as const) {
    const set = await trouble(call, settings, held.ref, { ...wanted, linkedAt: clock.at, now: clock.at });
    refusals.push(set.ok ? "set" : set.trouble.raw.message);
  }
  assert.deepEqual(refusals, ["row: DELETED can be caused by no bank.", "accounts: ac_no is none of this line's."]);
});

test("An end of consent is set where the next read finds it near, or says how far the clock has to go", async () => {
  const held = await farm.link("bank-tallgrass", { username: "ends" });
  const ages = [
    [0, "clock", "P2DT1H"],
    [HOUR, "clock", "P2DT1H"],
    [90 * DAY, "read", undefined],
  ] as const;
  for (const [age, reachedBy, advance] of ages) {
    const linkedAt = clock.at - age;
    const wanted = { state: "ACTIVE/ACCESS_EXPIRING_SOON", linkedAt, now: clock.at } as const;
    const reached = sure(await trouble(call, settings, held.ref, wanted));
    assert.deepEqual(reached, advance === undefined ? { reachedBy } : { reachedBy, advance });
    const { consentExpiresAt } = sure(await provider.readConnection.run(call, held));
    assert.ok(consentExpiresAt != null);
    const left = consentExpiresAt - clock.at - (reachedBy === "clock" ? 49 * HOUR : 0);
    assert.ok(left > HOUR && left < Math.min(14 * DAY, (consentExpiresAt - linkedAt) / 3), `${left}`);
  }
  const wanted = { state: "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES", linkedAt: clock.at, now: clock.at } as const;
  assert.deepEqual(sure(await trouble(call, settings, held.ref, wanted)), { reachedBy: "clock", advance: "P16D" });
});
