/** A provider's catalogue comes into the directory by itself, page by page; a limit ends one reading and no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { INSTITUTIONS } from "../providers/plaid/fixture/data.ts";
import type { PlayedPlaid } from "../providers/plaid/fixture/server.ts";
import { createWorld, failNext, plaidErrorOf } from "../providers/plaid/fixture/world.ts";
import type { TestGateway } from "./gateway.ts";
import { playedPlaid } from "./played-plaid.ts";
import { eventually } from "./walk.ts";

const world = createWorld({ pageSize: 1 });
const LIMIT = plaidErrorOf("RATE_LIMIT", "INSTITUTIONS_GET_LIMIT");
let plaid: PlayedPlaid;
let gateway: TestGateway;
playedPlaid(world, (played) => void ({ plaid, gateway } = played));

const offsets = (): number[] =>
  plaid.exchanges
    .filter(({ path }) => path === "/institutions/get")
    .map(({ body }) => Number((body["options"] as { offset?: number } | undefined)?.offset ?? body["offset"]));
const kept = async (): Promise<string[]> =>
  (await gateway.sql.query<{ name: string }>("select name from institution where providers ? 'PLAID'")).rows
    .map(({ name }) => name)
    .sort();
const runAt = async (): Promise<number> =>
  (
    await gateway.sql.query<{ at: Date }>(
      "select run_at as at from task where kind = 'catalogue' and subject = 'PLAID'",
    )
  ).rows[0]?.at.getTime() ?? 0;
const sleeps = (pause: number) =>
  eventually(async () => ((await runAt()) > Date.now() + pause ? true : null), "the catalogue's next time");
const readAgain = () => gateway.sql.query("update task set run_at = now() where kind = 'catalogue'");
const names = INSTITUTIONS.map(({ name }) => name).sort();
const MINUTE = 60_000;

test("the whole catalogue is there after a start, and is read again the next day", async () => {
  await sleeps(23 * 60 * MINUTE);
  assert.deepEqual(await kept(), names);
  assert.deepEqual(offsets(), [...INSTITUTIONS.keys(), INSTITUTIONS.length]);
  const [first] = INSTITUTIONS;
  const found = await gateway.good("GET", `/institutions?name=${encodeURIComponent(first?.name ?? "")}`);
  assert.equal((found["institutions"] as { name: string }[])[0]?.name, first?.name);
});

test("a limit in the middle ends the reading, and the next one goes on at that page", async () => {
  await gateway.sql.query("delete from institution where providers ? 'PLAID'");
  const before = offsets().length;
  failNext(world, "/institutions/get", LIMIT, 429, 1, 2);
  await readAgain();
  await sleeps(MINUTE / 2);
  assert.deepEqual(offsets().slice(before), [0, 1, 2]);
  assert.equal((await kept()).length, 2);
  await readAgain();
  await sleeps(23 * 60 * MINUTE);
  assert.deepEqual(await kept(), names);
  assert.deepEqual(offsets().slice(before + 3), [2, 3, 4]);
});
