/** Accounts and transactions over days: what the gateway lists is what the bank's books say, under ids that stay. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { dayOf } from "../../src/providers/sandbox/farm/days.ts";
import type { Entry } from "../../src/providers/sandbox/farm/entries.ts";
import { startGateway, type TestGateway } from "./gateway.ts";
import { booksAt } from "./books.ts";
import { asOf, DAY, idsOf, lineOf, listIsTrue, ownerOf, purchaseOf } from "./truth.ts";
import { accountsOf, deleted, linkAt, refreshed, repair, toldOf, transactionsOf, type Transaction } from "./walk.ts";

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway.stop());

const DAYS = 10;

/** What becomes of the purchases that stand at one moment, some days later. */
function fates(house: string, user: string, now: number) {
  const owner = ownerOf(house, user);
  const books = (at: number) =>
    new Map(booksAt(owner, [0, 1], dayOf(now) - 9, at).map((one) => [purchaseOf(one.no), one]));
  const [today, later] = [books(now), books(now + (DAYS - 1) * DAY)];
  const of = (is: (then: Entry, now: Entry | undefined) => boolean) =>
    [...today].filter(([purchase, entry]) => is(entry, later.get(purchase))).map(([purchase]) => purchase);
  return {
    posted: of((then, now) => !then.booked && now?.booked === true),
    amended: of((then, now) => now !== undefined && now.minor !== then.minor),
    letGo: of((then, now) => !then.booked && now === undefined),
    givenBack: of((then, now) => then.booked && now === undefined),
  };
}

/** A customer to whom, from now on, everything happens that can. What happens to whom depends on the day. */
function eventful(house: string, now: number): string {
  for (let number = 1; number < 10_000; number += 1) {
    const user = `mira ${number}`;
    // Two hours on either side: the link is later than this look, and the end is no whole day.
    const looks = [now, now + DAY / 12].map((at) => Object.values(fates(house, user, at)));
    if (looks.every((found) => found.every((purchases) => purchases.length > 0))) return user;
  }
  return assert.fail("no customer of the farm has an eventful week");
}

test("ten days: pending keeps its id, amended changes, removed goes, and the list is the books", async () => {
  const house = "bank-copper-mesa";
  const user = eventful(house, Date.now());
  const id = await linkAt(gateway, { customer: "ten days", bank: "Copper Mesa", login: { user } });
  await refreshed(gateway, id);
  const { posted, amended, letGo, givenBack } = fates(house, user, await asOf(gateway, id));
  const byId = async () => new Map((await transactionsOf(gateway, id)).map((one) => [one.id, one]));
  const before = await byId();
  const known = await idsOf(gateway, id);
  const ids = new Map(known);

  for (let day = 1; day <= DAYS; day += 1) {
    await gateway.advance("P1D");
    await listIsTrue(gateway, id);
    for (const [purchase, now] of await idsOf(gateway, id)) {
      assert.equal(now, ids.get(purchase) ?? now, `${purchase} changed its id on day ${day}`);
      ids.set(purchase, now);
    }
  }
  const now = await byId();
  assert.ok(ids.size > known.size, "new purchases came");
  const of = (purchases: string[]) => {
    assert.ok(purchases.length > 0);
    return purchases.map((purchase) => known.get(purchase) ?? assert.fail(`${purchase} was never listed`));
  };
  const both = (one: string): [Transaction, Transaction] => {
    const [then, today] = [before.get(one), now.get(one)];
    assert.ok(then && today);
    return [then, today];
  };
  for (const one of of(posted))
    assert.deepEqual(
      both(one).map(({ status }) => status),
      ["PENDING", "POSTED"],
    );
  for (const one of of(amended)) {
    const [then, today] = both(one);
    assert.equal(Math.round((Number(today.amount) - Number(then.amount)) * 100), 200);
    assert.notEqual(today.description, then.description);
  }
  for (const one of of([...letGo, ...givenBack])) {
    assert.deepEqual([before.has(one), now.has(one)], [true, false], "listed, and taken back");
  }
  assert.deepEqual(await toldOf(gateway, id), ["COMPLETED", "ACTIVE"]);
  await deleted(gateway, id);
});

test("two equal purchases stay two, day after day", async () => {
  const id = await linkAt(gateway, { customer: "twins", bank: "Equal Purchases", login: { user: "mira" } });
  await gateway.advance("P4D");
  await listIsTrue(gateway, id);
  const seen = new Map<string, string[]>();
  for (const t of await transactionsOf(gateway, id)) {
    const look = JSON.stringify([t.financialAccountId, t.amount, t.description, t.status, t.transactionDate]);
    seen.set(look, [...(seen.get(look) ?? []), t.id]);
  }
  const twins = [...seen.values()].filter((ids) => ids.length > 1);
  assert.ok(twins.length > 10, `${twins.length} pairs`);
  assert.ok(twins.every((ids) => new Set(ids).size === ids.length));
  await deleted(gateway, id);
});

for (const [bank, why] of [
  ["Shifting Pages", "whose pages move while they are turned"],
  ["Flaky", "that fails every seventh read"],
] as const) {
  test(`a bank ${why} is told whole and once`, async () => {
    const id = await linkAt(gateway, { customer: bank, bank, login: { user: "mira" } });
    await gateway.advance("P3D");
    const read = async (): Promise<void> => {
      if ((await refreshed(gateway, id)).outcome !== "SUCCEEDED") await read();
    };
    await read();
    assert.ok((await listIsTrue(gateway, id)) > 100);
    await idsOf(gateway, id);
    await deleted(gateway, id);
  });
}

test("an account that appears is announced, added by a repair, and leaves the others' ids alone", async () => {
  const login = { user: "mira" };
  const id = await linkAt(gateway, { customer: "appears", bank: "Accounts Appear", login });
  await refreshed(gateway, id);
  const before = (await accountsOf(gateway, id)).map((account) => account.id).sort();
  const rows = await idsOf(gateway, id);
  await gateway.advance("P2D");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  await gateway.advance("P1DT8H");
  assert.equal(await gateway.stateOf(id), "ACTIVE/NEW_ACCOUNTS_AVAILABLE");
  assert.equal((await accountsOf(gateway, id)).length, before.length, "told, and not taken");
  await repair(gateway, id, login);
  await gateway.until(id, "ACTIVE");
  await refreshed(gateway, id);
  const now = await accountsOf(gateway, id);
  const added = now.filter((account) => !before.includes(account.id));
  assert.deepEqual([now.length, added.length], [before.length + 1, 1]);
  assert.ok(added[0]?.balances);
  const kept = await idsOf(gateway, id);
  for (const [purchase, was] of rows) assert.equal(kept.get(purchase), was);
  await listIsTrue(gateway, id);
  assert.equal(await gateway.stateOf(id), "ACTIVE", "the announcement is over");
  assert.deepEqual((await toldOf(gateway, id)).slice(2), ["ACTIVE/NEW_ACCOUNTS_AVAILABLE", "COMPLETED", "ACTIVE"]);
  await deleted(gateway, id);
});

test("an account that leaves keeps its id and its rows, and is itself again when it comes back", async () => {
  const user = "mira";
  const id = await linkAt(gateway, { customer: "leaves", bank: "Choose Your Accounts", login: { user } });
  await refreshed(gateway, id);
  const before = await accountsOf(gateway, id);
  const rows = new Set((await transactionsOf(gateway, id)).map((one) => one.id));
  const share = async (accounts?: number) => {
    const state = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
    await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state });
    await gateway.until(id, state);
    await repair(gateway, id, { user, ...(accounts && { accounts }) });
    await gateway.until(id, "ACTIVE");
    assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  };
  await share(1);
  const { picked } = await lineOf(gateway, id);
  assert.equal(picked.length, 1);
  const left = await accountsOf(gateway, id);
  assert.deepEqual(left.map((account) => account.id).sort(), before.map((account) => account.id).sort());
  assert.deepEqual(left.filter(({ status }) => status === "ACTIVE").length, 1);
  assert.equal(await gateway.stateOf(id), "ACTIVE", "what left is no trouble");
  const still = new Set((await transactionsOf(gateway, id)).map((one) => one.id));
  assert.deepEqual(
    [...rows].filter((one) => !still.has(one)),
    [],
  );

  await share();
  const back = await accountsOf(gateway, id);
  assert.deepEqual(
    back.map(({ id: own, name, status }) => [own, name, status].join(" · ")).sort(),
    before.map(({ id: own, name, status }) => [own, name, status].join(" · ")).sort(),
  );
  await listIsTrue(gateway, id);
  assert.ok(back.every((account) => account["historicalAggregationSucceeded"] === true));
  await deleted(gateway, id);
});
