// What a run did and was told, as its one observation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { observe, type Run, type Told } from "../../src/core/observe.ts";
import type { Product } from "../../src/core/products.ts";
import { fold, type Health, UNSEEN } from "../../src/core/status/health.ts";
import { HOUR } from "../../src/core/status/policy.ts";
import { BEGIN } from "./life.ts";

const at = BEGIN + HOUR;
const raw = { code: "A" };
const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
const PARTIAL = "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS";

/** Two accounts, two products asked for, both read well from the bank; unless told otherwise. */
const run = (other: Partial<Run> = {}): Run => ({
  run: "run 1",
  at,
  kind: "run",
  asked: ["BALANCES", "TRANSACTIONS"],
  listed: ["a1", "a2"],
  listedFrom: "bank",
  read: both("bank"),
  told: [],
  said: {},
  ...other,
});
const both = (source: "bank" | "cache") => [
  { product: "BALANCES" as const, source },
  { product: "TRANSACTIONS" as const, source },
];
const seen = (other?: Partial<Run>, health: Health = UNSEEN) => observe(run(other), health);
const successes = (...told: Told[]) => [...seen({ told }).successes].sort();

test("a good run is a success of every product, of every account and of every account's product", () => {
  assert.deepEqual(successes(), [
    "BALANCES",
    "TRANSACTIONS",
    "a1",
    "a1/BALANCES",
    "a1/TRANSACTIONS",
    "a2",
    "a2/BALANCES",
    "a2/TRANSACTIONS",
  ]);
  assert.deepEqual(seen().troubles, []);
});

test("what is in trouble is no success, and takes no other with it", () => {
  const ofAccount = successes({ scope: "account", accountId: "a1", state: LOGIN, raw });
  assert.deepEqual(ofAccount, ["BALANCES", "TRANSACTIONS", "a2", "a2/BALANCES", "a2/TRANSACTIONS"]);
  const ofProduct = successes({ scope: "product", product: "TRANSACTIONS", state: PARTIAL, raw });
  assert.deepEqual(ofProduct, ["BALANCES", "a1", "a1/BALANCES", "a2", "a2/BALANCES"]);
  const all = successes();
  const ofBoth = successes({ scope: "account", accountId: "a1", product: "BALANCES", state: LOGIN, raw });
  assert.deepEqual(
    ofBoth,
    all.filter((scope) => scope !== "a1/BALANCES"),
  );
});

test("a product that no account could give was not read", () => {
  const whole = ["a1", "a2"].map((accountId): Told => ({ scope: "account", accountId, state: LOGIN, raw }));
  assert.deepEqual(successes(...whole), []);
  const inPart = whole.map((told): Told => ({ ...told, product: "BALANCES" }));
  assert.deepEqual(successes(...inPart), ["TRANSACTIONS", "a1", "a1/TRANSACTIONS", "a2", "a2/TRANSACTIONS"]);
  assert.deepEqual(seen({ listed: [] }).successes, []);
});

test("a list alone is a success of its accounts; without a list there is none of anything", () => {
  assert.deepEqual(seen({ read: [] }).successes, ["a1", "a2"]);
  const { listed, listedFrom, ...unlisted } = run();
  assert.deepEqual([listed?.length, listedFrom, observe(unlisted, UNSEEN).successes], [2, "bank", []]);
});

test("trouble goes to the cell that it is about, and to the connection where it is about nothing smaller", () => {
  const scopes: [Omit<Told, "state" | "raw">, string][] = [
    [{ scope: "connection" }, "*"],
    [{ scope: "provider" }, "*"],
    [{ scope: "request" }, "*"],
    [{ scope: "connection", product: "BALANCES" }, "*"],
    [{ scope: "account", accountId: "a1" }, "a1"],
    [{ scope: "account", accountId: "a1", product: "BALANCES" }, "a1/BALANCES"],
    [{ scope: "product", product: "BALANCES" }, "BALANCES"],
    // Of an account or a product that is not known: then it is not known whose it is not.
    [{ scope: "account", product: "BALANCES" }, "*"],
    [{ scope: "product" }, "*"],
  ];
  for (const [told, scope] of scopes) {
    assert.deepEqual(seen({ told: [{ ...told, state: LOGIN, raw }] }).troubles, [{ scope, state: LOGIN, raw }]);
  }
});

test("what is ours, the session's or the customer's leaves no mark, whatever state comes with it", () => {
  for (const scope of ["application", "quota", "session"] as const) {
    for (const state of [LOGIN, null] as const) assert.deepEqual(seen({ told: [{ scope, state, raw }] }).troubles, []);
  }
  const asked = seen({ told: [{ scope: "connection", state: LOGIN, raw, needsCustomer: true }] });
  assert.deepEqual([asked.troubles, asked.needsCustomer], [[], true]);
});

test("a run that our own side stopped says so, and no other does", () => {
  for (const scope of ["application", "quota", "request"] as const) {
    assert.equal(seen({ told: [{ scope, state: null, raw }] }).ours, true, scope);
  }
  for (const scope of ["connection", "account", "product", "provider", "session"] as const) {
    assert.equal("ours" in seen({ told: [{ scope, state: LOGIN, raw }] }), false, scope);
  }
});

test("a product that is not offered is a statement and no trouble; what is read again is available again", () => {
  const gone: Told = { scope: "product", product: "TRANSACTIONS", state: PARTIAL, raw, unavailable: true };
  const told = seen({ read: both("bank").slice(0, 1), told: [gone] });
  assert.deepEqual([told.unavailable, told.troubles], [{ TRANSACTIONS: true }, []]);
  const after = fold(UNSEEN, told);
  assert.deepEqual(seen({ at: at + 1 }, after).unavailable, { TRANSACTIONS: false });
  assert.equal("unavailable" in seen({ at: at + 1, read: both("bank").slice(0, 1) }, after), false);
  assert.equal("unavailable" in seen(), false, "what was never gone need not come back");
  assert.deepEqual(seen({ said: { unavailable: { OWNERS: true } } }).unavailable, { OWNERS: true });
});

test("data are of the provider's own time, else of the run's", () => {
  assert.deepEqual(seen().dataAsOf, { BALANCES: at, TRANSACTIONS: at });
  const said = { dataAsOf: { BALANCES: 5 } };
  assert.deepEqual(seen({ read: both("cache"), said }).dataAsOf, { BALANCES: 5, TRANSACTIONS: at });
  assert.deepEqual(
    seen({ read: both("bank"), said }).dataAsOf,
    { BALANCES: at, TRANSACTIONS: at },
    "told before it was asked",
  );
  const own = [{ product: "BALANCES", source: "bank", asOf: 6 } as const];
  assert.deepEqual(seen({ read: own, said }).dataAsOf, { BALANCES: 6 }, "the answer's own word");
  assert.deepEqual(seen({ read: [], said: { dataAsOf: { BALANCES: 5 } } }).dataAsOf, {}, "not read: no time");
});

test("a cache beside stated trouble tells no time of its own; the bank does, and so does the provider's word", () => {
  const times = (scope: Told["scope"], source: "bank" | "cache", dataAsOf: Partial<Record<Product, number>> = {}) => {
    const told: Told[] = [{ scope, product: "BALANCES", state: LOGIN, raw }];
    return seen({ read: both(source), said: { dataAsOf }, told }).dataAsOf;
  };
  assert.deepEqual(times("connection", "cache"), {});
  assert.deepEqual(times("connection", "cache", { BALANCES: 5 }), { BALANCES: 5 });
  assert.deepEqual(times("product", "cache"), {}, "nor of a product that it tells no trouble of");
  assert.deepEqual(times("connection", "bank"), { BALANCES: at, TRANSACTIONS: at });
  assert.deepEqual(seen({ read: both("cache") }).dataAsOf, { BALANCES: at, TRANSACTIONS: at }, "where none is stated");
});

test("an attempt that brings nothing newer is a block of the provider's, unless our side stopped it", () => {
  const before = fold(UNSEEN, seen());
  const later = { at: at + HOUR };
  const quota: Told = { scope: "quota", state: null, raw };
  assert.deepEqual(seen(later, before).blocked, { provider: [] });
  assert.deepEqual(seen({ ...later, read: [] }, before).blocked, { provider: ["BALANCES", "TRANSACTIONS"] });
  const stale = { ...later, read: both("cache"), said: { dataAsOf: { BALANCES: at } } };
  assert.deepEqual(seen(stale, before).blocked, { provider: ["BALANCES"] }, "an old time is nothing newer");
  assert.deepEqual(seen({ ...later, read: [], told: [quota] }, before).blocked, { ours: ["BALANCES", "TRANSACTIONS"] });
  const halfway = { ...later, read: both("bank").slice(0, 1), told: [quota] };
  assert.deepEqual(seen(halfway, before).blocked, { ours: ["TRANSACTIONS"] }, "what was read in time was not stopped");
  assert.deepEqual(seen({ read: [] }).blocked, { provider: ["BALANCES", "TRANSACTIONS"] }, "at first too");
});

test("a probe tells troubles and statements, and neither times nor blocks", () => {
  const told: Told[] = [{ scope: "connection", state: LOGIN, raw }];
  const probe = seen({ kind: "probe", read: [], told, said: { interactive: true } });
  assert.deepEqual([probe.kind, probe.troubles.length, probe.interactive], ["probe", 1, true]);
  assert.equal("dataAsOf" in probe || "blocked" in probe, false);
});

test("what was stated is passed on, and what was not is absent", () => {
  const said = { interactive: false, institutionSupported: true, consentExpiresAt: null, newAccounts: false } as const;
  const { interactive, institutionDisabled, consentExpiresAt, newAccounts } = seen({ said });
  assert.deepEqual([interactive, institutionDisabled, consentExpiresAt, newAccounts], [false, false, null, false]);
  const bare = observe({ run: "run 1", at, kind: "probe", asked: [], read: [], told: [], said: {} }, UNSEEN);
  assert.deepEqual(bare, { run: "run 1", at, kind: "probe", successes: [], troubles: [] });
});
