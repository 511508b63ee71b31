// GET /institutions?name=: what people type finds the bank, pages follow both ways, and changes are seen at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { saveCatalogue } from "../../src/store/catalogue.ts";
import { institutionId } from "../../src/store/institutions.ts";
import { makeDirectory } from "../search/directory.ts";
import { catalogueOf } from "../search/loading.ts";
import { openGateway, type TestGateway } from "./gateway.ts";

interface Body {
  id: string;
  name: string;
  key: string;
  rank: number;
  aliases: string[];
  domain: string | null;
  domains: string[];
  providers: Record<string, string>;
}

let gateway: TestGateway;
/** Every tenth of a large directory: enough namesakes for pages. */
const some = makeDirectory().filter((_, place) => place % 10 === 0);

before(async () => {
  gateway = await openGateway();
  await learn(catalogueOf("PLAID", some));
});
after(() => gateway.close());

const learn = (rows: Parameters<typeof saveCatalogue>[1]) =>
  gateway.gateway.db.tx("catalogue", (sql) => saveCatalogue(sql, rows));

async function search(
  query: Record<string, string>,
): Promise<{ institutions: Body[]; count: number; remaining: number }> {
  const answer = await gateway.call("GET", `/institutions?${new URLSearchParams(query).toString()}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}
const first = async (name: string, more: Record<string, string> = {}) =>
  (await search({ name, limit: "3", ...more })).institutions.map((one) => one.name);

test("The fake banks are found by half a name, a slip, an alias, initials and an address", async () => {
  for (const typed of [
    "copper mesa",
    "COPER MESA",
    "coppermesa",
    "mesa copper bank",
    "cmb",
    "bank-copper-mesa.example",
  ]) {
    assert.equal((await first(typed, { serviceProviders: "SANDBOX" }))[0], "Copper Mesa Bank", typed);
  }
  const url = "https://www.bank-tallgrass.example/login?x=1";
  assert.deepEqual(await first(url), ["Tallgrass Community Credit Union"]);
  assert.equal((await first("prairie teachers"))[0], "Tallgrass Community Credit Union");
  const { institutions } = await search({ name: "tallgrass", limit: "1" });
  assert.deepEqual(institutions[0]?.aliases, ["Tallgrass CU", "Prairie Teachers Credit Union"]);
});

test("Pages follow one another both ways, each bank once, as one long page has them", async () => {
  const name = "first national bank";
  const all = await search({ name, limit: "1000" });
  assert.ok(all.count > 100, `${all.count}`);
  assert.equal(all.remaining, 0);
  const forward: Body[] = [];
  for (let after: string | undefined; ; after = forward.at(-1)?.key) {
    const page = await search({ name, limit: "47", ...(after && { after }) });
    forward.push(...page.institutions);
    assert.equal(page.remaining, all.count - forward.length);
    if (page.remaining === 0) break;
  }
  assert.deepEqual(forward, all.institutions);
  const back = await search({ name, limit: "10", before: String(all.institutions[25]?.key) });
  assert.deepEqual(back.institutions, all.institutions.slice(15, 25));
  assert.equal(back.remaining, 15);
});

test("Filters hold for what is searched by name", async () => {
  const wanted = { name: "building society", limit: "1000" };
  const { institutions } = await search({ ...wanted, regions: "GB-ENG" });
  assert.ok(institutions.length > 30);
  assert.equal((await search({ ...wanted, regions: "FR" })).count, 0);
  const names = await first("building society", { serviceProviders: "SANDBOX" });
  assert.deepEqual(names, ["Wrenfield Building Society"]);
  assert.equal((await search({ ...wanted, products: "OWNERS", serviceProviders: "PLAID" })).count, 0);
});

test("A bank that is new, renamed or has become one with another is found so by the next search", async () => {
  const row = (provider: string, name: string, domain: string) =>
    catalogueOf(provider, [{ ref: "new", name, aliases: [], domain, countries: ["US"], rank: 3 }]);
  assert.deepEqual(await first("quillfeather"), []);
  await learn(row("PLAID", "Quillfeather Bank", "quillfeather.example"));
  assert.deepEqual(await first("quillfeather"), ["Quillfeather Bank"]);
  await learn(row("PLAID", "Inkwell Trust", "quillfeather.example"));
  assert.deepEqual(await first("quill feather"), ["Inkwell Trust"], "its address is still that");
  assert.equal((await first("inkwell"))[0], "Inkwell Trust");

  await learn(row("SANDBOX", "Inkpot Savings", "quillfeather.example"));
  const { institutions } = await search({ name: "inkpot", limit: "3" });
  assert.deepEqual(
    institutions.map(({ id, name, aliases, providers }) => ({ id, name, aliases, providers })),
    [
      {
        id: institutionId("PLAID", "new"),
        name: "Inkwell Trust",
        aliases: ["Inkpot Savings"],
        providers: { PLAID: "new", SANDBOX: "new" },
      },
    ],
  );
  const twin = await gateway.call("GET", `/institutions/${institutionId("SANDBOX", "new")}`);
  assert.equal(twin.body.id, institutionId("PLAID", "new"));
});

test("A page is not moved by banks that come in between", async () => {
  const query = { name: "citizens bank", limit: "5" };
  const before = await search(query);
  const next = await search({ ...query, after: String(before.institutions.at(-1)?.key) });
  const rows = catalogueOf("PLAID", [
    { ref: "in between", name: "Citizens Bank", aliases: [], domain: null, countries: ["US"], rank: 999_999 },
  ]);
  await learn(rows);
  assert.deepEqual(await search({ ...query, after: String(before.institutions.at(-1)?.key) }), next);
  assert.equal((await search(query)).institutions[0]?.name, "Citizens Bank");
});

test("Many changes later the copy is made anew, and finds the same", async () => {
  const query = { name: "farmers merchants", limit: "20" };
  const before = (await search(query)).institutions;
  assert.equal(before.length, 20);
  for (const more of [1, 2, 0]) {
    await learn(
      catalogueOf(
        "PLAID",
        some.map((bank) => ({ ...bank, rank: bank.rank + more })),
      ),
    );
    const { institutions } = await search(query);
    assert.deepEqual(
      institutions.map(({ id, rank }) => [id, rank]),
      before.map(({ id, rank }) => [id, rank + more]),
    );
  }
});

test("A key leads on in its own search alone", async () => {
  const [found] = (await search({ name: "citizens" })).institutions;
  const [listed] = (await search({ limit: "1" })).institutions;
  const refused = async (query: Record<string, string>) => {
    const { status, body } = await gateway.call("GET", `/institutions?${new URLSearchParams(query).toString()}`);
    assert.equal(status, 400);
    return body.message as string;
  };
  assert.match(await refused({ name: "peoples", after: found!.key }), /^\[after\] is a key of another search/);
  assert.match(await refused({ before: found!.key }), /^\[before\] is no key of this list/);
  assert.match(await refused({ name: "citizens", after: listed!.key }), /^\[after\] is no key of this list/);
  assert.match(await refused({ name: " " }), /^\[name\] must not be blank/);
});

test("Signs, other scripts and long texts find nothing, and break nothing", async () => {
  for (const name of ["%", "\\", "!!!", "銀行", "x".repeat(2000), "a ".repeat(999), "https://", "'; --", "🏦"]) {
    const { institutions } = await search({ name, limit: "1" });
    assert.ok(institutions.length <= 1);
  }
});

test("Connections are found by either id of a bank that two providers know", async () => {
  const start = { externalCustomerId: "merged", institutionId: institutionId("SANDBOX", "bank-thistle-moor") };
  const { body: linked } = await gateway.call("POST", "/sandbox/connections", start);
  const rows = catalogueOf("PLAID", [
    { ref: "tm", name: "Thistle", aliases: [], domain: "bank-thistle-moor.example", countries: ["GB"], rank: 1 },
  ]);
  await learn(rows.map((row) => ({ ...row, isTest: true })));
  for (const id of [institutionId("PLAID", "tm"), institutionId("SANDBOX", "bank-thistle-moor")]) {
    const { body } = await gateway.call("GET", `/bank-linking/connections?institutionId=${id}`);
    assert.deepEqual(
      body.connections.map((one: { id: string }) => one.id),
      [linked.id],
    );
  }
});
