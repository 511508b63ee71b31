/** Everything that an operator can get wrong with Plaid, got wrong once: the check has to name it, and the mend. */
import assert from "node:assert/strict";
import test from "node:test";
import { Products } from "plaid";
import { plaid, type PlaidSettings } from "../../../src/providers/plaid/plaid.ts";
import type { Call } from "../../../src/providers/provider.ts";
import type { Finding, Setup } from "../../../src/providers/setup.ts";
import { playPlaid } from "./fixture/server.ts";
import { createWorld, failNext, plaidErrorOf } from "./fixture/world.ts";
import { facts, play, type Played } from "./played.ts";

const PUBLIC = "https://gateway.example";
const REDIRECT = "https://app.example/back";

/** A gateway that answers at its public address, which leads nowhere from here. */
const call: Call = {
  fetch: async (url, init) => (url.startsWith(PUBLIC) ? Response.json({ status: "alive" }) : fetch(url, init)),
  now: Date.now,
  wall: Date.now,
};

async function checked(
  { provider }: Pick<Played, "provider">,
  setup: Partial<Setup> = {},
  by: Call = call,
): Promise<readonly Finding[]> {
  assert.ok(provider.check);
  return facts(await provider.check.run(by, { publicUrl: PUBLIC, redirectUrl: REDIRECT, ...setup }));
}

/** The one thing that is amiss. */
function amiss(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ well }) => !well);
  assert.equal(wrong.length, 1, JSON.stringify(wrong));
  return wrong[0]?.sentence ?? "";
}

test("where all is well, all of it is said, and nothing that is paid was asked for", async () => {
  await using played = await play();
  played.world.redirects = [REDIRECT];
  const findings = await checked(played);
  assert.deepEqual(
    findings.map(({ well, sentence }) => `${well} ${sentence}`),
    [
      "true Plaid accepts the keys in its environment sandbox.",
      "true This machine's clock agrees with Plaid's.",
      "true Plaid's product auth is enabled.",
      "true Plaid's product investments is enabled.",
      "true Plaid's product identity is enabled.",
      "true Plaid's product transactions is enabled.",
      `true The redirect URI ${REDIRECT} is registered with Plaid.`,
      "true Plaid tells the keys that its webhooks are signed with.",
      `true The gateway answers at ${PUBLIC}, where Plaid's webhooks are sent.`,
    ],
  );
  const free = ["/institutions/get", "/link/token/create", "/webhook_verification_key/get"];
  assert.deepEqual([...new Set(played.plaid.exchanges.map(({ path }) => path))], free);
});

test("wrong keys", async () => {
  await using played = await play();
  played.world.secret = "rotated";
  const said = amiss(await checked(played));
  assert.match(said, /^Plaid refuses the keys \(INVALID_API_KEYS\): PLAID_CLIENT_ID and PLAID_SECRET do not belong/);
  assert.ok(!said.includes("fixture-secret"));
  assert.equal(played.plaid.exchanges.length, 1, "with keys that are refused, nothing more is tried");
});

test("keys of the other environment", async () => {
  await using played = await play();
  const other = await playPlaid(createWorld({ clientId: "mine", secret: "of-production" }));
  const settings: PlaidSettings = {
    clientId: "mine",
    secret: "of-production",
    environment: "sandbox",
    baseUrl: played.plaid.url,
    otherUrl: other.url,
  };
  const said = amiss(await checked({ provider: plaid(settings) }));
  assert.match(said, /of Plaid's environment production and PLAID_ENV is sandbox: set PLAID_ENV to production/);
  await other.close();
});

test("products that are not enabled, by the names that the operator uses", async () => {
  await using played = await play();
  played.world.notEnabled = [Products.Investments];
  assert.match(
    amiss(await checked(played)),
    /product investments is not enabled .*or leave INVESTMENT_HOLDINGS and INVESTMENT_TRANSACTIONS out/,
  );
  // The redirect URI is tried with a product that is enabled.
  played.world.notEnabled = [Products.Auth, Products.Identity, Products.Transactions];
  const findings = await checked(played);
  assert.equal(findings.filter(({ well }) => !well).length, 3);
  assert.ok(findings.some(({ well, sentence }) => well && sentence.includes("redirect URI")));
});

test("a redirect URI that is not registered, or could not be", async () => {
  await using played = await play();
  played.world.redirects = ["https://app.example/other"];
  assert.match(amiss(await checked(played)), /^The redirect URI https:\/\/app\.example\/back is not registered/);
  const { clientId, secret } = played.world;
  const provider = plaid({ clientId, secret, environment: "production", baseUrl: played.plaid.url });
  const said = amiss(await checked({ provider }, { redirectUrl: "http://app.example/back" }));
  assert.match(said, /has to begin with https:\/\//);
  const none = await checked(played, { redirectUrl: null });
  assert.ok(none.every(({ well, sentence }) => well && !sentence.includes("redirect")));
});

test("no way in for webhooks: none named, one that nobody reaches, one that leads elsewhere", async () => {
  await using played = await play();
  const way = async (publicUrl: string | null, answer?: () => Promise<Response>) =>
    amiss(
      await checked(
        played,
        { publicUrl },
        {
          ...call,
          fetch: (url, init) => (publicUrl && url.startsWith(publicUrl) && answer ? answer() : call.fetch(url, init)),
        },
      ),
    );
  assert.match(await way(null), /^BOWLINE_PUBLIC_URL is not set/);
  for (const near of ["http://localhost:4400", "http://127.0.0.1", "https://10.2.3.4", "http://[::1]:80"])
    assert.match(await way(near), /which Plaid can't reach/);
  const refused = Object.assign(new TypeError("fetch failed"), {
    cause: Object.assign(new Error(), { code: "ECONNREFUSED" }),
  });
  assert.match(await way(PUBLIC, () => Promise.reject(refused)), /^Nothing answers .*ECONNREFUSED/);
  assert.match(await way(PUBLIC, async () => new Response("", { status: 404 })), /\/health answers 404/);
  const { clientId, secret } = played.world;
  const provider = plaid({ clientId, secret, environment: "production", baseUrl: played.plaid.url });
  assert.match(amiss(await checked({ provider }, { publicUrl: "http://gateway.example" })), /begins with http:\/\//);
});

test("a clock that is wrong, either way; a minute is none", async () => {
  await using played = await play();
  const by = (skew: number): Call => ({ ...call, wall: () => Date.now() + skew });
  assert.match(amiss(await checked(played, {}, by(300_000))), /clock is (299|300|301) s ahead of Plaid's/);
  assert.match(amiss(await checked(played, {}, by(-300_000))), /clock is (299|300|301) s behind Plaid's/);
  assert.ok((await checked(played, {}, by(50_000))).every(({ well }) => well));
});

test("Plaid out of reach, out of order, or at its limit is said as such, and no key is blamed", async () => {
  await using played = await play();
  failNext(played.world, "/institutions/get", plaidErrorOf("INTERNAL_SERVER_ERROR", "API_ERROR"), 500);
  assert.match(amiss(await checked(played)), /does not answer as it should: INTERNAL_SERVER_ERROR/);
  failNext(played.world, "/institutions/get", plaidErrorOf("RATE_LIMIT", "RATE_LIMIT_EXCEEDED"), 429);
  assert.match(amiss(await checked(played)), /RATE_LIMIT/);
  const nowhere = plaid({ clientId: "a", secret: "b", environment: "sandbox", baseUrl: "http://127.0.0.1:1" });
  assert.match(
    amiss(await checked({ provider: nowhere })),
    /does not answer as it should: (ECONNREFUSED|TRANSPORT_FAILED)/,
  );
});
