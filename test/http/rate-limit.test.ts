// How often one may ask: told in every answer, by key and by session, and whoever guesses is turned away by address.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { addApiKey } from "../../src/store/api-keys.ts";
import { KEY, openGateway } from "./gateway.ts";

const gateway = await openGateway({ alone: false, limits: { asked: 5, refused: 3 }, proxies: 1 });
after(() => gateway.close());
const { app, clock } = gateway;

const ask = (
  key: string | null,
  address = "198.51.100.7",
  url = "/bank-linking/states",
  method: "GET" | "POST" = "GET",
) =>
  app.inject({
    method,
    url,
    headers: { "x-forwarded-for": address, ...(key !== null && { authorization: `Bearer ${key}` }) },
  });

test("A key is told how much is left, is refused beyond it, and may ask again when the minute is over", async () => {
  const left: unknown[] = [];
  for (let at = 0; at < 5; at++) {
    const { statusCode, headers } = await ask(KEY);
    assert.equal(statusCode, 200);
    assert.equal(headers["ratelimit-policy"], '"asked";q=5;w=60');
    left.push(headers["ratelimit"]);
    clock.at += 1_000;
  }
  assert.deepEqual(left, [
    '"asked";r=4;t=60',
    '"asked";r=3;t=59',
    '"asked";r=2;t=58',
    '"asked";r=1;t=57',
    '"asked";r=0;t=56',
  ]);
  const refused = await ask(KEY);
  const { code, message } = refused.json<{ code: string; message: string }>();
  assert.deepEqual([refused.statusCode, code, refused.headers["retry-after"]], [429, "TOO_EARLY", "55"]);
  assert.match(message, /^More than 5 requests came in a minute; slow down, and ask again after Retry-After\.$/);

  // Another key has its own, and so has a session.
  await addApiKey(gateway.gateway.db, gateway.gateway.door, "another-key-of-this-test", "another", "admin");
  assert.equal((await ask("another-key-of-this-test")).headers["ratelimit"], '"asked";r=4;t=60');
  clock.at += 55_000;
  assert.equal((await ask(KEY)).headers["ratelimit"], '"asked";r=4;t=60');
});

test("Who guesses keys is turned away by address, unseen, for the rest of the minute; others are not", async () => {
  const guess = async (address: string): Promise<number> => (await ask(`guessed-${clock.at}`, address)).statusCode;
  const guesser = "203.0.113.9";
  assert.deepEqual([await guess(guesser), await guess(guesser), await guess(guesser)], [401, 401, 401]);
  const away = await ask("another guess", guesser);
  assert.deepEqual([away.statusCode, away.headers["retry-after"]], [429, "60"]);
  assert.equal(await guess("203.0.113.10"), 401, "another address");
  assert.equal((await ask(null, guesser)).statusCode, 401, "who brings nothing guesses nothing");
  const typed = await app.inject({
    method: "POST",
    url: "/dashboard/session",
    headers: { "x-forwarded-for": guesser, "x-bowline-operator": "1", "content-type": "application/json" },
    payload: { key: "typed" },
  });
  assert.equal(typed.statusCode, 429, "the operator's pages are no way around it");
  clock.at += 60_000;
  assert.equal(await guess(guesser), 401);
});

test("What a client writes into X-Forwarded-For before the proxy's own word is not believed", async () => {
  clock.at += 60_000;
  for (let at = 0; at < 3; at++) assert.equal((await ask("wrong", `192.0.2.${at}, 203.0.113.77`)).statusCode, 401);
  assert.equal((await ask("wrong", "192.0.2.200, 203.0.113.77")).statusCode, 429);
});

test("Answers about customers are no cache's to keep, and no browser's to guess the type of", async () => {
  clock.at += 60_000;
  const { headers } = await ask(KEY);
  assert.deepEqual([headers["cache-control"], headers["x-content-type-options"]], ["no-store", "nosniff"]);
});
