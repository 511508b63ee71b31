// Spoilt transport over real sockets, through the client that the gateway has: each ends as rule 7 says.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { callsTo } from "../../src/actions/call.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import type { Recorder } from "../../src/core/activity.ts";
import { realDoor } from "../../src/door.ts";
import { plaid } from "../../src/providers/plaid/plaid.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { mount } from "../providers/sandbox/mount.ts";
import { fuzz, inTime } from "./seed.ts";
import { type Act, LATE, openWire, OUT } from "./wire.ts";

const SECRETS = ["key-of-this-test-0123456789", "grant-of-this-test-0123456789"] as const;
const [KEY, GRANT] = SECRETS;
const CASES = 400;
const MEGABYTE = 1024 * 1024;
let wire: Awaited<ReturnType<typeof openWire>>;
before(async () => {
  wire = await openWire();
});
after(() => wire.close());

const PROVIDERS = {
  sandbox: () => sandbox({ baseUrl: wire.url, key: KEY }),
  plaid: () => plaid({ clientId: "client", secret: KEY, environment: "sandbox", baseUrl: wire.url }),
};
type Name = keyof typeof PROVIDERS;

/** What the gateway makes of one read that is answered so; what it would log and show must not tell a secret. */
async function met(name: Name, act: Act) {
  const late = Promise.withResolvers<void>();
  const said: unknown[] = [];
  Object.assign(wire.told, { act, late: late.resolve });
  const door = {
    ...realDoor(),
    wait: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((over, fail) => {
        void late.promise.then(over);
        signal?.addEventListener("abort", () => fail(new Error("answered")), { once: true });
      }),
  };
  const bugs: unknown[] = [];
  const activity: Pick<Recorder, "add"> = { add: (line) => void said.push({ ...line, detail: line.detail?.() }) };
  const gateway = {
    door,
    activity,
    count: { call: () => {} },
    log: { error: (facts: object) => void bugs.push(facts) },
  } as unknown as Gateway;
  const provider = PROVIDERS[name]();
  const held = { ref: "ref", credential: GRANT, products: provider.products };
  const answer = await inTime(callsTo(gateway, provider).ask("readAccounts", provider.readAccounts, held));
  assert.deepEqual(bugs, [], "a bug of ours");
  const text = JSON.stringify([answer, said]);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `a secret was kept: ${text.slice(0, 600)}`);
  return answer;
}

const troubles = async (name: Name, act: Act) => {
  const answer = await met(name, act);
  return answer.ok ? "it was taken for good" : `${answer.trouble.scope}: ${answer.trouble.state}`;
};

for (const name of Object.keys(PROVIDERS) as Name[]) {
  for (const [what, act] of Object.entries(OUT)) {
    test(`${name}, ${what}: the provider is out`, async () => {
      const before = process.memoryUsage().rss;
      assert.equal(await troubles(name, act), "provider: DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE");
      assert.equal(wire.told.inside, 0, "it went where it was sent");
      assert.ok(wire.written() < 64 * MEGABYTE, `${wire.written()} bytes were taken`);
      const grown = (process.memoryUsage().rss - before) / MEGABYTE;
      assert.ok(grown < 300, `${grown} MB more`);
      assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
    });
  }
  for (const [what, act] of Object.entries(LATE)) {
    test(`${name}, ${what}: no answer in time`, async () => {
      assert.equal(await troubles(name, act), "connection: UNDETERMINED/AGGREGATION_TIMEOUT");
    });
  }
}

test("A true answer with some of its bytes spoilt is trouble, or an answer", async (t) => {
  const mounted = await mount();
  const { credential } = await mounted.link();
  let body = "";
  const call: typeof mounted.call = {
    ...mounted.call,
    fetch: async (url, init) => {
      const response = await mounted.call.fetch(url, init);
      body = await response.clone().text();
      return response;
    },
  };
  await mounted.provider.readAccounts.run(call, { ref: "", credential, products: mounted.provider.products });
  await mounted.close();
  const whole = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `transfer-encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  );
  assert.ok((await met("sandbox", (socket) => void socket.end(whole))).ok, "it is an answer as long as it is whole");
  const spoils = fc.record({
    // Most of them in the head.
    at: fc.oneof(fc.nat(140), fc.nat(whole.length - 1)),
    how: fc.constantFrom("other", "more", "cut", "gone"),
    byte: fc.nat(255),
    length: fc.integer({ min: 1, max: 9 }),
  });
  await fuzz(
    t,
    "fuzz/wire",
    CASES,
    () => spoils,
    async ({ at, how, byte, length }) => {
      const put = how === "other" || how === "more" ? Buffer.alloc(length, byte) : Buffer.alloc(0);
      const rest = how === "cut" ? whole.length : how === "more" ? at : at + length;
      const sent = Buffer.concat([whole.subarray(0, at), put, whole.subarray(rest)]);
      const answer = await met("sandbox", (socket) => void socket.end(sent));
      if (!answer.ok) assert.ok(answer.trouble.state?.match(/CURRENTLY_UNAVAILABLE|UNKNOWN_SERVICE/), "by rule 7");
    },
  );
});
