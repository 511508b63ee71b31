// The habits of the farm's books: what is told, when, and once.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { TransactionFact } from "../../../src/core/transaction.ts";
import type { TransactionPage } from "../../../src/providers/provider.ts";
import { DAY, HOUR } from "../../../src/core/status/policy.ts";
import { heal, trouble } from "../../../src/providers/sandbox/control.ts";
import { mount, sure, walk } from "./mount.ts";
import type { Mounted } from "./mount.ts";

const farm = await mount();
const { call, provider, settings, clock } = farm;
after(() => farm.close());

/** A keeper of books as naive as can be: it does what the pages say, and complains of what they should not say. */
function keeper() {
  const kept = new Map<string, TransactionFact>();
  const log = { promoted: 0, modified: 0, released: 0 };
  return {
    kept,
    log,
    take(page: TransactionPage) {
      for (const fact of page.added) {
        assert.ok(!kept.has(fact.ref), `${fact.ref} was added twice`);
        kept.set(fact.ref, fact);
      }
      for (const fact of page.modified) {
        assert.ok(kept.has(fact.ref), `${fact.ref} was changed before it was added`);
        kept.set(fact.ref, fact);
        log.modified += 1;
      }
      for (const ref of page.removed) {
        assert.ok(kept.delete(ref), `${ref} was removed before it was added`);
        if (page.added.some(({ pendingRef }) => pendingRef === ref)) log.promoted += 1;
        else log.released += 1;
      }
    },
  };
}

const sorted = (facts: Iterable<TransactionFact>) => [...facts].sort((a, b) => (a.ref < b.ref ? -1 : 1));

async function whole(one: Mounted, credential: string) {
  return sorted((await walk(one, credential, null)).added);
}

test("Whoever follows the cursor has, after six weeks, what a first reader is told then", async () => {
  const linked = await farm.link("bank-copper-mesa", { username: "follower" });
  const book = keeper();
  let cursor: string | null = null;
  for (let step = 0; step < 60; step += 1) {
    const read = await walk(farm, linked.credential, cursor);
    read.pages.forEach(book.take);
    cursor = read.cursor;
    clock.at += 17 * HOUR;
  }
  const last = await walk(farm, linked.credential, cursor);
  last.pages.forEach(book.take);
  assert.deepEqual(sorted(book.kept.values()), await whole(farm, linked.credential));
  assert.ok(book.log.promoted > 20 && book.log.modified > 0 && book.log.released > 0, JSON.stringify(book.log));
});

test("A pending purchase is posted a day or two later under a new id that names the old one", async () => {
  const linked = await farm.link("bank-copper-mesa", { username: "pending" });
  const first = await walk(farm, linked.credential, null);
  const pending = first.added.filter(({ status }) => status === "PENDING");
  assert.ok(pending.length > 0);
  assert.ok(pending.every(({ postedDate, pendingRef }) => postedDate === null && pendingRef === undefined));
  clock.at += 2 * DAY + HOUR;
  const later = await walk(farm, linked.credential, first.cursor);
  const gone = later.pages.flatMap(({ removed }) => removed);
  assert.ok(pending.every(({ ref }) => gone.includes(ref)));
  const posted = later.added.filter(({ pendingRef }) => pending.some(({ ref }) => ref === pendingRef));
  assert.ok(posted.length > 0);
  for (const one of posted) {
    const before = pending.find(({ ref }) => ref === one.pendingRef);
    assert.ok(before !== undefined && one.ref !== before.ref && one.status === "POSTED" && one.postedDate !== null);
    assert.deepEqual([one.amount, one.transactionDate], [before.amount, before.transactionDate]);
  }
});

test("Equal purchases are two: nothing but the id tells them apart", async () => {
  const linked = await farm.link("bank-equal-purchases");
  const seen = new Map<string, string[]>();
  for (const { ref, pendingRef: _, ...fact } of (await walk(farm, linked.credential, null)).added) {
    const looks = JSON.stringify(fact);
    seen.set(looks, [...(seen.get(looks) ?? []), ref]);
  }
  const twins = [...seen.values()].filter(({ length }) => length === 2);
  assert.ok(twins.length >= 20, `${twins.length} pairs in 90 days`);
  assert.ok(twins.every(([one, other]) => one !== other));
});

test("The pages of a walk stand still while the clock moves, and the same cursor tells the same", async () => {
  const linked = await farm.link("bank-copper-mesa", { username: "pages" });
  const first = sure(await provider.readTransactions.run(call, { ...linked, cursor: null }));
  assert.ok(first.more);
  const second = sure(await provider.readTransactions.run(call, { ...linked, cursor: first.cursor }));
  clock.at += 3 * DAY;
  const again = sure(await provider.readTransactions.run(call, { ...linked, cursor: first.cursor }));
  assert.deepEqual(again, second);
});

test("An old cursor works for ever", async () => {
  const linked = await farm.link("bank-copper-mesa", { username: "old" });
  const { pages, cursor } = await walk(farm, linked.credential, null);
  const book = keeper();
  pages.forEach(book.take);
  clock.at += 400 * DAY;
  (await walk(farm, linked.credential, cursor)).pages.forEach(book.take);
  assert.deepEqual(sorted(book.kept.values()), await whole(farm, linked.credential));
});

test("The seed, the bank and the name make the data; a restart changes nothing", async () => {
  const linked = await farm.link("bank-lantern-harbor");
  const before = await whole(farm, linked.credential);
  const books = [];
  for (const seed of ["one", "one", "two"]) {
    const other = await mount({ seed, clock: { now: () => clock.at } });
    const again = await other.link("bank-lantern-harbor");
    books.push(JSON.stringify(await whole(other, again.credential)));
    await other.close();
  }
  assert.deepEqual(
    books.map((book) => book === JSON.stringify(before)),
    [true, true, false],
  );
  const stranger = await farm.link("bank-lantern-harbor", { username: "jon" });
  assert.notDeepEqual(await whole(farm, stranger.credential), before);
});

test("Money leaves as a positive amount, and what is owed is positive", async () => {
  // One login in three has all four kinds of account.
  let linked = await farm.link();
  let { accounts } = sure(await provider.readAccounts.run(call, linked));
  for (let name = 0; accounts.length < 4; name += 1) {
    linked = await farm.link("bank-copper-mesa", { username: `rich ${name}` });
    accounts = sure(await provider.readAccounts.run(call, linked)).accounts;
  }
  assert.deepEqual(
    accounts.map(({ type }) => type),
    ["DEPOSITORY", "DEPOSITORY", "CREDIT", "LOAN"],
  );
  for (const { balances, ref } of accounts) assert.match(String(balances?.current), /^\d+\.\d\d$/, ref);
  const { added } = await walk(farm, linked.credential, null);
  assert.ok(added.some(({ amount, category }) => amount.startsWith("-") && category === "INCOME"));
  const eaten = added.filter(({ category }) => category === "FOOD_AND_DRINK");
  assert.ok(eaten.length > 10 && eaten.every(({ amount }) => !amount.startsWith("-")));
});

test("The books of an account in trouble wait, and lose nothing", async () => {
  const linked = await farm.link("bank-copper-mesa", { username: "waits" });
  const book = keeper();
  let cursor: string | null = null;
  const follow = async () => {
    const read = await walk(farm, linked.credential, cursor);
    read.pages.forEach(book.take);
    cursor = read.cursor;
  };
  await follow();
  const { accounts } = sure(await provider.readAccounts.run(call, linked));
  const accountRefs = accounts.slice(0, 1).map(({ ref }) => ref);
  const state = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";
  sure(await trouble(call, settings, linked.ref, { state, accountRefs, linkedAt: clock.at, now: clock.at }));
  for (let days = 0; days < 12; days += 2) {
    clock.at += 2 * DAY;
    await follow();
  }
  sure(await heal(call, settings, linked.ref));
  await follow();
  assert.deepEqual(sorted(book.kept.values()), await whole(farm, linked.credential));
});

test("An account that appears is announced, joins with the next login, and brings its history", async () => {
  const linked = await farm.link("bank-accounts-appear");
  const read = async () => sure(await provider.readAccounts.run(call, linked));
  const before = await read();
  const { cursor } = await walk(farm, linked.credential, null);
  clock.at += 3 * DAY;
  const after = await read();
  assert.deepEqual([before.statements.newAccounts, after.statements.newAccounts], [false, true]);
  assert.equal(after.accounts.length, before.accounts.length);
  sure(await farm.repair(linked));
  const joined = await read();
  assert.equal(joined.statements.newAccounts, false);
  const known = before.accounts.map(({ ref }) => ref);
  const [fresh, ...more] = joined.accounts.filter(({ ref }) => !known.includes(ref));
  assert.ok(fresh !== undefined && more.length === 0);
  const { added } = await walk(farm, linked.credential, cursor);
  assert.ok(added.filter(({ accountRef }) => accountRef === fresh.ref).length >= 2, "interest of three months");
});

test("Pages that move while they are turned say so once a day, and the walk begins again", async () => {
  const linked = await farm.link("bank-shifting-pages");
  const first = sure(await provider.readTransactions.run(call, { ...linked, cursor: null }));
  const moved = await provider.readTransactions.run(call, { ...linked, cursor: first.cursor });
  assert.ok(!moved.ok && moved.trouble.restart === true && moved.trouble.state === null);
  assert.ok((await whole(farm, linked.credential)).length > 100);
});

test("A cursor that is none is our bad request", async () => {
  const linked = await farm.link();
  const read = await provider.readTransactions.run(call, { ...linked, cursor: "nonsense" });
  assert.ok(!read.ok && read.trouble.scope === "request" && read.trouble.raw.code === "BANK-1103");
});
