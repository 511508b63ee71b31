/** The rules that reads and acts make true, seen from outside: quota, keys, probes, age of data, two weeks, consent. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { fault, gatedGateway, onLine, type Gate, type Reply } from "./gate.ts";
import type { Json, TestGateway } from "./gateway.ts";
import {
  connectionPath,
  cleared,
  deleted,
  eventually,
  linkAt,
  logIn,
  proofOf,
  refreshed,
  repair,
  startRepair,
  timelineOf,
  toldOf,
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

const login = { user: "mira" };
const LOGIN_REQUIRED = "RECONNECT_REQUIRED/LOGIN_REQUIRED";

let customers = 0;
async function link(bank = "Copper Mesa", products?: string[]): Promise<string> {
  const id = await linkAt(gateway, { customer: `customer ${++customers}`, bank, login, ...(products && { products }) });
  await refreshed(gateway, id);
  return id;
}

async function trouble(id: string, state: string): Promise<void> {
  await gateway.good("POST", `/sandbox/connections/${id}/trouble`, { state });
  await gateway.until(id, state as Parameters<TestGateway["until"]>[1]);
}

const get = (id: string): Promise<Json> => gateway.good("GET", connectionPath(id));
const lineOf = async (id: string): Promise<string> => {
  const { serviceProviderDetails } = await get(id);
  return (serviceProviderDetails as { serviceProviderConnectionId: string }).serviceProviderConnectionId;
};

/** What the gateway asks the farm of its lines while `work` goes on. */
async function asked(work: () => Promise<void>): Promise<string[]> {
  const from = gateway.gate.passed.length;
  await work();
  return gateway.gate.passed
    .slice(from)
    .filter(onLine)
    .map(({ counter }) => counter);
}

test("rule 2: what goes wrong in the widget changes no connection and stands in its timeline", async () => {
  const id = await link();
  await trouble(id, LOGIN_REQUIRED);
  // A read that was under way may have met it first: then the one that was asked for comes after it.
  await gateway.good("POST", "/sandbox/clock", { advance: "PT0S" });
  const told = await toldOf(gateway, id);
  const before = await get(id);
  const sitting = await startRepair(gateway, id);
  const page = await sitting.choose();
  assert.equal((await logIn(gateway, page, { user: "mira", password: "wrong" })).status, 403);
  assert.equal((await logIn(gateway, page, { user: "somebody else" })).status, 403, "a repair needs the same customer");

  // Failed: the page hands on something that the farm does not take.
  const failed = await sitting.complete({ slip: "made up" });
  assert.deepEqual([failed.status, failed.body["code"]], [422, "PROVIDER_REFUSED"]);
  const entry = (await timelineOf(gateway, id)).find(({ kind, detail }) => kind === "session" && detail["raw"]);
  assert.equal((entry?.detail["raw"] as Json | undefined)?.["code"], "BANK-2008");
  assert.deepEqual((await sitting.session()).body["failure"], {
    code: "BANK-2008",
    message: "The provider refused the link.",
  });

  // Cancelled: the customer walks away. Late: they come back after the session's four hours, with a good slip.
  const late = await startRepair(gateway, id);
  const proof = await proofOf(gateway, await late.choose(), login);
  await gateway.advance("PT4H");
  const answer = await late.complete(proof);
  assert.deepEqual([answer.status, answer.body["code"]], [410, "SESSION_OVER"]);
  assert.equal((await sitting.complete({ slip: "made up" })).status, 410);
  assert.deepEqual(await toldOf(gateway, id), told);
  const now = await get(id);
  assert.deepEqual([now["stateSince"], now["cause"]], [before["stateSince"], before["cause"]]);

  // Good: the same customer, once more.
  await repair(gateway, id, login);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.deepEqual(await toldOf(gateway, id), [...told, "COMPLETED", "ACTIVE"], "rule 10: completion, and the change");
  await deleted(gateway, id);
});

test("rule 3: a bank's daily limit is no trouble; it says when, and who comes before is told", async () => {
  const id = await link("Four Reads a Day", ["BALANCES", "TRANSACTIONS"]);
  const told = await toldOf(gateway, id);
  await gateway.advance("PT15M");
  let last = await refreshed(gateway, id);
  for (let count = 1; last.outcome === "SUCCEEDED" && count < 6; count += 1) last = await refreshed(gateway, id);
  assert.equal(last.outcome, "NOT_BEFORE");
  const { nextRefreshAllowedAt, cause } = await get(id);
  assert.deepEqual([nextRefreshAllowedAt, cause], [last.notBefore, null]);
  assert.match(String(nextRefreshAllowedAt), /T00:00:00/, "the bank's next day");
  const asks = await asked(async () => {
    const early = await gateway.ask("POST", `${connectionPath(id)}/refresh`, {});
    assert.deepEqual([early.status, early.body["code"]], [429, "TOO_EARLY"]);
    assert.ok(Number(early.headers.get("retry-after")) > 0);
  });
  assert.deepEqual(asks, [], "the bank is not asked again");
  await gateway.advance("P1D");
  assert.deepEqual(await toldOf(gateway, id), told, "not a word to the application");
  assert.equal((await get(id))["nextRefreshAllowedAt"], null);
  await deleted(gateway, id);
});

/** How many are due or under way. */
const readings = async (): Promise<number> =>
  (
    await gateway.sql.query<{ count: number }>(
      `select count(*)::int as count from task where kind = 'aggregate' and (lease_until > now() or run_at <= now() +
         coalesce((select value::text::bigint from setting where name = 'clock-offset'), 0) * interval '1 ms')`,
    )
  ).rows[0]?.count ?? 0;

test("rules 4 and 12: refused keys are one alarm and no reconnection; two days of it lose ACTIVE", async () => {
  const [first, second] = [await link(), await link("Tallgrass")];
  // A refresh that came while a reading began leaves one more behind it; that one must not meet the refusal too.
  await eventually(async () => ((await readings()) === 0 ? true : null), "an end of the readings");
  const told = [await toldOf(gateway, first), await toldOf(gateway, second)];
  gateway.gate.turn = async (passing, pass) => (onLine(passing) ? fault(401, "BANK-1001") : pass());
  for (const id of [first, second]) assert.equal((await refreshed(gateway, id)).outcome, "FAILED");
  const open = async () =>
    (await gateway.sql.query<Json>("select kind, subject, count::int from incident where closed_at is null")).rows;
  assert.deepEqual(await open(), [{ kind: "provider-refuses-us", subject: "SANDBOX", count: 2 }]);
  await gateway.advance("PT46H");
  assert.deepEqual([await toldOf(gateway, first), await toldOf(gateway, second)], told);
  assert.equal((await open()).length, 1);
  await gateway.advance("PT10H");
  assert.deepEqual((await toldOf(gateway, first)).slice(told[0]?.length), ["UNDETERMINED/INTERNAL_ERROR"]);
  // Twenty days of it are still not the bank's failures.
  await gateway.advance("P20D");
  assert.equal(await gateway.stateOf(first), "UNDETERMINED/INTERNAL_ERROR");
  gateway.gate.turn = null;
  await gateway.advance("P1DT4H");
  assert.deepEqual((await toldOf(gateway, first)).slice(told[0]?.length), ["UNDETERMINED/INTERNAL_ERROR", "ACTIVE"]);
  assert.deepEqual(await open(), []);
  await deleted(gateway, first, second);
});

/** The farm goes on answering, and tells nothing newer of these than it did at first. */
function frozen(wants: readonly string[]) {
  const first: Record<string, number> = {};
  const keep = (want: string, told: number) => (wants.includes(want) ? (first[want] ??= told) : told);
  return (reply: Json): Json => {
    const { asof, state } = reply as { asof?: number; state?: { asof: Record<string, number> } };
    const times = Object.entries(state?.asof ?? {}).map(([want, at]) => [want, keep(want, at)]);
    return {
      ...reply,
      ...(asof !== undefined && { asof: keep("TXN", asof) }),
      ...(state && { state: { ...state, asof: Object.fromEntries(times) } }),
    };
  };
}

for (const [wants, state] of [
  [["TXN"], "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS"],
  [["TXN", "BAL"], "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE"],
] as const) {
  test(`rule 12: a provider that brings nothing newer of ${wants.join(" and ")} for two days: ${state}`, async () => {
    const id = await link();
    const freeze = frozen(wants);
    gateway.gate.turn = async (passing, pass) => {
      const { status, body }: Reply = await pass();
      return onLine(passing) && body["reply"]
        ? { status, body: { reply: freeze(body["reply"] as Json) } }
        : { status, body };
    };
    await gateway.advance("PT47H");
    assert.equal(await gateway.stateOf(id), "ACTIVE");
    await gateway.advance("PT14H");
    assert.equal(await gateway.stateOf(id), state);
    gateway.gate.turn = null;
    assert.equal((await refreshed(gateway, id)).outcome, "SUCCEEDED");
    assert.equal(await gateway.stateOf(id), "ACTIVE");
    await deleted(gateway, id);
  });
}

test("rule 8: what only the customer can mend costs one free look a day, and heals by itself", async () => {
  const id = await link();
  await trouble(id, LOGIN_REQUIRED);
  const line = await lineOf(id);
  const told = await toldOf(gateway, id);
  const looks = await asked(() => gateway.advance("P3D"));
  assert.ok(looks.length >= 2 && looks.length <= 4, `${looks.length} looks in three days`);
  assert.deepEqual([...new Set(looks)], ["GET /line"]);
  assert.deepEqual(await toldOf(gateway, id), told, "a bad look is told by nobody, and is no failure");
  await gateway.gate.desk("DELETE", line);
  const reads = await asked(() => gateway.advance("P1DT3H"));
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.ok(reads.includes("GET /line/entries"), "a whole read decided, not the look");
  assert.deepEqual(await toldOf(gateway, id), [...told, "ACTIVE"], "rule 10: a change of status and no completion");
  await deleted(gateway, id);
});

test("rule 8: a bank that stumbles while a mended login is read is asked again soon, not in a day", async () => {
  const id = await link();
  await trouble(id, LOGIN_REQUIRED);
  let stumbles = 0;
  gateway.gate.turn = async (passing, pass) => {
    if (passing.counter !== "GET /line/entries" || stumbles === 1) return pass();
    stumbles += 1;
    return fault(502, "BANK-5001");
  };
  await gateway.gate.desk("DELETE", await lineOf(id));
  // The look of the day is good, and the read that it calls for fails at its last step.
  await gateway.advance("P1DT3H");
  assert.equal(stumbles, 1);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  await deleted(gateway, id);
});

test("rule 8: a bank in trouble is asked less and less often, and never rarer than daily", async () => {
  const id = await link();
  await trouble(id, "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE");
  const reads = async (by: string) =>
    (await asked(() => gateway.advance(by))).filter((one) => one === "GET /line").length;
  const first = await reads("P1D");
  assert.ok(first >= 5 && first <= 9, `${first} reads on the first day`);
  await gateway.advance("P2D");
  const later = await reads("P4D");
  assert.ok(later >= 4 && later <= 6, `${later} reads on four later days`);
  assert.equal(await gateway.stateOf(id), "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE");
  await deleted(gateway, id);
});

test("rule 13: three failures and two weeks, both; what the customer can mend keeps its reason", async () => {
  const [down, locked] = [await link(), await link("Tallgrass")];
  await trouble(down, "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE");
  await trouble(locked, LOGIN_REQUIRED);
  await gateway.advance("P13DT20H");
  assert.equal(await gateway.stateOf(down), "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE");
  await gateway.advance("P1DT6H");
  assert.equal(await gateway.stateOf(down), "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES");
  assert.equal((await gateway.ask("POST", `${connectionPath(down)}/refresh`, {})).status, 409);
  await gateway.advance("P6D");
  assert.equal(await gateway.stateOf(locked), LOGIN_REQUIRED);
  // And it, too, is looked at once a day, and heals.
  await gateway.gate.desk("DELETE", await lineOf(down));
  await gateway.advance("P1DT3H");
  assert.equal(await gateway.stateOf(down), "ACTIVE");
  await deleted(gateway, down, locked);
});

test("rule 14: a short consent warns in its last third, a long one two weeks ahead; its end asks", async () => {
  const long = await link("Ninety Days");
  const { rows } = await gateway.sql.query<{ days: number }>(
    `select extract(epoch from c.wake_at - p.reconnected_at) / 86400 as days from connection c
       join provider_connection p on p.home = c.home and p.id = c.provider_connection_id where c.id = $1`,
    [long],
  );
  assert.equal(Math.round(Number(rows[0]?.days) * 1000) / 1000, 76, "the moment is known from the first day on");
  await deleted(gateway, long);

  const id = await link("Three Days");
  const told = await toldOf(gateway, id);
  await gateway.advance("P1DT23H");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  await gateway.advance("PT2H");
  assert.equal(await gateway.stateOf(id), "ACTIVE/ACCESS_EXPIRING_SOON");
  // Reconnecting in time prevents it: three days more, from now on.
  await repair(gateway, id, login);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  await gateway.advance("P2DT2H");
  assert.equal(await gateway.stateOf(id), "ACTIVE/ACCESS_EXPIRING_SOON");
  await gateway.advance("P1D");
  assert.equal(await gateway.stateOf(id), "RECONNECT_REQUIRED/TOKEN_EXPIRED");
  await repair(gateway, id, login);
  const soon = "ACTIVE/ACCESS_EXPIRING_SOON";
  assert.deepEqual((await toldOf(gateway, id)).slice(told.length), [
    soon,
    "COMPLETED",
    "ACTIVE",
    soon,
    "RECONNECT_REQUIRED/TOKEN_EXPIRED",
    "COMPLETED",
    "ACTIVE",
  ]);
  await deleted(gateway, id);
});

test("rule 14: the end of a consent comes by itself, without a read that tells it", async () => {
  const id = await link("Three Days");
  gateway.gate.turn = async (passing, pass) => (onLine(passing) ? fault(503, "BANK-5031") : pass());
  await gateway.advance("P3DT1H");
  assert.equal(
    await gateway.stateOf(id),
    "RECONNECT_REQUIRED/TOKEN_EXPIRED",
    "the farm was out of order all the while",
  );
  await deleted(gateway, id);
});

test("rule 10: recovery is a change of status; through the widget it is a completion besides", async () => {
  const id = await link();
  const told = await toldOf(gateway, id);
  await trouble(id, LOGIN_REQUIRED);
  await gateway.gate.desk("DELETE", await lineOf(id));
  await refreshed(gateway, id);
  const byItself = [...told, LOGIN_REQUIRED, "ACTIVE"];
  assert.deepEqual(await toldOf(gateway, id), byItself);
  await trouble(id, LOGIN_REQUIRED);
  await repair(gateway, id, login);
  await gateway.until(id, "ACTIVE");
  assert.deepEqual(await toldOf(gateway, id), [...byItself, LOGIN_REQUIRED, "COMPLETED", "ACTIVE"]);
  await deleted(gateway, id);
});
