/** Takes a provider's whole catalogue of banks into the directory, page by page. */
import { Refusal } from "../core/refusal.ts";
import { beginning } from "../core/label.ts";
import { DAY, HOUR, MINUTE } from "../core/status/policy.ts";
import { hostOf } from "../core/search/fold.ts";
import type { Trouble } from "../providers/provider.ts";
import type { InstitutionFact } from "../providers/institution.ts";
import { type Listed, saveCatalogue } from "../store/catalogue.ts";
import { institutionId } from "../store/institutions.ts";
import { holds, keepPayload, keepTask, reschedule, type Task } from "../store/tasks.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";
import { again } from "./intent.ts";
import { ENDPOINTS } from "./place-news.ts";
import { LeaseLost } from "./run.ts";

/** Some ten times as many as any provider has. */
const MOST = 200_000;
/** Of a name so much is kept; what is longer is none. */
const LONGEST = 300;
const MOST_ALIASES = 100;

const endless = (code: string): Trouble => ({
  scope: "provider",
  state: "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE",
  raw: { code },
});

/** At a start, for a catalogue that is there at once. */
export async function learnInstitutions(gateway: Gateway, name: string): Promise<void> {
  const trouble = await takePages(gateway, name, 0, async () => undefined);
  if (trouble) throw new Refusal("PROVIDER_UNAVAILABLE", `${name} did not tell its banks: ${trouble.raw.code}.`);
}

/** At a start: each provider's task is there. What was read today is not read again. */
export async function keepCatalogues(gateway: Gateway): Promise<void> {
  const { db, door, providers } = gateway;
  for (const { name, readInstitutions } of providers.values())
    if (readInstitutions) await keepTask(db, ENDPOINTS, name, "catalogue", door.now());
}

/** Once a day. Where a limit or an outage ends it, it goes on at the page that it had come to. */
export async function readCatalogue(gateway: Gateway, task: Task): Promise<void> {
  const { db, door, providers } = gateway;
  if (!providers.get(task.subject)?.readInstitutions) return reschedule(db, task, Infinity, 0);
  const from = Number(task.payload?.toString() ?? 0);
  const keepPlace = async (place: number): Promise<void> => {
    if (!(await holds(db, task))) throw new LeaseLost("catalogue");
    await keepPayload(db, task, Buffer.from(String(place)));
  };
  const trouble = await takePages(gateway, task.subject, from, keepPlace);
  if (!trouble) {
    await keepPlace(0);
    return reschedule(db, task, door.now() + DAY, 0);
  }
  const pause = trouble.notBefore === undefined ? again(task.attempt, HOUR) : trouble.notBefore - door.wall();
  await reschedule(db, task, door.now() + Math.max(pause, MINUTE), task.attempt + 1);
}

/** Null: all of it was taken in, from the given place on; otherwise what ended it. */
async function takePages(
  gateway: Gateway,
  name: string,
  from: number,
  took: (place: number) => Promise<void>,
): Promise<Trouble | null> {
  const provider = providerOf(gateway, name);
  if (!provider.readInstitutions) return null;
  const calls = callsTo(gateway, provider);
  const known = new Set<string>();
  for (let place = from; ; ) {
    const page = await calls.ask("readInstitutions", provider.readInstitutions, { offset: place });
    if (!page.ok) return page.trouble;
    if (page.facts.length === 0) return null;
    // One that is named twice is one, as it was named last.
    const listed = new Map(page.facts.map((fact) => [fact.ref, listedAs(name, fact)]));
    // The end is an empty page: a provider that knows no end would be asked for ever.
    if ([...listed.keys()].every((ref) => known.has(ref))) return endless("CATALOGUE_STANDS_STILL");
    if (place > MOST) return endless("CATALOGUE_TOO_LONG");
    for (const ref of listed.keys()) known.add(ref);
    await gateway.db.tx("catalogue", (sql) => saveCatalogue(sql, [...listed.values()]));
    place += page.facts.length;
    await took(place);
  }
}

/** Addresses are kept in the form in which they are compared. */
function listedAs(provider: string, fact: InstitutionFact): Listed {
  const { ref, name, domain, addresses = [], aliases = [], countries, products, isTest, rank } = fact;
  const hosts = [domain, ...addresses].flatMap((address) => (address && hostOf(address)) || []);
  return {
    id: institutionId(provider, ref),
    name: beginning(name, LONGEST),
    aliases: [...new Set(aliases.slice(0, MOST_ALIASES).map((alias) => beginning(alias, LONGEST)))],
    hosts: [...new Set(hosts.slice(0, MOST_ALIASES))],
    countries: [...countries],
    products: [...products],
    isTest,
    rank,
    providers: { [provider]: ref },
  };
}
