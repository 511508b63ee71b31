/** Design: a repair may make a new provider connection. Ours keeps its id, and so do its accounts and transactions. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { fault, gatedGateway, type Gate } from "./gate.ts";
import type { Answered, Json, TestGateway } from "./gateway.ts";
import {
  type Account,
  accountsOf,
  cleared,
  connectionPath,
  deleted,
  eventsOf,
  eventually,
  linkAt,
  proofOf,
  refreshed,
  repair,
  startRepair,
  timelineOf,
  toldOf,
  transactionsOf,
  type Sitting,
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

const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
const DUPLICATE = "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE";
const WHOLE = ["BALANCES", "IDENTIFIERS", "TRANSACTIONS"];

const link = (customer: string, bank: string, products = WHOLE) =>
  linkAt(gateway, { customer, bank, login: { user: "mira" }, products });
const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const ids = (records: { id: string }[]): string[] => records.map(({ id }) => id).sort();
const lineOf = async (id: string): Promise<string> =>
  String(((await get(id))["serviceProviderDetails"] as Json)["serviceProviderConnectionId"]);
const signposts = async (): Promise<string[]> =>
  (await gateway.sql.query<{ ref: string }>("select ref from signpost order by ref")).rows.map(({ ref }) => ref);
const revoked = () =>
  eventually(async () => {
    const { rows } = await gateway.sql.query("select 1 from task where kind = 'revoke'");
    return rows.length === 0 ? true : null;
  }, "an end of the revocation");
const typesOf = async (id: string, from: number): Promise<string[]> =>
  (await eventsOf(gateway, id)).slice(from).map(({ type }) => type);

async function breaks(id: string): Promise<void> {
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state: LOGIN });
  await gateway.until(id, LOGIN);
}

/** As the bank's customer sees a transaction. What is told of it may be the same of several. */
const seen = (all: Awaited<ReturnType<typeof transactionsOf>>): string[] =>
  all
    .map(({ financialAccountId, amount, description, transactionDate }) =>
      [financialAccountId, transactionDate, amount, description].join(" "),
    )
    .sort();

const completed = async (sitting: Sitting): Promise<Answered> =>
  sitting.complete(await proofOf(gateway, await sitting.choose(), { user: "mira" }));

const answer = (sitting: Sitting, accounts: Json[]): Promise<Answered> =>
  gateway.ask("POST", "/bank-linking/connect/accounts", { accounts }, { authorization: `Bearer ${sitting.token}` });

test("a repair that makes a new link keeps the ids of the connection, its accounts and its transactions", async () => {
  const id = await link("mover", "Moving Ids");
  await refreshed(gateway, id);
  const was = await lineOf(id);
  const accounts = await accountsOf(gateway, id);
  const rows = await transactionsOf(gateway, id);
  assert.ok(accounts.length >= 2 && rows.length > 20);
  assert.ok(
    rows.some(({ status }) => status === "PENDING"),
    "something is pending that may post under yet another id",
  );
  await breaks(id);
  const before = (await eventsOf(gateway, id)).length;
  await repair(gateway, id, { user: "mira" });
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");

  const is = await lineOf(id);
  assert.notEqual(is, was);
  assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
  assert.deepEqual(ids(await transactionsOf(gateway, id)), ids(rows), "nothing doubled, nothing lost");
  assert.deepEqual(seen(await transactionsOf(gateway, id)), seen(rows));
  const told = (await eventsOf(gateway, id)).slice(before).filter(({ type }) => !type.startsWith("BANK_LINKING_"));
  assert.deepEqual(
    told.map(({ type }) => type),
    ["COMPLETED", "STATUS_CHANGE"],
  );
  const types = await typesOf(id, before);
  for (const none of ["BANK_LINKING_ACCOUNTS_ADDED", "BANK_LINKING_ACCOUNTS_REMOVED"])
    assert.ok(!types.includes(none), none);
  assert.ok(!types.includes("BANK_LINKING_HISTORICAL_TRANSACTIONS_AGGREGATED"), "the history is no news");
  const acts = (await timelineOf(gateway, id)).filter(({ detail }) => detail["act"] === "relinked");
  assert.deepEqual(
    acts.map(({ detail }) => detail["accounts"]),
    [{ kept: accounts.length, before: accounts.length, now: accounts.length }],
  );

  await revoked();
  assert.deepEqual(await signposts(), [is], "the way from the old id is gone");
  const closings = gateway.gate.passed.filter(({ counter }) => counter === "POST /line/close");
  assert.equal(closings.length, 1, "the old link was ended at the bank, the new one was not");

  // The history goes on from there: what was pending posts, under ids that nobody here has seen, and ours stay.
  await gateway.advance("P3D");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const later = await transactionsOf(gateway, id);
  const posted = later.filter((one) => rows.some((row) => row.id === one.id && row.status === "PENDING"));
  assert.ok(posted.length > 0 && posted.every(({ status }) => status === "POSTED"), JSON.stringify(posted));
  const purchases = seen(later);
  const fresh = await link("witness", "Moving Ids");
  await refreshed(gateway, fresh);
  assert.equal((await transactionsOf(gateway, fresh)).length > 0, true);
  // The same login, linked by somebody who never had another link, shows the same purchases.
  const bare = (all: string[]) => all.map((one) => one.slice(one.indexOf(" ") + 1)).sort();
  const oldest = (await transactionsOf(gateway, fresh)).map((one) => one.transactionDate).sort()[0] ?? "";
  const within = later.filter(({ transactionDate }) => transactionDate >= oldest);
  assert.deepEqual(bare(seen(within)), bare(seen(await transactionsOf(gateway, fresh))));
  assert.ok(purchases.length >= within.length);

  // And once more: a relinked connection is one like any other.
  await breaks(id);
  await repair(gateway, id, { user: "mira" });
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.deepEqual(ids(await transactionsOf(gateway, id)), ids(later));
  assert.notEqual(await lineOf(id), is);
});

test("what became of transactions while nobody could read them is told once, by the new history", async () => {
  const id = await link("absent", "Moving Ids");
  await refreshed(gateway, id);
  const rows = await transactionsOf(gateway, id);
  await breaks(id);
  await gateway.advance("P6D");
  assert.equal(await gateway.stateOf(id), LOGIN);
  await repair(gateway, id, { user: "mira" });
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const now = await transactionsOf(gateway, id);
  const fresh = await link("another witness", "Moving Ids");
  await refreshed(gateway, fresh);
  const witness = await transactionsOf(gateway, fresh);
  const oldest = witness.map(({ transactionDate }) => transactionDate).sort()[0] ?? "";
  const bare = (all: typeof now) => seen(all).map((one) => one.slice(one.indexOf(" ") + 1));
  const within = now.filter(({ transactionDate }) => transactionDate > oldest);
  assert.deepEqual(
    bare(within).sort(),
    bare(witness.filter(({ transactionDate }) => transactionDate > oldest)).sort(),
    "posted, amended, given back and new: as a newcomer sees it",
  );
  const kept = new Set(rows.map((row) => row.id));
  assert.ok(now.filter((one) => kept.has(one.id)).length > rows.length / 2, "most are those that they were");
  assert.ok(
    now.some(({ transactionDate }) => transactionDate < oldest),
    "what is older than the new link reaches is kept",
  );
});

test("every claim of the customer's moves; another customer's link of the same login is left alone", async () => {
  const [one, two] = [await link("pair", "Moving Ids"), await link("pair", "Moving Ids")];
  const other = await link("neighbour", "Moving Ids");
  for (const id of [two, other]) await refreshed(gateway, id);
  assert.deepEqual(await Promise.all([one, two].map(gateway.stateOf)), [DUPLICATE, "ACTIVE"]);
  const was = await lineOf(one);
  const accounts = ids(await accountsOf(gateway, one));
  const hers = [...ids(await accountsOf(gateway, other)), ...ids(await transactionsOf(gateway, other))];
  // A duplicate may be repaired too, and then it is the one that is kept.
  await breaks(two);
  await repair(gateway, one, { user: "mira" });
  await gateway.until(one, "ACTIVE");
  assert.equal(await gateway.stateOf(two), DUPLICATE);
  assert.equal((await refreshed(gateway, one)).outcome, "SUCCEEDED");
  assert.deepEqual([await lineOf(one), await lineOf(other)], [await lineOf(two), was]);
  assert.notEqual(await lineOf(one), was);
  assert.deepEqual(ids(await accountsOf(gateway, two)), accounts);
  await revoked();
  assert.equal((await signposts()).length, 2, "the old id still leads to the neighbour");
  await gateway.good("DELETE", `/sandbox/connections/${other}/trouble`);
  assert.equal((await refreshed(gateway, other)).outcome, "SUCCEEDED", "and still gives access");
  assert.deepEqual(
    [...ids(await accountsOf(gateway, other)), ...ids(await transactionsOf(gateway, other))],
    hers,
    "no row of hers has changed",
  );
});

test("an account that is gone leaves once, and one that is new comes once", async () => {
  const id = await link("changer", "Changing Accounts");
  await refreshed(gateway, id);
  const before = await accountsOf(gateway, id);
  await breaks(id);
  const from = (await eventsOf(gateway, id)).length;
  await repair(gateway, id, { user: "mira" });
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const after = await accountsOf(gateway, id);
  const left = after.filter(({ status }) => status === "INACTIVE");
  const came = after.filter((one) => !before.some((was) => was.id === one.id));
  assert.deepEqual(
    [left.map(({ name }) => name), came.map(({ name }) => name)],
    [["Growth Savings"], ["Growth Savings 2"]],
  );
  assert.equal(after.length, before.length + 1);
  const told = (await eventsOf(gateway, id)).slice(from);
  const of = (type: string) =>
    told
      .filter((event) => event.type === `BANK_LINKING_ACCOUNTS_${type}`)
      .map(({ payload }) => ids(payload["financialAccounts"] as Account[]));
  assert.deepEqual([of("REMOVED"), of("ADDED")], [[ids(left)], [ids(came)]]);
  assert.equal(await gateway.stateOf(id), "ACTIVE", "an account that left counts in no projection");
});

async function twins(customer: string) {
  const id = await link(customer, "Twin Savings", ["BALANCES", "TRANSACTIONS"]);
  await refreshed(gateway, id);
  const accounts = await accountsOf(gateway, id);
  const rows = await transactionsOf(gateway, id);
  const alike = accounts.filter(({ name }) => name === "Growth Savings");
  assert.deepEqual([accounts.length, alike.length], [3, 2]);
  await breaks(id);
  const sitting = await startRepair(gateway, id);
  const told = await toldOf(gateway, id);
  const { status, body } = await completed(sitting);
  assert.deepEqual([status, body["code"]], [409, "QUESTION_OPEN"]);
  const shown = (await sitting.session()).body;
  const [question, ...others] = shown["questions"] as { before: Account[]; now: (Account & { balance: number })[] }[];
  assert.ok(question);
  assert.deepEqual(others, []);
  return { id, accounts, rows, alike, sitting, told, question };
}

test("two accounts that are alike are asked about, and the answer decides", async () => {
  const { id, accounts, rows, alike, sitting, told, question } = await twins("twin");
  assert.deepEqual([ids(question.before), question.now.length], [ids(alike), 2]);
  assert.deepEqual([await gateway.stateOf(id), await toldOf(gateway, id)], [LOGIN, told], "nothing has changed yet");

  const [first, second] = question.now;
  assert.ok(first && second);
  // The customer knows them by their balances; here the order is turned round on purpose.
  const balanceOf = (account: Account) => Number(account.balances?.currentAmount);
  const same = (now: { balance: number }) =>
    alike.find((one) => Math.abs(balanceOf(one) - now.balance) < 1)?.id ?? "nobody";
  const [one, two] = alike.map((account) => account.id);
  const bad: [accounts: Json[], said: RegExp][] = [
    [[{ now: first.id, before: one }], /has 0 answers/],
    [
      [
        { now: first.id, before: one },
        { now: second.id, before: one },
      ],
      /given twice/,
    ],
    [
      [
        { now: first.id, before: accounts.find(({ name }) => name !== "Growth Savings")?.id },
        { now: second.id, before: two },
      ],
      /was not asked about/,
    ],
    [
      [
        { now: first.id, before: one },
        { now: second.id, before: two },
        { now: "77", before: null },
      ],
      /nothing is asked about now "77"/,
    ],
  ];
  for (const [said, because] of bad) {
    const refused = await answer(sitting, said);
    assert.equal(refused.status, 400, JSON.stringify(refused.body));
    assert.match(String(refused.body["message"]), because);
  }
  const again = await completed(sitting);
  assert.equal(again.status, 409, "asked again, it asks again, and links nothing once more");

  const said = [
    { now: first.id, before: same(first) },
    { now: second.id, before: same(second) },
  ];
  const { status, body } = await answer(sitting, said);
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body["connectionId"], id);
  assert.equal((await answer(sitting, said)).status, 200, "repeated, it answers what it answered");
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
  for (const was of alike) {
    const is = (await accountsOf(gateway, id)).find((account) => account.id === was.id);
    assert.ok(is && Math.abs(balanceOf(is) - balanceOf(was)) < 1, "each is the one that the customer said");
  }
  assert.deepEqual(seen(await transactionsOf(gateway, id)), seen(rows));
  assert.equal((await sitting.session()).body["questions"], null);
});

test("said to be new, an account is new, and the one that nobody chose leaves", async () => {
  const { id, alike, sitting, question } = await twins("twin with a change");
  const [one] = alike;
  const [first, second] = question.now;
  const { status } = await answer(sitting, [
    { now: first?.id, before: null },
    { now: second?.id, before: one?.id },
  ]);
  assert.equal(status, 200);
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  const after = await accountsOf(gateway, id);
  assert.equal(after.length, 4);
  assert.deepEqual(
    ids(after.filter(({ status: how }) => how === "INACTIVE")),
    ids(alike.filter((account) => account.id !== one?.id)),
  );
});

test("a question that nobody answers undoes the new link, and the connection is as it was", async () => {
  const { id, accounts, sitting, told } = await twins("silent twin");
  const was = await lineOf(id);
  await gateway.advance("PT4H1M");
  await revoked();
  assert.deepEqual([await gateway.stateOf(id), await toldOf(gateway, id), await lineOf(id)], [LOGIN, told, was]);
  assert.deepEqual(ids(await accountsOf(gateway, id)), ids(accounts));
  assert.deepEqual(await signposts(), [was]);
  const { body } = await sitting.session();
  assert.deepEqual([body["questions"], (body["failure"] as Json)["code"]], [null, "NO_ANSWER"]);
  const late = await answer(sitting, [{ now: "1", before: null }]);
  assert.deepEqual([late.status, late.body["code"]], [410, "SESSION_OVER"]);
  assert.deepEqual((await gateway.sql.query("select kind from incident where closed_at is null")).rows, []);
});

test("a delete while a question is open ends both links at once", async () => {
  const { id } = await twins("leaving twin");
  await deleted(gateway, id);
  await revoked();
  const left = async () => {
    const sql = "select (select count(*) from session) + (select count(*) from task where kind = 'finish') as left";
    const { rows } = await gateway.sql.query<{ left: string }>(
      `${sql}, (select count(*) from provider_connection where credential is not null) as held`,
    );
    return rows[0]?.left === "0" && (rows[0] as unknown as Json)["held"] === "0" ? true : null;
  };
  await eventually(left, "an end of what was obtained");
  assert.deepEqual(await signposts(), []);
});

test("a new link whose accounts can't be read yet is waited for; of another bank it is undone", async () => {
  const id = await link("patient", "Moving Ids");
  await refreshed(gateway, id);
  const rows = ids(await transactionsOf(gateway, id));
  const was = await lineOf(id);
  await breaks(id);
  const sitting = await startRepair(gateway, id);
  gateway.gate.turn = async ({ counter }, pass) =>
    counter === "GET /line/accounts" ? fault(503, "BANK-5002") : pass();
  const early = await completed(sitting);
  assert.deepEqual([early.status, early.body["code"]], [503, "PROVIDER_UNAVAILABLE"]);
  assert.equal(await gateway.stateOf(id), LOGIN);
  gateway.gate.turn = null;
  await gateway.advance("PT15M");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.notEqual(await lineOf(id), was);
  await refreshed(gateway, id);
  assert.deepEqual(
    ids(await transactionsOf(gateway, id)).filter((one) => rows.includes(one)),
    rows,
  );

  await breaks(id);
  const is = await lineOf(id);
  gateway.gate.turn = async ({ counter }, pass) => {
    const reply = await pass();
    if (counter !== "POST /slips/trade") return reply;
    const told = reply.body["reply"] as Json;
    return { ...reply, body: { reply: { ...told, house: { id: "bank-slow", name: "Slow Bank" } } } };
  };
  const strange = await completed(await startRepair(gateway, id));
  assert.deepEqual([strange.status, strange.body["code"]], [422, "PROVIDER_REFUSED"]);
  assert.match(String(strange.body["message"]), /ANOTHER_INSTITUTION/);
  await revoked();
  assert.deepEqual([await gateway.stateOf(id), await lineOf(id), await signposts()], [LOGIN, is, [is]]);
});

test("a repair that ends in a login which is linked besides moves to that, and doubles nothing", async () => {
  const id = await link("both", "Moving Ids");
  await refreshed(gateway, id);
  const mine = await accountsOf(gateway, id);
  const besides = await linkAt(gateway, {
    customer: "both",
    bank: "Moving Ids",
    login: { user: "jonas" },
    products: WHOLE,
  });
  await refreshed(gateway, besides);
  const line = await lineOf(besides);
  const theirs = ids(await accountsOf(gateway, besides));
  const grant = gateway.gate.passed.findLast(({ counter }) => counter === "GET /line/accounts")?.headers["x-grant"];
  await breaks(id);
  const from = (await eventsOf(gateway, id)).length;
  gateway.gate.turn = async ({ counter }, pass) => {
    const reply = await pass();
    if (counter !== "POST /slips/trade") return reply;
    return { ...reply, body: { reply: { ...(reply.body["reply"] as Json), line, grant } } };
  };
  assert.equal((await completed(await startRepair(gateway, id))).status, 200);
  gateway.gate.turn = null;
  assert.deepEqual([await gateway.stateOf(id), await gateway.stateOf(besides)], ["ACTIVE", DUPLICATE]);
  assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
  assert.equal(await lineOf(id), line);
  const all = await accountsOf(gateway, id);
  assert.deepEqual(ids(all.filter(({ status }) => status === "ACTIVE")), theirs);
  assert.deepEqual(ids(all.filter(({ status }) => status === "INACTIVE")), ids(mine));
  const told = (await eventsOf(gateway, id)).slice(from);
  const removed = told.filter(({ type }) => type === "BANK_LINKING_ACCOUNTS_REMOVED");
  assert.deepEqual(
    removed.map(({ payload }) => ids(payload["financialAccounts"] as Account[])),
    [ids(mine)],
  );
  await revoked();
  assert.deepEqual(await signposts(), [line]);
});
