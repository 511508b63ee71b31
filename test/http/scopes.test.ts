// What a key may do: every route asks for its scope, a smaller one is told which is missing, and nobody is locked out.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { covers, SCOPE_NAMES, type Scope } from "../../src/core/scopes.ts";
import { NEEDED } from "../../src/http/scopes.ts";
import { addApiKey } from "../../src/store/api-keys.ts";
import { openGateway } from "./gateway.ts";

const gateway = await openGateway({ alone: false });
after(() => gateway.close());

const keyOf = (scope: Scope) => `a-key-of-this-test-for-${scope}`;
for (const scope of SCOPE_NAMES) await addApiKey(gateway.gateway.db, gateway.gateway.door, keyOf(scope), scope, scope);

const ask = (scope: Scope, method: string, url: string, payload?: object) =>
  gateway.inject({
    method: method,
    url,
    headers: { authorization: `Bearer ${keyOf(scope)}` },
    ...(payload && { payload }),
  });

interface Operation {
  operationId: string;
  "x-scope"?: Scope;
  security: Record<string, string[]>[];
}

const document = gateway.app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

test("The document says of every operation which scope it asks for, and the table names no other", () => {
  const keyed = operations.filter(({ security }) => security.some((one) => "apiKey" in one));
  for (const one of keyed) assert.deepEqual(one.security, [{ apiKey: [one["x-scope"]] }], one.operationId);
  const told = Object.fromEntries(keyed.map((one) => [one.operationId, one["x-scope"]]));
  const rows = Object.fromEntries(Object.entries(NEEDED).filter(([id]) => id !== "searchAuditLog"));
  delete told["searchAuditLog"];
  assert.deepEqual(told, rows);
});

test("Each operation is refused to the scope below its own, which is told what it lacks", async () => {
  for (const { path, method, operationId, "x-scope": needed } of operations) {
    if (needed === undefined) continue;
    const url = path.replace(/\{\w+\}/g, "none");
    for (const held of SCOPE_NAMES) {
      const answer = await ask(held, method, url);
      if (covers(held, needed)) {
        assert.ok(![401, 403].includes(answer.statusCode), `${operationId} for ${held}: ${answer.body}`);
        continue;
      }
      assert.equal(answer.statusCode, 403, `${operationId} for ${held}`);
      const { code, message } = answer.json();
      assert.equal(code, "FORBIDDEN");
      assert.match(message, new RegExp(`has the scope ${held}, .* asks for ${needed};.*--scope ${needed}`));
    }
  }
});

test("A route that names no scope stops the start", async () => {
  const { requireScopes } = await import("../../src/http/scopes.ts");
  const { default: Fastify } = await import("fastify");
  const app = Fastify();
  requireScopes(app);
  assert.throws(() => app.get("/attic", async () => "dust"), /GET \/attic has no scope; give it one in/);
  assert.throws(
    () => app.get("/attic/box", { schema: { operationId: "openBox" } }, async () => "dust"),
    /has no scope/,
  );
});

test("Full account numbers are for keys of the scope link and above", async () => {
  const { body: linked } = await gateway.call("POST", "/sandbox/connections", { externalCustomerId: "numbers" });
  await gateway.worker.drain();
  const url = `/bank-linking/accounts?connectionId=${linked.id}`;
  for (const scope of SCOPE_NAMES) {
    const accounts: { id: string; truncatedAccountNumber: string; identifiers: unknown }[] = (
      await ask(scope, "GET", url)
    ).json().financialAccounts;
    const shown = accounts.filter(({ identifiers }) => identifiers !== null);
    assert.ok(accounts.length > 0 && accounts.every(({ truncatedAccountNumber }) => truncatedAccountNumber !== null));
    assert.equal(shown.length > 0, scope !== "read", scope);
    const [account] = accounts;
    const one = (await ask(scope, "GET", `/bank-linking/accounts/${account?.id}`)).json();
    assert.deepEqual(one.identifiers, account?.identifiers);
  }
});

test("A key is made, shown once, used and revoked, and its last use is told to the minute", async () => {
  const made = (await ask("admin", "POST", "/api-keys", { label: "billing", scope: "link" })).json();
  assert.match(made.secret, /^bow_[\w-]{32}$/);
  assert.equal(made.lastUsedAt, null);
  const headers = { authorization: `Bearer ${made.secret}` };
  const use = () => gateway.inject({ method: "GET", url: "/bank-linking/connections", headers });
  const listed = async () =>
    (await ask("admin", "GET", "/api-keys")).json().apiKeys.find(({ id }: { id: string }) => id === made.id);
  const began = gateway.clock.at;
  assert.equal((await use()).statusCode, 200);
  gateway.clock.at += 59_000;
  await use();
  assert.equal((await listed()).lastUsedAt, new Date(began).toISOString());
  gateway.clock.at += 1_000;
  await use();
  const { secret: _shown, ...rest } = made;
  assert.deepEqual(await listed(), { ...rest, lastUsedAt: new Date(began + 60_000).toISOString() });
  const revoked = (await ask("admin", "DELETE", `/api-keys/${made.id}`)).json();
  assert.equal(revoked.revokedAt, new Date(gateway.clock.at).toISOString());
  assert.equal((await use()).statusCode, 401);
});

test("The last key that can make another can't be revoked here, whoever revokes whose", async () => {
  const { apiKeys } = (await ask("admin", "GET", "/api-keys")).json() as {
    apiKeys: { id: string; scope: Scope; revokedAt: string | null }[];
  };
  const admins = apiKeys.filter(({ scope, revokedAt }) => scope === "admin" && revokedAt === null);
  assert.equal(admins.length, 2);
  const answers = await Promise.all(admins.map(({ id }) => ask("admin", "DELETE", `/api-keys/${id}`)));
  const codes = answers.map(({ statusCode }) => statusCode);
  const left = await gateway.database.pool.query(
    "select id from api_key where revoked_at is null and scopes = array['admin']",
  );
  assert.equal(left.rows.length, 1, codes.join(", "));
  assert.ok(
    answers.some((answer) => answer.statusCode !== 200),
    codes.join(", "),
  );
});
