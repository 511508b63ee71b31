/** Plaid's webhooks by themselves: what is believed, what is not, which key is asked for, and what each means. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { Incoming, KeyShelf, News, Verdict } from "../../../src/providers/incoming.ts";
import type { Call } from "../../../src/providers/provider.ts";
import { HOOKS } from "../../../src/providers/plaid/hooks.ts";
import type { Plaid } from "../../../src/providers/plaid/client.ts";
import { plaid } from "../../../src/providers/plaid/plaid.ts";
import { verifyWebhook } from "../../../src/providers/plaid/verify-webhook.ts";
import { bad, good } from "../../../src/providers/provider.ts";
import { type Hook, hookFor, KEYS, type Signing, tokenFor } from "./fixture/hooks.ts";
import { failNext, plaidErrorOf } from "./fixture/world.ts";
import { play } from "./played.ts";

const ITEM = { itemId: "item-of-this-test" };
const AT = Date.now();
let played: Awaited<ReturnType<typeof play>>;
before(async () => {
  played = await play();
});
after(() => played[Symbol.asyncDispose]());

function shelf(): KeyShelf & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (name) => kept.get(name) ?? null,
    put: async (name, key) => {
      kept.set(name, key);
    },
  };
}

const incoming = ({ body, headers }: Hook, at = AT): Incoming => ({
  method: "POST",
  url: "https://gateway.example/provider-webhooks/plaid",
  headers,
  body: Buffer.from(body),
  at,
});

const asked = (): number =>
  played.plaid.exchanges.filter(({ path }) => path === "/webhook_verification_key/get").length;

async function verdict(hook: Incoming, keys = shelf(), call: Call = played.call): Promise<Verdict | "later"> {
  const answer = await played.provider.verifyWebhook?.run(call, { incoming: hook, keys });
  assert.ok(answer);
  return answer.ok ? answer.facts : "later";
}

async function read(hook: Incoming): Promise<News> {
  const answer = await played.provider.readWebhook?.run(played.call, hook);
  assert.ok(answer?.ok, JSON.stringify(answer));
  return answer.facts;
}

const errorHook = (by: Signing = {}) => hookFor(ITEM, "ITEM", "ERROR", { at: AT, ...by });

test("a webhook that Plaid signed is genuine, and its key is asked for once", async () => {
  const keys = shelf();
  const before = asked();
  for (let i = 0; i < 3; i++) assert.deepEqual(await verdict(incoming(errorHook()), keys), { genuine: true });
  assert.equal(asked() - before, 1);
  assert.deepEqual([...keys.kept.keys()], [KEYS.now.kid]);
});

test("everything else is refused, and for its own reason", async () => {
  const { body, headers } = errorHook();
  const token = headers["plaid-verification"] ?? "";
  const [head = "", claims = "", signature = ""] = token.split(".");
  const bearing = (value: string) => incoming({ body, headers: { "plaid-verification": value } });
  const none = Buffer.from(JSON.stringify({ alg: "none", kid: KEYS.now.kid })).toString("base64url");
  const cases: [Incoming, RegExp][] = [
    [incoming({ body, headers: {} }), /form/],
    [bearing(""), /form/],
    [bearing(`${head}.${claims}`), /form/],
    [bearing(`${head}.${claims}.`), /form/],
    [bearing(`${none}.${claims}.`), /form/],
    [bearing(`${none}.${claims}.${signature}`), /form/],
    [incoming(errorHook({ alg: "HS256" })), /form/],
    [incoming(errorHook({ at: AT - 301_000 })), /another time/],
    [incoming(errorHook({ at: AT + 120_000 })), /another time/],
    [incoming({ body: `${body} `, headers }), /another body/],
    // The same JSON, printed anew.
    [incoming({ body: JSON.stringify(JSON.parse(body)), headers }), /another body/],
    [incoming(errorHook({ hash: "0".repeat(64) })), /another body/],
    [incoming(errorHook({ key: KEYS.strange.privateKey })), /another key/],
    [incoming(errorHook({ kid: KEYS.strange.kid, key: KEYS.strange.privateKey })), /not know/],
    [incoming(errorHook({ kid: KEYS.expired.kid, key: KEYS.expired.privateKey })), /expired/],
  ];
  for (const [hook, why] of cases) {
    const said = await verdict(hook);
    assert.ok(said !== "later" && !said.genuine, String(why));
    assert.match(said.why, why);
  }
});

test("what was signed four minutes before its receipt is genuine, however late it is checked", async () => {
  assert.deepEqual(await verdict(incoming(errorHook({ at: AT - 240_000 }))), { genuine: true });
});

test("no stranger's change of a byte is believed", async () => {
  const { body, headers } = errorHook();
  const token = headers["plaid-verification"] ?? "";
  const keys = shelf();
  const place = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }), inBody: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(place, async ({ at, by, inBody }) => {
      const text = Buffer.from(inBody ? body : token);
      const index = at % text.length;
      text[index] = (text[index] ?? 0) ^ by;
      const changed: Incoming = inBody
        ? { ...incoming({ body, headers }), body: text }
        : incoming({ body, headers: { "plaid-verification": text.toString("latin1") } });
      const said = await verdict(changed, keys);
      // The last letter of a base64url text has bits that mean nothing: the same signature in other letters.
      const isSame =
        !inBody &&
        Buffer.from(text.toString("latin1").split(".")[2] ?? "", "base64url").equals(
          Buffer.from(token.split(".")[2] ?? "", "base64url"),
        );
      const isHarmless = isSame && text.toString("latin1").startsWith(token.slice(0, token.lastIndexOf(".") + 1));
      assert.equal(said !== "later" && said.genuine, isHarmless);
    }),
    { numRuns: 300 },
  );
});

test("where the key is not to be had, nobody knows: an outage, a limit, our own wrong keys", async () => {
  const path = "/webhook_verification_key/get";
  const fail = (code: string, type: string, status: number) =>
    failNext(played.world, path, plaidErrorOf(code, type), status);
  fail("INTERNAL_SERVER_ERROR", "API_ERROR", 500);
  assert.equal(await verdict(incoming(errorHook())), "later");
  fail("RATE_LIMIT", "RATE_LIMIT_EXCEEDED", 429);
  assert.equal(await verdict(incoming(errorHook())), "later");
  fail("INVALID_API_KEYS", "INVALID_INPUT", 400);
  assert.equal(await verdict(incoming(errorHook())), "later");
  played.world.failures.push({ path, status: 200, body: "<html>", times: 1 });
  assert.equal(await verdict(incoming(errorHook())), "later");
  assert.deepEqual(await verdict(incoming(errorHook())), { genuine: true });
});

test("each kind that is listed means what the list says, one that is not is a hint and told apart", async () => {
  for (const [kind, meaning] of Object.entries(HOOKS)) {
    const [type = "", code = ""] = kind.split(": ");
    const news = await read(incoming(hookFor(ITEM, type, code)));
    assert.deepEqual([news.kind, news.meaning, news.ref, news.unmapped], [kind, meaning, ITEM.itemId, undefined]);
  }
  const strange = await read(incoming(hookFor(ITEM, "ITEM", "constructor")));
  assert.deepEqual([strange.meaning, strange.unmapped], ["hint", true]);
  const body = JSON.stringify({ webhook_type: "LINK", webhook_code: "SESSION_FINISHED", link_session_id: "x" });
  assert.equal((await read(incoming({ body, headers: { "plaid-verification": tokenFor(body) } }))).ref, null);
});

test("the same body of another minute is another message; the same message twice is one", async () => {
  const keyAt = async (at: number) => (await read(incoming(errorHook({ at })))).key;
  assert.equal(await keyAt(AT), await keyAt(AT));
  assert.notEqual(await keyAt(AT), await keyAt(AT - 60_000));
});

test("what is no object of Plaid's cannot be read, and is no bug", async () => {
  for (const body of [
    "",
    "[]",
    "null",
    "{}",
    '{"webhook_type":"ITEM"}',
    '{"webhook_type":"a\\u0000","webhook_code":"b"}',
  ]) {
    const answer = await played.provider.readWebhook?.run(played.call, incoming({ body, headers: {} }));
    assert.ok(answer && !answer.ok, body);
  }
});

test("Link is told where to call, where there is a place", async () => {
  const url = "https://gateway.example/provider-webhooks/plaid";
  const start = {
    connectionId: "con_1",
    customerId: "cus_1",
    products: ["TRANSACTIONS"],
    optionalProducts: [],
    countries: ["US"],
  } as const;
  const {
    provider,
    call,
    plaid: { exchanges },
  } = played;
  await provider.startLink.run(call, { ...start, webhookUrl: url });
  await provider.startLink.run(call, start);
  const told = exchanges.filter(({ path }) => path === "/link/token/create").slice(-2);
  assert.deepEqual(
    told.map(({ body }) => body["webhook"]),
    [url, undefined],
  );
  assert.ok(plaid({ clientId: "", secret: "", environment: "sandbox" }).verifyWebhook, "it has the verb");
});

test("What is told as a key and is none is not kept, and the webhook waits for a better one", async () => {
  const { jwk } = KEYS.now;
  const off = { ...jwk, y: jwk.x };
  for (const spoilt of [
    {},
    null,
    "key",
    off,
    { ...jwk, x: "A".repeat(43) },
    { ...jwk, kty: "RSA" },
    { ...jwk, y: "" },
  ]) {
    const tells = (async (_call, _request, shape) => {
      const read = shape.safeParse({ request_id: "one", key: spoilt });
      return read.success ? good(read.data) : bad({ scope: "provider", state: null, raw: { code: "UNREADABLE" } });
    }) as Plaid;
    const keys = shelf();
    const hook = incoming(errorHook());
    const answer = await verifyWebhook(tells).run(played.call, { incoming: hook, keys });
    assert.equal(answer.ok, false, JSON.stringify(spoilt));
    assert.equal(keys.kept.size, 0);
  }
});
