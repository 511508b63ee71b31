/**
 * Providers call in: the farm's houses post in their own ways, over real HTTP, and whatever becomes of the post the
 * connection comes to the state that its bank is in. Post makes it sooner; nothing makes it wrong.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, afterEach, before, test } from "node:test";
import type { State } from "../../src/core/status/table.ts";
import type { Json } from "./gateway.ts";
import { type Letter, postedGateway } from "./post-office.ts";
import { cleared, connectionPath, deleted, eventually, linkAt, timelineOf } from "./walk.ts";

let gateway: Awaited<ReturnType<typeof postedGateway>>;
before(async () => {
  gateway = await postedGateway();
});
afterEach(async () => {
  gateway.post.isOpen = true;
  await cleared(gateway);
});
after(() => gateway.stop());

const LOGIN: State = "RECONNECT_REQUIRED/LOGIN_REQUIRED";

/** At the bank's own desk, of which the gateway is not told. */
async function atTheDesk(id: string, method: "PUT" | "DELETE", row?: State): Promise<void> {
  const { rows } = await gateway.sql.query<{ ref: string; key: string }>(
    `select p.ref, encode(decode(s.value #>> '{}', 'base64'), 'hex') as key from connection c
       join provider_connection p on p.home = c.home and p.id = c.provider_connection_id, setting s
      where c.id = $1 and s.name = 'salt'`,
    [id],
  );
  const [{ ref, key } = { ref: "", key: "" }] = rows;
  const farmKey = createHmac("sha256", Buffer.from(key, "hex")).update("the farm's key").digest("hex");
  const { status } = await fetch(`${gateway.url}/farm/control/lines/${ref}/trouble`, {
    method,
    headers: { "x-farm-key": farmKey },
    ...(row && { body: JSON.stringify({ row }) }),
  });
  assert.equal(status, 200);
}

let customers = 0;

/** A login that nobody had before: the same one would be the same line at the bank, with its old letters. */
const link = async (bank: string): Promise<string> => {
  const customer = `customer ${++customers}`;
  const id = await linkAt(gateway, { customer, bank, login: { user: customer } });
  await gateway.aggregated(id);
  return id;
};

async function lettersOf(id: string): Promise<Letter[]> {
  const ref = await refOf(id);
  return gateway.post.letters.filter(({ says }) => says.line === ref);
}

async function refOf(id: string): Promise<string> {
  const { rows } = await gateway.sql.query<{ ref: string }>(
    `select p.ref from connection c join provider_connection p on p.home = c.home and p.id = c.provider_connection_id
      where c.id = $1`,
    [id],
  );
  return rows[0]?.ref ?? "";
}

const newest = async (id: string): Promise<Letter> =>
  (await lettersOf(id)).at(-1) ?? assert.fail(`the bank of ${id} posted nothing`);

async function received(id: string): Promise<Json[]> {
  const { receivedWebhooks } = await gateway.good("GET", `/received-webhooks?connectionId=${id}&limit=100`);
  return receivedWebhooks as Json[];
}

const runsOf = async (id: string): Promise<number> =>
  (await timelineOf(gateway, id)).filter(({ kind, detail }) => kind === "observation" && detail["kind"] === "run")
    .length;

const counted = async (end: string): Promise<number> => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = new RegExp(`^bowline_provider_webhooks_total\\{provider="SANDBOX",end="${end}"\\} (\\d+)$`, "m");
  return Number(line.exec(text)?.[1] ?? 0);
};

test("a bank's post makes a read due: trouble and its end are known within seconds", async () => {
  const id = await link("Copper Mesa");
  await gateway.advance("PT1M");
  await atTheDesk(id, "PUT", LOGIN);
  await gateway.until(id, LOGIN);
  await gateway.advance("PT1M");
  await atTheDesk(id, "DELETE");
  await gateway.until(id, "ACTIVE");
  const hooks = await received(id);
  assert.deepEqual(
    hooks.map(({ kind, isVerified, times }) => [kind, isVerified, times]),
    [
      ["mended", true, 1],
      ["trouble", true, 1],
      ["entries", true, 1],
    ],
  );
  const told = (await timelineOf(gateway, id)).filter(({ kind }) => kind === "webhook");
  assert.deepEqual(
    new Set(told.map(({ detail }) => detail["webhookId"])),
    new Set(hooks.map((hook) => hook["id"])),
    "each is in the timeline",
  );
  const full = await gateway.good("GET", `/received-webhooks/${String(hooks[0]?.["id"])}`);
  assert.equal(full["requestBody"], (await newest(id)).body);
});

test("purchases are posted as they are made, and read before the cadence would", async () => {
  const id = await link("Copper Mesa");
  const before = await runsOf(id);
  await gateway.advance("P2D");
  const news = (await lettersOf(id)).filter(({ says }) => says.news === "entries");
  assert.ok(news.length > 4, `${news.length} letters of purchases`);
  assert.ok(news.every(({ status }) => status === 200));
  // Every six hours, give or take a tenth: nine runs at most are the cadence's own.
  assert.ok((await runsOf(id)) - before > 9, `${(await runsOf(id)) - before} runs`);
});

test("what is forged or unsigned, or meant for another address, is refused and leaves only a count", async () => {
  const id = await link("Copper Mesa");
  await eventually(async () => ((await received(id)).length > 0 ? true : null), "a first letter");
  const letter = await newest(id);
  // The read that this letter made due comes a few seconds after the first.
  await gateway.advance("PT1M");
  const rows = async () => (await gateway.sql.query("select count(*)::int as n from inbound")).rows[0]?.n as number;
  const [kept, refused, runs] = [await rows(), await counted("refused"), await runsOf(id)];
  const signature = letter.headers["x-farm-post"] ?? "";
  const changes: [what: string, change: Partial<Letter>][] = [
    ["no signature", { headers: {} }],
    ["no signature at all in it", { headers: { "x-farm-post": "please" } }],
    ["another body", { body: letter.body.replace("entries", "trouble") }],
    ["a space more", { body: `${letter.body} ` }],
    ["another time", { headers: { "x-farm-post": signature.replace(/at=\d+/, "at=1700000000") } }],
    ["another signature", { headers: { "x-farm-post": signature.replace(/sign=.{8}/, "sign=AAAAAAAA") } }],
    ["a key that nobody has", { headers: { "x-farm-post": signature.replace(/kid=[^;]+/, "kid=quarter-1") } }],
  ];
  for (const [what, change] of changes) assert.equal(await gateway.post.hand({ ...letter, ...change }), 401, what);
  const unknown = await gateway.ask("POST", "/provider-webhooks/nobody", {});
  assert.equal(unknown.status, 404);
  assert.match(String(unknown.body["message"]), /^\[provider\] nobody is no provider/);
  assert.deepEqual([await rows(), await counted("refused"), await runsOf(id)], [kept, refused + changes.length, runs]);
  assert.equal(await gateway.post.hand({ ...letter, path: "/provider-webhooks/SANDBOX" }), 200, "in any case");
});

test("a stranger that writes in the bank's name is refused, and the cadence finds the truth", async () => {
  const id = await link("Forged Post");
  const refused = await counted("refused");
  await gateway.advance("PT1M");
  await atTheDesk(id, "PUT", LOGIN);
  await eventually(async () => ((await counted("refused")) > refused ? true : null), "a forged letter");
  // It is counted a moment before its answer is on its way back.
  const isRefused = async () => (await lettersOf(id)).every(({ status }) => status === 401);
  await eventually(async () => ((await isRefused()) ? true : null), "a refusal of every letter");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.deepEqual(await received(id), []);
  await gateway.advance("PT7H");
  await gateway.until(id, LOGIN);
});

test("a doubled letter is received twice and worked on once", async () => {
  const id = await link("Doubled Post");
  await gateway.advance("PT1M");
  const runs = await runsOf(id);
  await atTheDesk(id, "PUT", LOGIN);
  await gateway.until(id, LOGIN);
  const trouble = await eventually(async () => {
    const found = (await received(id)).find(({ kind, times }) => kind === "trouble" && times === 2);
    return found ?? null;
  }, "the same letter twice");
  assert.equal(trouble["outcome"], "READ_MADE_DUE");
  await gateway.advance("PT1M");
  assert.equal((await runsOf(id)) - runs, 1);
  // And a third time, days of real time not having passed.
  assert.equal(await gateway.post.hand(await newest(id)), 200);
  await gateway.advance("PT1M");
  assert.equal((await runsOf(id)) - runs, 1);
  const notes = (await timelineOf(gateway, id)).filter(
    ({ kind, detail }) => kind === "webhook" && detail["code"] === "trouble",
  );
  assert.equal(notes.length, 1);
});

test("a late letter does no harm, and one of a trouble that is over brings none back", async () => {
  const id = await link("Late Post");
  await gateway.advance("PT1M");
  await atTheDesk(id, "PUT", LOGIN);
  await gateway.advance("PT1H");
  assert.equal(await gateway.stateOf(id), "ACTIVE", "nobody has told yet");
  await gateway.advance("PT2H30M");
  await gateway.until(id, LOGIN);
  await atTheDesk(id, "DELETE");
  await gateway.good("POST", `${connectionPath(id)}/refresh`, {});
  await gateway.until(id, "ACTIVE");
  await atTheDesk(id, "PUT", LOGIN);
  await atTheDesk(id, "DELETE");
  await gateway.advance("PT5H");
  assert.ok((await lettersOf(id)).filter(({ says }) => says.news === "trouble").length >= 2);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
});

test("letters out of order lead where the bank is", async () => {
  const id = await link("Disordered Post");
  await gateway.advance("PT1M");
  await atTheDesk(id, "PUT", LOGIN);
  await gateway.until(id, LOGIN);
  await gateway.advance("PT1M");
  await atTheDesk(id, "DELETE");
  await gateway.advance("PT1H30M");
  const order = (await lettersOf(id)).map(({ says }) => says.news);
  await gateway.advance("PT3H");
  assert.ok(order.indexOf("trouble") < order.indexOf("entries"), `the second overtook the first: ${order.join(", ")}`);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
});

test("with all post lost, trouble, its end and new data are found by the cadence alone", async () => {
  const id = await link("Lost Post");
  const listed = async () =>
    (await gateway.good("GET", `/bank-linking/transactions?connectionId=${id}&limit=1000`))["count"];
  const before = Number(await listed());
  await gateway.advance("P3D");
  assert.ok(Number(await listed()) > before, "new transactions");
  const trouble: State = "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE";
  await atTheDesk(id, "PUT", trouble);
  await gateway.advance("PT7H");
  assert.equal(await gateway.stateOf(id), trouble);
  await atTheDesk(id, "DELETE");
  await gateway.advance("P1D");
  assert.equal(await gateway.stateOf(id), "ACTIVE");
  assert.deepEqual([await lettersOf(id), await received(id)], [[], []]);
});

test("a storm of letters about one connection is few reads", async () => {
  const id = await link("Copper Mesa");
  gateway.post.isOpen = false;
  for (let i = 0; i < 20; i++) await atTheDesk(id, i % 2 === 0 ? "PUT" : "DELETE", LOGIN);
  const storm = await eventually(async () => {
    const letters = (await lettersOf(id)).filter(({ says }) => says.news !== "entries");
    return letters.length >= 20 ? letters : null;
  }, "twenty letters");
  const runs = await runsOf(id);
  const answers = await Promise.all(storm.map((letter) => gateway.post.hand(letter)));
  assert.deepEqual(new Set(answers), new Set([200]));
  await eventually(async () => {
    const { rows } = await gateway.sql.query("select from inbound where ref = $1 and outcome = 'WAITING'", [
      await refOf(id),
    ]);
    return rows.length === 0 ? true : null;
  }, "an end of the storm");
  await gateway.advance("PT1M");
  const more = (await runsOf(id)) - runs;
  assert.ok(more >= 1 && more <= 2, `${more} runs for ${storm.length} letters`);
  assert.equal(await gateway.stateOf(id), "ACTIVE");
});

test("a letter about a connection that is not here yet is kept, looked for again, and counted", async () => {
  gateway.post.isOpen = false;
  const id = await link("Copper Mesa");
  const letter = await eventually(async () => (await lettersOf(id))[0] ?? null, "a letter");
  const ref = await refOf(id);
  const away = `${ref}-not-yet`;
  await gateway.sql.query("update signpost set ref = $2 where ref = $1", [ref, away]);
  const unknown = await counted("unknown connection");
  assert.equal(await gateway.post.hand(letter), 200);
  const outcome = async () => (await received(id))[0]?.["outcome"];
  await eventually(async () => ((await outcome()) === "UNKNOWN_CONNECTION" ? true : null), "an unknown connection");
  assert.equal(await counted("unknown connection"), unknown + 1);
  await gateway.sql.query("update signpost set ref = $2 where ref = $1", [away, ref]);
  await gateway.advance("PT1M");
  assert.equal(await outcome(), "READ_MADE_DUE");
});

test("what providers wrote goes with the connection; that they wrote stays for two weeks", async () => {
  const id = await link("Copper Mesa");
  await eventually(async () => ((await received(id))[0]?.["outcome"] === "READ_MADE_DUE" ? true : null), "a letter");
  const [hook] = await received(id);
  const path = `/received-webhooks/${String(hook?.["id"])}`;
  assert.ok((await gateway.good("GET", path))["requestBody"]);
  await deleted(gateway, id);
  await eventually(async () => ((await gateway.good("GET", path))["requestBody"] === null ? true : null), "no body");
  await gateway.advance("P13D");
  assert.equal((await gateway.ask("GET", path)).status, 200);
  await gateway.advance("P2D");
  assert.equal((await gateway.ask("GET", path)).status, 404);
});
