/** Takes a provider's whole catalogue of banks into the directory. For catalogues that fit into one answer. */
import { Refusal } from "../core/refusal.ts";
import { institutionId, saveInstitutions } from "../store/institutions.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";

export async function learnInstitutions(gateway: Gateway, name: string): Promise<number> {
  const provider = providerOf(gateway, name);
  if (!provider.readInstitutions) return 0;
  const answer = await callsTo(gateway, provider).ask("readInstitutions", provider.readInstitutions, {});
  if (!answer.ok)
    throw new Refusal("PROVIDER_UNAVAILABLE", `${name} did not tell its banks: ${answer.trouble.raw.code}.`);
  const known = answer.facts.map(({ ref, name: title, domain, countries, products, isTest, rank }) => ({
    id: institutionId(name, ref),
    name: title,
    domain: domain ?? null,
    countries: [...countries],
    products: [...products],
    isTest,
    rank,
    providers: { [name]: ref },
  }));
  await saveInstitutions(gateway.db, known);
  return known.length;
}
