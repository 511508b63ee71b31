/** Takes a provider's whole catalogue of banks into the directory. For catalogues that fit into one answer. */
import { Refusal } from "../core/refusal.ts";
import { hostOf } from "../core/search/fold.ts";
import type { InstitutionFact } from "../providers/provider.ts";
import { type Listed, saveCatalogue } from "../store/catalogue.ts";
import { institutionId } from "../store/institutions.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";

export async function learnInstitutions(gateway: Gateway, name: string): Promise<number> {
  const provider = providerOf(gateway, name);
  if (!provider.readInstitutions) return 0;
  const answer = await callsTo(gateway, provider).ask("readInstitutions", provider.readInstitutions, {});
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
