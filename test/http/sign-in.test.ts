// Signing in to the operator's pages: guessing is seen and slowed, a session is nobody's but of who typed the key, and
// whatever changes something is done for our own pages alone, and as far as the key reaches.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ROOT } from "../../scripts/imports.ts";
import { covers, SCOPE_NAMES, type Scope } from "../../src/core/scopes.ts";
import { isKeyed, NEEDED } from "../../src/http/scopes.ts";
import { addApiKey } from "../../src/store/api-keys.ts";
import { KEY, openGateway } from "./gateway.ts";

const REFUSED = 5;
const gateway = await openGateway({ alone: false, limits: { asked: 0, refused: REFUSED }, proxies: 1 });
after(() => gateway.close());
const { app, clock, database } = gateway;

const HOST = "bowline.example";
const MARK = { "x-bowline-operator": "1", host: HOST };
const SESSION = "/dashboard/session";
const DATA = "/dashboard/data";
type Headers = Record<string, string>;

const typed = (key: string, more: Headers = {}) =>
  app.inject({ method: "POST", url: SESSION, headers: { ...MARK, ...more }, payload: { key } });
const cookieOf = ({ headers }: { headers: object }) => String((headers as Headers)["set-cookie"]).split(";")[0] ?? "";
const seen = async (cookie: string) =>
  (await app.inject({ method: "GET", url: `${DATA}/bank-linking/states`, headers: { cookie } })).statusCode;
const entries = async (): Promise<{ outcome: string; key_id: string | null; status: number; row: string }[]> =>
  (await database.pool.query("select *, a::text as row from audit_entry a where action = 'signIn' order by at")).rows;

test("A sign-in that fails is on the audit log, and what was typed is not", async () => {
  const { statusCode, headers } = await typed("what-somebody-typed-here");
  assert.equal(statusCode, 401);
  const [entry, ...others] = await entries();
  assert.ok(entry);
  assert.equal(others.length, 0);
  assert.deepEqual([entry.outcome, entry.key_id, entry.status], ["refused", null, 401]);
  assert.ok(entry.row.includes(String(headers["x-request-id"])), "the log of requests says from where");
  assert.ok(!entry.row.includes("what-somebody"));
});

test("Whoever tries a key a second gets so many looked at in a minute, and the right one too late", async () => {
  clock.at += 60_000;
  const guesser = { "x-forwarded-for": "203.0.113.50" };
  const before = (await entries()).length;
  const answers: number[] = [];
  for (let at = 0; at < 180; at++) {
    // The right one is among them, where no more are looked at.
    answers.push((await typed(at % 60 === 40 ? KEY : `guess number ${at}`, guesser)).statusCode);
    clock.at += 1_000;
  }
  const of = (status: number) => answers.filter((each) => each === status).length;
  assert.deepEqual([of(401), of(429), of(200)], [3 * REFUSED, 180 - 3 * REFUSED, 0]);
  assert.equal((await entries()).length - before, 3 * REFUSED, "nor can the audit log be filled so");
  assert.equal(
    (await typed(KEY, { "x-forwarded-for": "203.0.113.51" })).statusCode,
    200,
    "others are let in meanwhile",
  );
});

test("A cookie that was there before is never the session afterwards, and opens nothing", async () => {
  clock.at += 60_000;
  const planted = `bowline_operator=${"A".repeat(43)}`;
  const own = await typed(KEY, { cookie: planted });
  assert.notEqual(cookieOf(own), planted);
  assert.deepEqual([await seen(planted), await seen(cookieOf(own))], [401, 200]);

  // A session of somebody else's, put into this browser: what it was stays theirs no longer.
  const theirs = cookieOf(await typed(KEY));
  const mine = cookieOf(await typed(KEY, { cookie: theirs }));
  assert.notEqual(mine, theirs);
  assert.deepEqual([await seen(theirs), await seen(mine)], [401, 200]);
  const failed = await typed("no key", { cookie: mine });
  assert.deepEqual([failed.statusCode, failed.headers["set-cookie"], await seen(mine)], [401, undefined, 200]);
});

test("A cookie that was signed out is dead, the others of the same key live on", async () => {
  clock.at += 60_000;
  const [one, other] = [cookieOf(await typed(KEY)), cookieOf(await typed(KEY))];
  await app.inject({ method: "DELETE", url: SESSION, headers: { ...MARK, cookie: one } });
  assert.deepEqual([await seen(one), await seen(other)], [401, 200]);
  await app.inject({ method: "DELETE", url: SESSION, headers: { ...MARK, cookie: one } });
  assert.equal(await seen(one), 401);
});

interface Route {
  method: "DELETE" | "PATCH" | "POST" | "PUT";
  url: string;
  id: keyof typeof NEEDED | null;
}

/** From the document, as far as the operator's pages have it, and what they have beside. */
const document = app.swagger() as unknown as { paths: Record<string, Record<string, { operationId: string }>> };
const mutating: Route[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([name, { operationId }]) => {
    const method = name.toUpperCase() as Route["method"];
    const url = `${DATA}${path.replace(/\{(\w+)\}/g, ":$1")}`;
    const isHere = (method as string) !== "GET" && isKeyed(operationId) && app.hasRoute({ method, url });
    return isHere ? [{ method, url: url.replace(/:\w+/g, "none"), id: operationId }] : [];
  }),
);
mutating.push({ method: "POST", url: `${DATA}/demo`, id: null });

test("Each route of the operator's pages that changes something refuses what another page sends", async () => {
  clock.at += 60_000;
  assert.ok(mutating.length > 20, `${mutating.length} routes`);
  const ids = new Set(mutating.map(({ id }) => id));
  const strange = Object.keys(NEEDED).filter(
    (id) => isKeyed(id) && /^(start|create|update|delete|revoke|replay|make|end)/.test(id) && !ids.has(id),
  );
  assert.deepEqual(strange, [], "every operation of the table that changes something is among them");
  const cookie = cookieOf(await typed(KEY));
  const pages: Headers[] = [
    { cookie, host: HOST },
    { cookie, ...MARK, origin: "https://attacker.example" },
    { cookie, ...MARK, "sec-fetch-site": "cross-site" },
    { cookie, host: HOST, "content-type": "application/x-www-form-urlencoded" },
  ];
  const session: Route[] = [
    { method: "POST", url: SESSION, id: null },
    { method: "DELETE", url: SESSION, id: null },
  ];
  for (const { method, url } of [...mutating, ...session])
    for (const headers of pages) {
      const isForm = headers["content-type"] !== undefined;
      const { statusCode } = await app.inject({ method, url, headers, payload: isForm ? "a=b" : { key: KEY } });
      // A form is refused as such where it is read before anything else.
      assert.ok(statusCode === 403 || (isForm && statusCode === 415), `${method} ${url} ${statusCode}`);
    }
  assert.equal(await seen(cookie), 200);
});

test("A session does what its key's scope reaches, is told what that is, and nothing beyond is done", async () => {
  clock.at += 60_000;
  for (const scope of SCOPE_NAMES) {
    const key = `a-key-for-signing-in-with-${scope}`;
    await addApiKey(gateway.gateway.db, gateway.gateway.door, key, scope, scope);
    const cookie = cookieOf(await typed(key));
    const told = (await app.inject({ method: "GET", url: SESSION, headers: { cookie } })).json<{ acts: string[] }>();
    const reached = Object.entries(NEEDED).filter(([, needed]) => covers(scope, needed));
    assert.deepEqual(told.acts.toSorted(), reached.map(([id]) => id).toSorted());
    for (const { method, url, id } of mutating) {
      const needed: Scope = id === null ? "operate" : NEEDED[id];
      const { statusCode } = await app.inject({ method, url, headers: { ...MARK, cookie }, payload: {} });
      if (covers(scope, needed))
        assert.ok(![401, 403].includes(statusCode), `${scope}: ${method} ${url} ${statusCode}`);
      else assert.equal(statusCode, 403, `${scope}: ${method} ${url}`);
    }
  }
  const nobody = (await app.inject({ method: "GET", url: SESSION })).json<{ acts: string[] }>();
  assert.deepEqual(nobody.acts, []);
});

test("Each button that changes something names an operation of the table, and the pages have no other", () => {
  const sources = ["actions", "deliveries-page", "records", "alarms-page", "codes-page", "connection-page", "deed"].map(
    (name) => readFileSync(join(ROOT, `src/dashboard/${name}.tsx`), "utf8"),
  );
  const text = sources.join("\n");
  const deeds = [...text.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, deed = ""]) => deed);
  assert.equal(deeds.length, 7);
  for (const deed of deeds) {
    assert.ok(isKeyed(deed) && NEEDED[deed] !== "read", deed);
    assert.ok(text.includes(`does="${deed}"`), `${deed} has a button`);
  }
});
