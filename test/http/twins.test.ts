// Two equal requests at one moment, to every route that changes something: together they do what one of them does.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openGateway } from "./gateway.ts";
import { recipes, type Request } from "./twin-recipes.ts";

const gateway = await openGateway();
after(() => gateway.close());
const { call, worker, database } = gateway;

/** What a route makes. How many accounts and transactions a bank tells is drawn from the login's name. */
const MADE = [
  "api_key",
  "connection",
  "customer",
  "event",
  "incident",
  "processor_token",
  "provider_connection",
  "refresh",
  "session",
  "webhook_profile",
];
/** Under way, or done by the other: to be repeated, or true already. */
const LATER = [409, 425, 429];

const COUNTS = MADE.map((name) => `select '${name}' as name, count(*)::int as n from ${name}`).join(" union all ");

async function counted(): Promise<Map<string, number>> {
  await worker.drain();
  const { rows } = await database.pool.query<{ name: string; n: number }>(COUNTS);
  return new Map(rows.map(({ name, n }) => [name, n]));
}

/** The rows that `act` added, table by table. */
async function effectOf(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counted();
  await act();
  const then = await counted();
  const changed = [...then].map(([name, n]) => [name, n - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, n]) => n !== 0));
}

let keys = 0;
const ask = ({ method, url, body, headers = {} }: Request, key: string | null) =>
  call(method, url, body, { ...headers, ...(key !== null && { "idempotency-key": key }) });

function telling({ body }: { body: Record<string, unknown> }): Record<string, unknown> {
  const { requestId: _, timestamp: __, ...rest } = body;
  return rest;
}

const document = JSON.parse((await gateway.inject({ method: "GET", url: "/openapi.json" })).body) as {
  paths: Record<string, Record<string, { operationId: string }>>;
};
const changing = Object.values(document.paths).flatMap((path) =>
  Object.entries(path).flatMap(([method, { operationId }]) => (method === "get" ? [] : [operationId])),
);
const book = await recipes(gateway);

test("Every route that changes something has a recipe, and there is none for another", () => {
  assert.ok(changing.length > 25);
  assert.deepEqual(Object.keys(book).sort(), [...changing].sort());
});

for (const [id, recipe] of Object.entries(book)) {
  if (typeof recipe === "string") {
    test(`${id}: twins`, { skip: recipe }, () => undefined);
    continue;
  }
  test(`${id}: twins under one idempotency key do what one does, and are told the same`, async () => {
    const alone = await recipe.request();
    let good = 0;
    const single = await effectOf(async () => {
      good = (await ask(alone, `alone ${++keys}`)).status;
    });
    assert.ok(good < 300, `alone it is answered ${good}`);
    const both = await recipe.request();
    const key = `twins ${++keys}`;
    let answers: Awaited<ReturnType<typeof ask>>[] = [];
    const together = await effectOf(async () => {
      answers = await Promise.all([ask(both, key), ask(both, key)]);
    });
    const done = answers.filter(({ status }) => status < 300);
    assert.ok(done.length >= 1, JSON.stringify(answers.map(({ body }) => body)));
    // What is deleted is gone, whoever did it.
    const isGone = both.method === "DELETE";
    for (const { status, body } of answers)
      assert.ok(
        status < 300 || LATER.includes(status) || (isGone && status === 404),
        `${status} ${JSON.stringify(body)}`,
      );
    if (done.length === 2 && recipe.tells !== "anew")
      assert.deepEqual(telling(done[0] as never), telling(done[1] as never));
    assert.deepEqual(together, single);
    assert.equal(await recipe.made?.(both), await recipe.made?.(alone));
  });

  test(`${id}: twins without a key do at most what two do, and nothing breaks`, async () => {
    const [alone, both] = [await recipe.request(), await recipe.request()];
    const single = await effectOf(() => ask(alone, null));
    let statuses: number[] = [];
    const together = await effectOf(async () => {
      statuses = (await Promise.all([ask(both, null), ask(both, null)])).map(({ status }) => status);
    });
    assert.ok(
      statuses.some((status) => status < 300),
      statuses.join(),
    );
    assert.ok(
      statuses.every((status) => status < 500),
      statuses.join(),
    );
    for (const [name, n] of Object.entries(together)) {
      const one = single[name] ?? 0;
      const [least, most]: [number, number] =
        recipe.makes === "one each" ? [Math.min(one, 2 * one), Math.max(one, 2 * one)] : [one, one];
      assert.ok(n >= least && n <= most, `${name}: ${n} rows; one request alone: ${one}`);
    }
  });
}
