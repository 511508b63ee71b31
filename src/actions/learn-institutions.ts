/** Takes a provider's whole catalogue of banks into the directory, page by page. */
import { Refusal } from "../core/refusal.ts";
import { hostOf } from "../core/search/fold.ts";
import { type Answer, good, type InstitutionFact, type Provider } from "../providers/provider.ts";
import { type Listed, saveCatalogue } from "../store/catalogue.ts";
import { institutionId } from "../store/institutions.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";

export async function learnInstitutions(gateway: Gateway, name: string): Promise<number> {
  const provider = providerOf(gateway, name);
  if (!provider.readInstitutions) return 0;
  const answer = await catalogueOf(gateway, provider, provider.readInstitutions);
  if (!answer.ok)
    throw new Refusal("PROVIDER_UNAVAILABLE", `${name} did not tell its banks: ${answer.trouble.raw.code}.`);
  const listed = answer.facts.map((fact) => listedAs(name, fact));
  await gateway.db.tx("catalogue", (sql) => saveCatalogue(sql, listed));
  return listed.length;
}

/** Addresses are kept in the form in which they are compared. */
function listedAs(provider: string, fact: InstitutionFact): Listed {
  const { ref, name, domain, addresses = [], aliases = [], countries, products, isTest, rank } = fact;
  const hosts = [domain, ...addresses].flatMap((address) => (address && hostOf(address)) || []);
  return {
    id: institutionId(provider, ref),
    name,
    aliases: [...new Set(aliases)],
    hosts: [...new Set(hosts)],
    countries: [...countries],
    products: [...products],
    isTest,
    rank,
    providers: { [provider]: ref },
  };
}

/** A limit is waited for: a catalogue of many pages is larger than what a minute allows. */
async function catalogueOf(
  gateway: Gateway,
  provider: Provider,
  verb: NonNullable<Provider["readInstitutions"]>,
): Promise<Answer<InstitutionFact[]>> {
  const all: InstitutionFact[] = [];
  const { door } = gateway;
  let waits = 0;
  for (;;) {
    const page = await callsTo(gateway, provider).ask("readInstitutions", verb, { offset: all.length });
    if (!page.ok) {
      if (page.trouble.scope !== "quota" || ++waits > MOST_WAITS) return page;
      await door.wait(Math.max(0, (page.trouble.notBefore ?? 0) - door.wall()));
      continue;
    }
    if (page.facts.length === 0) return good(all);
    all.push(...page.facts);
  }
}

/** Of about a minute each. */
const MOST_WAITS = 10;
