// What the connect page asks of the gateway, and what banks' own pages send back, by calls alone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { finishSession } from "../../src/actions/finish-link.ts";
import { returnFromBank } from "../../src/actions/return-from-bank.ts";
import { PRODUCTS } from "../../src/core/products.ts";
import { saveCatalogue } from "../../src/store/catalogue.ts";
import { openGateway } from "./gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { call, origin, worker, clock } = gateway;

const LINKING = "/bank-linking/connect";

interface Begun {
  id: string;
  token: string;
  headers: { authorization: string };
}

async function begun(externalCustomerId: string): Promise<Begun> {
  const { body } = await call("POST", `${LINKING}/start`, { externalCustomerId });
  return { id: body.id, token: body.connectToken, headers: { authorization: `Bearer ${body.connectToken}` } };
}

const bankId = async (name: string): Promise<string> =>
  (await call("GET", `/institutions?name=${encodeURIComponent(name)}`)).body.institutions[0].id;

async function choose({ headers }: Begun, name: string): Promise<Record<string, string>> {
  const chosen = await call("POST", `${LINKING}/institution`, { institutionId: await bankId(name) }, headers);
  assert.equal(chosen.status, 200, JSON.stringify(chosen.body));
  return chosen.body.page;
}

/** The customer at a bank's own page, without a browser: forms are posted, and the way back is read, not walked. */
async function atOwnPage(url: string, answers: readonly Record<string, string>[]): Promise<URL> {
  let html = await (await fetch(`${origin}${url}`)).text();
  for (const answer of answers) {
    const sitting = /name="sitting" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const boxes = [...html.matchAll(/name="account" value="([^"]+)"/g)].map(([, no = ""]) => ["account", no]);
    const body = new URLSearchParams([["sitting", sitting], ...Object.entries(answer), ...boxes]);
    const response = await fetch(`${origin}/farm/door`, { method: "POST", body, redirect: "manual" });
    if (response.status === 303) return new URL(response.headers.get("location") ?? "");
    html = await response.text();
  }
  throw new Error(`The bank's page did not come to its end: ${html}`);
}

const LOGIN = [{ user: "mira", password: "good" }, {}];
const comeBack = (to: URL) => fetch(`${origin}${to.pathname}${to.search}`, { redirect: "manual" });

test("The way back from a bank's own page finishes the session on the server, as often as it is walked", async () => {
  const mira = await begun("mira");
  const { url = "" } = await choose(mira, "Harborlight");
  assert.match(url, /^\/farm\/door\?sitting=/);
  const back = await atOwnPage(url, LOGIN);
  assert.equal(back.origin, "https://bowline.example", "the public address");
  for (let times = 0; times < 2; times++) {
    const answer = await comeBack(back);
    assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/connect/returned"]);
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  }
  const { body } = await call("GET", `${LINKING}/session`, undefined, mira.headers);
  assert.deepEqual([body.status, body.finishing, body.failure], ["ACTIVE", false, null]);
  assert.ok(body.progress.products.every(({ arrival }: { arrival: string }) => arrival === "WAITING"));
  clock.at += 1000;
  await worker.drain();
  const { body: later } = await call("GET", `${LINKING}/session`, undefined, mira.headers);
  assert.equal(later.progress.over, true);
  assert.ok(later.progress.products.every(({ arrival }: { arrival: string }) => arrival === "ARRIVED"));
  assert.ok(later.progress.accounts.length > 1);
  const logged = gateway.lines.join("");
  for (const secret of [mira.token, back.searchParams.get("slip") ?? "?", back.searchParams.get("state") ?? "?"])
    assert.ok(!logged.includes(secret), "what stands in addresses stands in no log");
});

test("A return that is not ours opens nothing, and its state is no connect token", async () => {
  const mira = await begun("mallory");
  const { url = "" } = await choose(mira, "Harborlight");
  const back = await atOwnPage(url, LOGIN);
  const state = back.searchParams.get("state") ?? "";
  // Not through an address: no token of a session may stand in one, not even here.
  const proof = { slip: back.searchParams.get("slip") ?? "" };
  await assert.rejects(returnFromBank(gateway.gateway, mira.token, proof), { code: "UNAUTHORIZED" });
  for (const wrong of [`${state.slice(0, -2)}xx`, state.split(".")[0] ?? ""]) {
    const forged = new URL(back);
    forged.searchParams.set("state", wrong);
    assert.equal((await comeBack(forged)).status, 401, wrong);
  }
  const none = new URL(back);
  none.searchParams.delete("state");
  assert.equal((await comeBack(none)).status, 400);
  const asToken = await call("GET", `${LINKING}/session`, undefined, { authorization: `Bearer ${state}` });
  assert.equal(asToken.status, 401);
  assert.equal((await call("GET", `${LINKING}/session`, undefined, mira.headers)).body.status, "IN_PROGRESS");
});

test("A no at the bank is told and changes nothing, and the session goes on", async () => {
  const mira = await begun("nay");
  const { url = "" } = await choose(mira, "Harborlight");
  const back = await atOwnPage(url, [{ no: "no" }]);
  assert.equal((await comeBack(back)).status, 303);
  const { body } = await call("GET", `${LINKING}/session`, undefined, mira.headers);
  assert.deepEqual([body.status, body.failure.code], ["IN_PROGRESS", "ACCESS_DENIED"]);
  const again = await choose(mira, "Harborlight");
  const { body: fresh } = await call("GET", `${LINKING}/session`, undefined, mira.headers);
  assert.deepEqual([fresh.failure, fresh.page.url], [null, again["url"]]);
});

async function slipOf(page: Record<string, string>, user: string): Promise<{ slip: string }> {
  const answer = await fetch(`${origin}/farm/sittings/login`, {
    method: "POST",
    body: JSON.stringify({ sitting: page["sitting"], user, password: "good" }),
  });
  return { slip: ((await answer.json()) as { reply: { slip: string } }).reply.slip };
}

test("A likely twin is asked about where that is asked for, and nothing is exchanged before the answer", async () => {
  const link = async (ifTwin?: string) => {
    const one = await begun("two logins");
    const proof = await slipOf(await choose(one, "New Ids"), "mira");
    const done = await call("POST", `${LINKING}/complete`, { proof, ifTwin }, one.headers);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    clock.at += 1000;
    await worker.drain();
    return { ...one, done: done.body };
  };
  const first = await link("ASK");
  assert.equal(first.done.finished, true, "there is none yet");
  const second = await link("ASK");
  assert.deepEqual([second.done.finished, second.done.status], [false, "IN_PROGRESS"]);
  const { body: asked } = await call("GET", `${LINKING}/session`, undefined, second.headers);
  assert.equal(asked.twin.connectionId, first.id);
  assert.ok(asked.twin.accounts.length > 0);
  const kept = await call("POST", `${LINKING}/twin`, { choice: "KEEP" }, second.headers);
  assert.deepEqual([kept.body.finished, kept.body.connectionId, kept.body.repairToken], [true, first.id, null]);
  const { body: over } = await call("GET", `${LINKING}/session`, undefined, second.headers);
  assert.deepEqual([over.kept, over.connectionId, over.twin], [true, first.id, null]);
  assert.equal((await call("POST", `${LINKING}/twin`, { choice: "ADD" }, second.headers)).body.connectionId, first.id);

  const third = await link("ASK");
  const added = await call("POST", `${LINKING}/twin`, { choice: "ADD" }, third.headers);
  assert.deepEqual([added.body.finished, added.body.connectionId, added.body.status], [true, third.id, "ACTIVE"]);
  const fourth = await link();
  assert.equal(fourth.done.finished, true, "who does not ask is not asked");

  const none = await begun("nobody");
  const answer = await call("POST", `${LINKING}/twin`, { choice: "KEEP" }, none.headers);
  assert.equal(answer.status, 400, JSON.stringify(answer.body));
});

test("A login of somebody else's, or with other accounts, is no twin", async () => {
  const one = await begun("alone");
  const proof = await slipOf(await choose(one, "New Ids"), "mira");
  const { session } = await finishSession(gateway.gateway, one.token, proof, "ask");
  assert.ok(session.finishedAt !== null, "another customer's login at the same bank is theirs");
  clock.at += 1000;
  await worker.drain();
  const other = await begun("alone");
  const another = await slipOf(await choose(other, "New Ids"), "somebody with other accounts");
  const done = await call("POST", `${LINKING}/complete`, { proof: another, ifTwin: "ASK" }, other.headers);
  assert.equal(done.body.finished, true);
});

test("Among thousands of banks the meant one is found despite slips, and only such as can be linked", async () => {
  const words = ["North", "River", "Cedar", "Granite", "Harvest", "Summit", "Valley", "Prairie", "Ocean", "Maple"];
  const kinds = ["Bank", "Credit Union", "Savings", "Trust", "Financial"];
  const many = Array.from({ length: 12_000 }, (_, at) => {
    const name = `${words[at % 10]} ${words[Math.floor(at / 10) % 10]} ${kinds[at % 5]} ${Math.floor(at / 100)}`;
    const isOurs = at % 3 !== 0;
    return {
      id: `ins_${at}`,
      name,
      aliases: [],
      hosts: [],
      countries: ["US"],
      products: at % 7 === 0 ? [] : [...PRODUCTS],
      isTest: true,
      rank: -at,
      providers: isOurs ? { SANDBOX: `many-${at}` } : { PLAID: `many-${at}` },
    };
  });
  await gateway.gateway.db.tx("catalogue", (sql) => saveCatalogue(sql, many));
  const mira = await begun("searcher");
  const search = async (typed: string) => {
    const url = `${LINKING}/institutions?typed=${encodeURIComponent(typed)}`;
    const { status, body } = await call("GET", url, undefined, mira.headers);
    assert.equal(status, 200, JSON.stringify(body));
    return body.institutions.map(({ name }: { name: string }) => name) as string[];
  };
  assert.equal((await search("cooper messa"))[0], "Copper Mesa Bank");
  assert.equal((await search("wrenfeild"))[0], "Wrenfield Building Society");
  const found = await search("grainte sumit 47");
  assert.ok(found.length > 0 && /^Granite Summit|^Summit Granite/.test(found[0] ?? ""), found.join());
  const unserved = new Set(many.filter(({ providers }) => !("SANDBOX" in providers)).map(({ name }) => name));
  for (const typed of ["north", "cedar trust", ""])
    assert.ok(
      (await search(typed)).every((name) => !unserved.has(name)),
      typed,
    );
  assert.deepEqual(await search("qqqqqqq"), []);
  assert.equal((await call("GET", `${LINKING}/institutions?limit=51`, undefined, mira.headers)).status, 400);
});
