// The demo's made-up customers: one in each row at least, by way of banks alone, and alive afterwards.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { STATES, type State } from "../../src/core/status/table.ts";
import { runDemo } from "../../src/command/demo.ts";
import { realDoor } from "../../src/door.ts";
import { type Json, startGateway, type TestGateway } from "./gateway.ts";

const LIVES = 30;
const MARK = { "x-bowline-operator": "1" };

let gateway: TestGateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway.stop());

const demo = (to: TestGateway, more: Record<string, string> = {}) => {
  const { port } = new URL(to.url);
  const lines: string[] = [];
  const config = readConfig({ BOWLINE_PORT: port, BOWLINE_API_KEY: to.key, ...more });
  return { lines, ran: runDemo(config, realDoor(), (text) => lines.push(text), LIVES) };
};

const all = async (): Promise<Json[]> =>
  (await gateway.good("GET", "/bank-linking/connections?limit=100"))["connections"] as Json[];
const nameOf = ({ status, statusReason }: Json) => [status, statusReason].filter(Boolean).join("/") as State;

test("It fills every row of the table, shows how far it is, and the second time changes nothing", async () => {
  const { lines, ran } = demo(gateway);
  assert.equal((await ran).played, LIVES);
  assert.ok(
    lines.some((line) => line.endsWith(`${LIVES} of ${LIVES}`)),
    "it shows how far it is",
  );
  const states = (await all()).map(nameOf);
  assert.deepEqual(
    STATES.filter((state) => !states.includes(state)),
    [],
  );
  assert.equal((await demo(gateway).ran).played, 0);
  assert.equal((await all()).length, states.length);
});

test("Each has a history that led to where it stands: its moves follow each other in time", async () => {
  const { rows } = await gateway.sql.query<{
    id: string;
    state: State;
    moves: { from: State; to: State }[];
    apart: number;
  }>(
    `select c.id, c.state, jsonb_agg(l.detail order by l.at, e.sequence) as moves,
            extract(epoch from now() - min(l.at)) as apart
       from connection c
       join timeline l on l.home = c.home and l.subject = c.id and l.kind = 'state'
       join event e on e.home = c.home and e.connection_id = c.id and e.at = l.at
        and e.type = 'BANK_LINKING_CONNECTION_STATUS_CHANGE' group by c.home, c.id, c.state`,
  );
  assert.ok(rows.length > 20);
  for (const { id, state, moves } of rows) {
    // A deletion erases what was before it.
    if (state !== "DELETED") assert.equal(moves[0]?.from, "IN_PROGRESS", id);
    for (const [i, move] of moves.entries()) if (i > 0) assert.equal(move.from, moves[i - 1]?.to, id);
    assert.equal(moves.at(-1)?.to, state, id);
  }
  assert.ok(Math.max(...rows.map(({ apart }) => apart)) > 100 * 86_400, "some began months ago");
});

test("The banks know them: a refresh finds the same trouble, and a healed bank is found healed", async () => {
  const trouble = "RECONNECT_REQUIRED/TOKEN_EXPIRED";
  const found = (await all()).find((one) => nameOf(one) === trouble);
  assert.ok(found);
  const id = String(found["id"]);
  const path = `/bank-linking/connections/${id}/refresh`;
  const { refresh } = (await gateway.good("POST", path)) as { refresh: Json };
  const ended = async () => {
    const end = performance.now() + 8000;
    for (;;) {
      const now = await gateway.good("GET", `${path}es/${String(refresh["id"])}`);
      if (now["status"] === "FINISHED") return now["outcome"];
      assert.ok(performance.now() < end, "the refresh did not end");
    }
  };
  assert.equal(await ended(), "FAILED");
  assert.equal(await gateway.stateOf(id), trouble);
  await gateway.good("DELETE", `/sandbox/connections/${id}/trouble`);
  await gateway.until(id, "ACTIVE");
});

test("It is refused where a real provider is configured, and says what is missing where it can't begin", async () => {
  const real = await startGateway({
    PLAID_CLIENT_ID: "id",
    PLAID_SECRET: "secret",
    PLAID_BASE_URL: "http://127.0.0.1:1",
  });
  try {
    await assert.rejects(demo(real).ran, /only for a gateway whose one provider is the sandbox/);
    const { rows } = await real.sql.query("select 1 from connection");
    assert.equal(rows.length, 0);
  } finally {
    await real.stop();
  }
  await assert.rejects(demo(real).ran, /No gateway answers at http:\/\/127\.0\.0\.1:\d+ .*npm start/);
  const { status } = await gateway.ask("POST", "/dashboard/data/demo", { first: 0, end: 51 }, MARK);
  assert.equal(status, 400);
});
