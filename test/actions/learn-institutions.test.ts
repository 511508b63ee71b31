// What a provider may tell of its banks, and what becomes of it: no page ends the reading, and none goes on for ever.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { learnInstitutions } from "../../src/actions/learn-institutions.ts";
import type { InstitutionFact, InstitutionSearch } from "../../src/providers/institution.ts";
import { good, type Provider } from "../../src/providers/provider.ts";
import { openGateway } from "../http/gateway.ts";

const gateway = await openGateway();
after(() => gateway.close());
const real = gateway.gateway.providers.get("SANDBOX") as Provider;

const bank = (ref: string, more: Partial<InstitutionFact> = {}): InstitutionFact => ({
  ref,
  name: `Bank ${ref}`,
  countries: ["US"],
  products: ["BALANCES"],
  isTest: true,
  rank: 1,
  ...more,
});

/** Reads a catalogue that answers so; how often it was asked, and what ended it. */
async function learned(pageAt: (offset: number) => InstitutionFact[]): Promise<{ asked: number; why: string }> {
  let asked = 0;
  const run = async (_: unknown, { offset = 0 }: InstitutionSearch) => {
    asked += 1;
    assert.ok(asked < 2_100, "it is asked for ever");
    return good(pageAt(offset));
  };
  const spoilt = { ...real, readInstitutions: { cost: "free", source: "cache", run } } as Provider;
  (gateway.gateway.providers as Map<string, Provider>).set("SANDBOX", spoilt);
  const why = await learnInstitutions(gateway.gateway, "SANDBOX").then(
    () => "",
    (error: Error) => error.message,
  );
  return { asked, why };
}

const nameOf = async (ref: string): Promise<string | undefined> => {
  const text = "select name from institution where providers ->> 'SANDBOX' = $1";
  return (await gateway.database.pool.query<{ name: string }>(text, [ref])).rows[0]?.name;
};

test("A page that comes again and again ends the reading, and what it told is kept", async () => {
  const { asked, why } = await learned(() => [bank("again")]);
  assert.equal(asked, 2);
  assert.match(why, /CATALOGUE_STANDS_STILL/);
  assert.equal(await nameOf("again"), "Bank again");
});

test("A catalogue that invents banks without end is ended", async () => {
  // Each page tells one bank, and claims to have told twenty thousand.
  let page = 0;
  const pages = () => Array.from({ length: 20_000 }, () => bank(`more-${page}`));
  const { asked, why } = await learned(() => (page++, pages()));
  assert.ok(asked < 20, `${asked} pages`);
  assert.match(why, /CATALOGUE_TOO_LONG/);
});

test("A bank that stands twice on a page is one, as it stands there last", async () => {
  const { why } = await learned((offset) => (offset > 0 ? [] : [bank("two"), bank("two", { name: "The later name" })]));
  assert.equal(why, "");
  assert.equal(await nameOf("two"), "The later name");
});

test("Of a giant's names so much is kept, and the bank is found", async () => {
  const giant = bank("giant", {
    name: "G".repeat(1_000_000),
    aliases: Array.from({ length: 5_000 }, (_, n) => `${n}`),
  });
  const { why } = await learned((offset) => (offset > 0 ? [] : [giant]));
  assert.equal(why, "");
  assert.equal((await nameOf("giant"))?.length, 300);
});
