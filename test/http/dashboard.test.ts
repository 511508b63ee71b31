// The operator's pages from outside: who is let in, what a foreign page can't do, what is found, and how news come.
import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { after, test } from "node:test";
import { NEEDED } from "../../src/http/scopes.ts";
import { KEY, openGateway } from "./gateway.ts";

const here = await openGateway({ alone: true });
const apart = await openGateway({ alone: false });
after(() => Promise.all([here.close(), apart.close()]));

const MARK = { "x-bowline-operator": "1" };
const DATA = "/dashboard/data/bank-linking/states";
type Headers = Record<string, string>;

async function ask(
  gateway: typeof here,
  method: "GET" | "POST" | "DELETE",
  url: string,
  headers: Headers,
  body?: object,
) {
  const answer = await gateway.app.inject({ method, url, headers, ...(body && { payload: body }) });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body === "" ? {} : answer.json() };
}

async function signIn(): Promise<string> {
  const { headers } = await ask(apart, "POST", "/dashboard/session", MARK, { key: KEY });
  return String(headers["set-cookie"]).split(";")[0] ?? "";
}

test("On this machine alone nobody is asked for a key", async () => {
  const { body } = await ask(here, "GET", "/dashboard/session", { host: "127.0.0.1:4400" });
  const now = new Date(here.clock.at).toISOString();
  assert.deepEqual(body, {
    asksForKey: false,
    signedIn: true,
    scope: "admin",
    acts: Object.keys(NEEDED),
    sandbox: true,
    providers: ["SANDBOX", "PLAID"],
    now,
  });
  assert.equal((await ask(here, "GET", DATA, { host: "localhost:4400" })).status, 200);
});

test("A name that points here from the internet, and a proxy, are asked for a key all the same", async () => {
  for (const headers of [
    { host: "attacker.example" },
    { host: "127.0.0.1.attacker.example" },
    { host: "127.0.0.1:4400", "x-forwarded-for": "203.0.113.9" },
  ] as Headers[]) {
    assert.equal((await ask(here, "GET", DATA, headers)).status, 401, JSON.stringify(headers));
    assert.equal((await ask(here, "GET", "/dashboard/session", headers)).body.signedIn, false);
  }
});

test("Elsewhere every piece of data asks for a key", async () => {
  for (const path of [
    "bank-linking/states",
    "bank-linking/connections",
    "search?q=x",
    "live",
    "endpoints",
    "incidents",
  ])
    assert.equal((await ask(apart, "GET", `/dashboard/data/${path}`, {})).status, 401, path);
  assert.equal((await ask(apart, "GET", DATA, { authorization: `Bearer ${KEY}` })).status, 200);
});

test("A wrong key opens nothing and sets no cookie", async () => {
  const { status, headers, body } = await ask(apart, "POST", "/dashboard/session", MARK, { key: `${KEY}x` });
  assert.equal(status, 401);
  assert.equal(headers["set-cookie"], undefined);
  assert.ok(!JSON.stringify(body).includes(KEY));
});

test("A key typed once becomes a cookie that scripts can't read and other sites can't send", async () => {
  const { headers, body } = await ask(apart, "POST", "/dashboard/session", MARK, { key: ` ${KEY} ` });
  const cookie = String(headers["set-cookie"]);
  assert.match(
    cookie,
    /^bowline_operator=[\w-]{43}; Path=\/dashboard; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  );
  assert.ok(!JSON.stringify(body).includes(cookie.slice(17, 60)));
  assert.equal((await ask(apart, "GET", DATA, { cookie: cookie.split(";")[0] ?? "" })).status, 200);
  const kept = await apart.database.pool.query("select encode(hash, 'escape') as hash from operator_session");
  assert.ok(kept.rows.every(({ hash }) => !cookie.includes(String(hash))));
});

test("Signing out ends the cookie itself, and it ends by itself after twelve hours and with its key", async () => {
  const cookie = await signIn();
  const out = await ask(apart, "DELETE", "/dashboard/session", { cookie, ...MARK });
  assert.match(String(out.headers["set-cookie"]), /^bowline_operator=; .*Max-Age=0;/);
  assert.equal((await ask(apart, "GET", DATA, { cookie })).status, 401);

  const second = await signIn();
  const stood = apart.clock.at;
  apart.clock.at += 12 * 3_600_000 + 1;
  assert.equal((await ask(apart, "GET", DATA, { cookie: second })).status, 401);
  apart.clock.at = stood;
  assert.equal((await ask(apart, "GET", DATA, { cookie: second })).status, 200);
  await apart.database.pool.query("update api_key set revoked_at = now()");
  assert.equal((await ask(apart, "GET", DATA, { cookie: second })).status, 401);
  await apart.database.pool.query("update api_key set revoked_at = null");
});

test("Another page can change nothing, whoever is signed in", async () => {
  const cookie = await signIn();
  const url = "/dashboard/data/sandbox/connections";
  const body = { externalCustomerId: "forged" };
  const host = "bowline.example";
  for (const headers of [
    { cookie, host },
    { cookie, host, ...MARK, "sec-fetch-site": "cross-site" },
    { cookie, host, ...MARK, "sec-fetch-site": "same-site" },
    { cookie, host, ...MARK, origin: "https://attacker.example" },
    { cookie, host, ...MARK, origin: "null" },
  ] as Headers[])
    assert.equal((await ask(apart, "POST", url, headers, body)).status, 403, JSON.stringify(headers));
  assert.equal((await ask(here, "POST", url, { host: "127.0.0.1:4400" }, body)).status, 403);
  const { rows } = await apart.database.pool.query("select 1 from connection");
  assert.equal(rows.length, 0);
  const own = { cookie, host, ...MARK, origin: `https://${host}`, "sec-fetch-site": "same-origin" };
  assert.equal((await ask(apart, "POST", url, own, body)).status, 200);
});

test("The table counts every row, and how connections moved", async () => {
  const { body: linked } = await here.call("POST", "/sandbox/connections", { externalCustomerId: "mover" });
  await here.worker.drain();
  const trouble = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
  await here.call("POST", `/sandbox/connections/${linked.id}/trouble`, { state: trouble });
  await here.worker.drain();
  here.clock.at += 3000;
  const { body } = await here.call("GET", "/bank-linking/states");
  assert.equal(body.states.length, 23);
  const row = body.states.find(({ state }: { state: string }) => state === trouble);
  assert.deepEqual([row.count, row.lastDay, row.actor], [1, { in: 1, out: 0 }, "customer"]);
  const active = body.states.find(({ state }: { state: string }) => state === "ACTIVE");
  assert.deepEqual([active.lastDay.out, active.count], [1, 0]);
  assert.ok(body.moves.some((move: { from: string; to: string }) => move.from === "ACTIVE" && move.to === trouble));
  assert.equal(body.total, 1);
});

test("Search finds a connection by whatever names it", async () => {
  const { body: listed } = await here.call("GET", "/bank-linking/connections?externalCustomerId=mover");
  const [connection] = listed.connections;
  const { body: accepted } = await here.call("POST", `/bank-linking/connections/${connection.id}/refresh`);
  await here.worker.drain();
  await here.gateway.activity?.written();
  const one = async (text: string) => String((await here.database.pool.query(text)).rows[0]?.id);
  const names: Record<string, string> = {
    connection: connection.id,
    customer: connection.customerId,
    "the application's name": "mover",
    "the provider's": connection.serviceProviderDetails.serviceProviderConnectionId,
    refresh: accepted.refresh.id,
    "our request id": accepted.requestId,
    "provider connection": await one("select id from provider_connection"),
    account: await one("select id from account"),
    transaction: await one("select id from transaction"),
    institution: connection.institutionId,
    "a request in the log": await one("select id from activity where connection_id is not null"),
    event: await one("select id from event"),
    session: await one("select id from session"),
    run: await one("select detail ->> 'run' as id from timeline where kind = 'observation'"),
  };
  for (const [what, q] of Object.entries(names)) {
    const { body } = await ask(here, "GET", `/dashboard/data/search?q=${encodeURIComponent(q)}`, { host: "localhost" });
    assert.deepEqual(
      body.connections.map(({ id }: { id: string }) => id),
      [connection.id],
      `${what}: ${q}`,
    );
  }
  const { body: none } = await ask(here, "GET", "/dashboard/data/search?q=nobody", { host: "localhost" });
  assert.deepEqual(none, { connections: [], endpoint: null });
});

test("A request id of the provider's leads to the connection that met it", async () => {
  const { body: listed } = await here.call("GET", "/bank-linking/connections?externalCustomerId=mover");
  const { id } = listed.connections[0];
  await here.database.pool.query(
    `insert into timeline select home, provider_connection_id, now(), 'tml_x', 'observation',
       '{"troubles":[{"scope":"*","raw":{"code":"X","requestId":"req-77"}}]}' from connection where id = $1`,
    [id],
  );
  const { body } = await ask(here, "GET", "/dashboard/data/search?q=req-77", { host: "localhost" });
  assert.equal(body.connections[0].id, id);
  const { body: ticket } = await here.call("GET", `/bank-linking/connections/${id}/ticket`);
  assert.ok(ticket.troubles.some(({ requestId }: { requestId: string }) => requestId === "req-77"));
  assert.match(ticket.text, /request id req-77/);
  assert.match(ticket.text, /BANK-4001/);
  assert.ok(!ticket.text.includes("mover"));
});

test("News reach an open page, a page that was away is told what it missed, and places are bounded", {
  timeout: 60_000,
}, async () => {
  const open = (last?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = last === undefined ? {} : { "last-event-id": last };
      get(`${here.origin}/dashboard/data/live`, { headers }, resolve).on("error", reject);
    });
  const page = await open();
  const told = listen(page);
  assert.match(String(page.headers["content-type"]), /^text\/event-stream/);
  const first = await told(/event: here/);
  const { body: linked } = await here.call("POST", "/sandbox/connections", { externalCustomerId: "news" });
  await here.worker.drain();
  const news = new RegExp(`event: told\n.*"connectionId":"${linked.id}","type":"BANK_LINKING_CONNECTION_COMPLETED"`);
  await told(news);
  const place = /id: (\d+)/.exec(first)?.[1];
  const again = await open(place);
  await listen(again)(news);
  const others: IncomingMessage[] = [];
  while (others.length < 62) others.push(await open());
  assert.equal((await open()).statusCode, 429);
  for (const one of [page, again, ...others]) one.destroy();
});

/** Answers what the page has been told, as soon as the pattern is in it. */
function listen(page: IncomingMessage): (pattern: RegExp) => Promise<string> {
  let text = "";
  let look: () => void = () => undefined;
  page.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    look();
  });
  return (pattern) =>
    new Promise((resolve, reject) => {
      look = () => {
        if (pattern.test(text)) resolve(text);
      };
      look();
      page.once("error", reject);
      page.once("end", () => reject(new Error(`ended without ${pattern}: ${text}`)));
    });
}
