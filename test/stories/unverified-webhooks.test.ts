/** A webhook whose key is not to be had now is kept and checked later; until then nothing of it is believed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fault, gatedGateway, type Gate } from "./gate.ts";
import type { Json, TestGateway } from "./gateway.ts";
import { openPostOffice, type Opened } from "./post-office.ts";
import { eventually, linkAt, timelineOf } from "./walk.ts";

let office: Opened;
let gateway: TestGateway & { gate: Gate };
before(async () => {
  office = await openPostOffice();
  gateway = await gatedGateway({ BOWLINE_PUBLIC_URL: office.url });
  office.serves(gateway);
});
after(async () => {
  await gateway.stop();
  await office.close();
});

const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";

const received = async (): Promise<Json[]> =>
  (await gateway.good("GET", "/received-webhooks?serviceProvider=SANDBOX&limit=100"))["receivedWebhooks"] as Json[];

const counted = async (end: string): Promise<number> => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = new RegExp(`^bowline_provider_webhooks_total\\{provider="SANDBOX",end="${end}"\\} (\\d+)$`, "m");
  return Number(line.exec(text)?.[1] ?? 0);
};

test("it is kept unverified, does nothing, and is worked on or forgotten when the key is there", async () => {
  let asked = 0;
  gateway.gate.turn = async ({ counter }, pass) => {
    if (counter !== "GET /post/keys") return pass();
    asked += 1;
    return fault(503, "BANK-5031");
  };
  const id = await linkAt(gateway, { customer: "keyless", bank: "Copper Mesa", login: { user: "keyless" } });
  await gateway.aggregated(id);
  const line = await eventually(async () => office.post.letters[0]?.says.line ?? null, "a letter");
  await gateway.gate.desk("PUT", line, { row: LOGIN });
  const letter = await eventually(
    async () => office.post.letters.find(({ says, status }) => says.news === "trouble" && status !== 0) ?? null,
    "a letter of trouble",
  );
  assert.equal(letter.status, 200);
  const forged = { "x-farm-post": (letter.headers["x-farm-post"] ?? "").replace(/sign=.{12}/, "sign=AAAAAAAAAAAA") };
  assert.equal(gateway.gate.passed.filter(({ counter }) => counter === "GET /post/keys").length, asked);
  assert.equal(await office.post.hand({ ...letter, headers: forged }), 200, "who could tell?");
  assert.equal(await office.post.hand({ ...letter, headers: {} }), 401, "but an unsigned one is nobody's");

  const waiting = await received();
  assert.equal(waiting.length, 3, "the link's, the trouble's and the forged one");
  for (const hook of waiting) {
    assert.deepEqual([hook["isVerified"], hook["kind"], hook["outcome"]], [false, null, "WAITING"]);
  }
  await gateway.advance("PT10M");
  assert.equal(await gateway.stateOf(id), "ACTIVE", "nothing of it is believed");
  assert.equal((await timelineOf(gateway, id)).filter(({ kind }) => kind === "webhook").length, 0);
  assert.equal((await received()).length, 3);

  gateway.gate.turn = null;
  await gateway.advance("PT2H");
  assert.equal(await gateway.stateOf(id), LOGIN);
  const heard = await received();
  assert.deepEqual(heard.map(({ kind, isVerified }) => `${String(kind)} ${String(isVerified)}`).sort(), [
    "entries true",
    "trouble true",
  ]);
  assert.equal(await counted("forged"), 1);
  assert.equal(await office.post.hand(letter), 200);
  assert.equal((await received()).find(({ kind }) => kind === "trouble")?.["times"], 2, "the same letter, once more");
});

test("a key that does not come for a day is not waited for, and nobody can fill the store meanwhile", async () => {
  await gateway.sql.query("delete from provider_key");
  gateway.gate.turn = async ({ counter }, pass) => (counter === "GET /post/keys" ? fault(503, "BANK-5031") : pass());
  const [letter] = office.post.letters;
  assert.ok(letter);
  const [before, never] = [(await received()).length, await counted("never verified")];
  const another = (end: string) => ({
    ...letter.headers,
    "x-farm-post": (letter.headers["x-farm-post"] ?? "").replace(/.$/, end),
  });
  for (const end of ["0", "1", "2"]) {
    assert.equal(await office.post.hand({ ...letter, headers: another(end) }), 200);
  }
  assert.equal((await received()).length, before + 3);
  await gateway.sql.query(
    `insert into inbound (home, id, provider, received_at, wall, last_at, verified, outcome)
     select n, 'filler ' || n, 'SANDBOX', now(), now(), now(), false, 'WAITING' from generate_series(1, 1000) n`,
  );
  const full = await fetch(`${gateway.url}${letter.path}`, {
    method: "POST",
    headers: another("x"),
    body: letter.body,
  });
  assert.equal(full.status, 503, "the bank may come again");
  assert.ok(Number(full.headers.get("retry-after")) > 0);
  await gateway.sql.query("delete from inbound where id like 'filler %'");
  await gateway.advance("P2D");
  assert.equal(await counted("never verified"), never + 3);
  const rows = await gateway.sql.query("select from inbound where not verified");
  const tasks = await gateway.sql.query("select from task where kind = 'inbound'");
  assert.deepEqual([rows.rows.length, tasks.rows.length], [0, 0]);
});
