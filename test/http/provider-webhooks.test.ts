// Where providers call in: who is let in, how much is read, what the operator sees; and any post at all does no harm.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import type { Provider } from "../../src/providers/provider.ts";
import { signLetter } from "../../src/providers/sandbox/farm/post-key.ts";
import { openGateway } from "./gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { call, inject, worker, clock } = gateway;
const PATH = "/provider-webhooks/sandbox";
const HOUR = 3_600_000;

let letters = 0;

interface Letter {
  payload: string;
  headers: Record<string, string>;
}

/** No public address is set here, so the path alone is what is signed. */
function letter(line: string, news = "entries", { forged = false, id = `lt_${++letters}` } = {}): Letter {
  const payload = JSON.stringify({ letter: id, line, news, happened: 1 });
  const secrets = { seed: "one", key: gateway.gateway.farm?.key ?? "" };
  const signature = signLetter(secrets, clock.at, PATH, payload, forged);
  return { payload, headers: { "x-farm-post": signature, "content-type": "application/json" } };
}

const send = async (one: Letter): Promise<number> => (await inject({ method: "POST", url: PATH, ...one })).statusCode;

async function linked(externalCustomerId: string): Promise<{ id: string; line: string }> {
  const { body } = await call("POST", "/sandbox/connections", { externalCustomerId });
  await worker.drain();
  const { rows } = await gateway.database.pool.query(
    `select p.ref from connection c join provider_connection p on p.home = c.home and p.id = c.provider_connection_id
      where c.id = $1`,
    [body.id],
  );
  return { id: body.id as string, line: rows[0]?.ref as string };
}

const stateOf = async (id: string): Promise<string> => {
  const { body } = await call("GET", `/bank-linking/connections/${id}`);
  return [body.status, body.statusReason].filter(Boolean).join("/");
};

test("It is answered before anything is done, and then done", async () => {
  const { id, line } = await linked("asks");
  assert.equal(await send(letter(line)), 200);
  const { body } = await call("GET", `/received-webhooks?connectionId=${id}`);
  assert.deepEqual([body.count, body.receivedWebhooks[0].outcome], [1, "WAITING"]);
  await worker.drain();
  const { body: done } = await call("GET", `/received-webhooks/${body.receivedWebhooks[0].id}`);
  assert.deepEqual([done.outcome, JSON.parse(done.requestBody).line], ["READ_MADE_DUE", line]);
});

test("A provider that nobody has set up, and one that calls nobody, are told apart", async () => {
  const unknown = await call("POST", "/provider-webhooks/acme", {});
  assert.deepEqual([unknown.status, unknown.body.code], [404, "NOT_FOUND"]);
  const { verifyWebhook: _, readWebhook: __, ...quiet } = gateway.gateway.providers.get("SANDBOX") as Provider;
  const providers = gateway.gateway.providers as Map<string, Provider>;
  providers.set("PLAID", { ...quiet, name: "PLAID" });
  const silent = await call("POST", "/provider-webhooks/plaid", {});
  providers.delete("PLAID");
  assert.equal(silent.status, 404);
  assert.match(silent.body.message, /^\[provider\] PLAID sends no webhooks; it is polled/);
  const get = await call("GET", PATH);
  assert.deepEqual([get.status, get.headers.allow], [405, "POST"]);
});

test("Any body is read as bytes: none, no JSON, another type, broken UTF-8; none is believed unsigned", async () => {
  const types = ["application/json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"];
  for (const type of types) {
    for (const payload of ["", "{", "a=b", Buffer.from([0xff, 0xfe, 0])]) {
      const answer = await inject({ method: "POST", url: PATH, headers: { "content-type": type }, payload });
      assert.deepEqual([answer.statusCode, answer.json().code], [401, "UNAUTHORIZED"], type);
    }
  }
  assert.equal((await inject({ method: "POST", url: PATH })).statusCode, 401);
});

test("A body without bounds is not read", async () => {
  const answer = await inject({ method: "POST", url: PATH, ...letter("x".repeat(1024 * 1024)) });
  assert.deepEqual([answer.statusCode, answer.json().code], [413, "PAYLOAD_TOO_LARGE"]);
});

test("What is genuine and in no known shape is kept, and the operator is told", async () => {
  const secrets = { seed: "one", key: gateway.gateway.farm?.key ?? "" };
  for (const payload of ["[]", "no JSON", '{"letter":"a\\u0000b","line":"x","news":"y"}']) {
    const headers = { "x-farm-post": signLetter(secrets, clock.at, PATH, payload, false) };
    assert.equal(await send({ payload, headers }), 200);
  }
  assert.equal(await send(letter("ln_nobody", "never-heard-of")), 200);
  await worker.drain();
  const { body } = await call("GET", "/received-webhooks?serviceProvider=SANDBOX&limit=100");
  const outcomes = (body.receivedWebhooks as { outcome: string }[]).map(({ outcome }) => outcome);
  const strange = outcomes.filter((outcome) => outcome !== "READ_MADE_DUE").sort();
  assert.deepEqual(strange, ["UNKNOWN_CONNECTION", "UNREADABLE", "UNREADABLE", "UNREADABLE"]);
  const { body: unmapped } = await call("GET", "/unmapped-codes");
  const codes = (unmapped.unmappedCodes as { code: string }[]).map(({ code }) => code);
  assert.deepEqual(codes.sort(), ["webhook: never-heard-of", "webhook: unreadable"]);
});

test("The list is paged both ways and filtered, and an id of another kind is refused", async () => {
  const [one, other] = [await linked("paged"), await linked("beside")];
  for (let n = 0; n < 5; n++) {
    clock.at += 1000;
    await send(letter(one.line));
    await send(letter(other.line));
  }
  const of = `/received-webhooks?connectionId=${one.id}`;
  const { body: first } = await call("GET", `${of}&limit=2`);
  const { body: second } = await call("GET", `${of}&limit=2&after=${first.receivedWebhooks[1].key}`);
  const { body: back } = await call("GET", `${of}&limit=2&before=${second.receivedWebhooks[0].key}`);
  assert.deepEqual([first.remaining, second.remaining], [3, 1]);
  assert.deepEqual(back.receivedWebhooks, first.receivedWebhooks);
  assert.ok(
    [...first.receivedWebhooks, ...second.receivedWebhooks].every((r) => r.serviceProviderConnectionId === one.line),
  );
  assert.equal((await call("GET", `${of}&serviceProvider=PLAID`)).body.count, 0);
  assert.equal((await call("GET", `/received-webhooks?connectionId=${one.line}`)).status, 400);
  assert.equal((await call("GET", `/received-webhooks/${one.id}`)).status, 400);
  assert.equal((await call("GET", "/received-webhooks/pwh_2222222222222222222222")).status, 404);
});

/** What may happen: to the bank, to its letters, and to time. */
const happening = fc.oneof(
  fc.record({ what: fc.constant("trouble" as const) }),
  fc.record({ what: fc.constant("well" as const) }),
  fc.record({
    what: fc.constant("letter" as const),
    news: fc.constantFrom("entries", "trouble", "mended", "consent-over", "odd"),
    copies: fc.integer({ min: 1, max: 3 }),
    forged: fc.boolean(),
    /** Sent at the end, after everything else. */
    late: fc.boolean(),
  }),
  fc.record({ what: fc.constant("time" as const), minutes: fc.integer({ min: 1, max: 90 }) }),
);

test("Whatever is posted, lost, doubled, late or forged, no state but the bank's own is shown", async () => {
  const LOGIN = "RECONNECT_REQUIRED/LOGIN_REQUIRED";
  const { id, line } = await linked("any post");
  const { farm } = gateway.gateway;
  /** At the bank's own desk, so that nobody tells the gateway. */
  const desk = (method: string, body?: object) =>
    fetch(`${farm?.baseUrl}/control/lines/${line}/trouble`, {
      method,
      headers: { "x-farm-key": farm?.key ?? "" },
      ...(body && { body: JSON.stringify(body) }),
    });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 8 }), async (life) => {
      await desk("DELETE");
      clock.at += 30 * HOUR;
      await worker.drain();
      await worker.drain();
      assert.equal(await stateOf(id), "ACTIVE");
      let isTroubled = false;
      const been = new Set(["ACTIVE"]);
      const late: Letter[] = [];
      for (const one of life) {
        if (one.what === "trouble") await desk("PUT", { row: LOGIN });
        else if (one.what === "well") await desk("DELETE");
        else if (one.what === "time") clock.at += one.minutes * 60_000;
        else {
          const written = letter(line, one.news, one);
          if (one.late) late.push(written);
          else for (let n = 0; n < one.copies; n++) assert.equal(await send(written), one.forged ? 401 : 200);
        }
        isTroubled = one.what === "trouble" || (isTroubled && one.what !== "well");
        been.add(isTroubled ? LOGIN : "ACTIVE");
        await worker.drain();
        assert.ok(been.has(await stateOf(id)), `${await stateOf(id)} is none that the bank was in`);
      }
      // What is as old as this is refused for its age; either answer does no harm.
      for (const written of late.reverse()) assert.ok([200, 401].includes(await send(written)));
      clock.at += 30 * HOUR;
      await worker.drain();
      await worker.drain();
      assert.equal(await stateOf(id), isTroubled ? LOGIN : "ACTIVE");
    }),
    { numRuns: 25 },
  );
});
