/**
 * Takes over a connection that was linked elsewhere.
 *
 * Nothing becomes a connection here before its provider has opened it with the credential that was given. Every step
 * can be repeated: the read, the signpost, the one transaction that finds or makes the rows, and the webhook, which is
 * turned to us last, when there is somebody to hear it. So an import that was killed is run again, and what is there
 * already is found by the provider's own id.
 */
import { observe } from "../core/observe.ts";
import type { Home } from "../core/ids.ts";
import { PRODUCTS, type Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import { fold } from "../core/status/health.ts";
import type { Adopted, Provider, ServiceProvider, Trouble } from "../providers/provider.ts";
import { claimsOn, findClaim, getConnection, insertConnection, writeActs } from "../store/connections.ts";
import { findOrCreateCustomer, lockCustomer } from "../store/customers.ts";
import type { Sql } from "../store/database.ts";
import { homeFor, idFor, mint } from "../store/home.ts";
import { institutionId, rememberInstitution } from "../store/institutions.ts";
import { projectConnection, projectProviderConnection } from "../store/projection.ts";
import {
  countClosed,
  findProviderConnection,
  newProviderConnection,
  type ProviderConnection,
  saveProviderConnection,
} from "../store/provider-connections.ts";
import { seal } from "../store/seal.ts";
import { pointTo, type SignpostKey } from "../store/signposts.ts";
import { makeDue } from "../store/tasks.ts";
import { note } from "../store/timeline.ts";
import { callsTo } from "./call.ts";
import { hooksOf } from "./check-webhook.ts";
import { claim } from "./complete.ts";
import { type Gateway, projectorOf } from "./gateway.ts";
import { refuseUnsupported } from "./offered.ts";
import { webhookUrlOf } from "./receive-webhook.ts";

export interface ImportItem {
  externalCustomerId: string;
  serviceProvider: ServiceProvider;
  credential: string;
  /** The provider's own connection id, where the application knows it: another one is refused. */
  ref: string | null;
  /** Where the provider does not tell which bank it is. */
  institution: { ref: string; name: string } | null;
  /** Absent: what the provider says that it may be read for. */
  products: readonly Product[] | null;
}

/** `would import` is a dry run's `imported`. */
export interface Imported {
  outcome: "imported" | "already" | "would import";
  /** Null before there is one. */
  connectionId: string | null;
  ref: string;
  institutionName: string | null;
  products: readonly Product[];
  /** The provider tells us of it; `failed`: import it once more. `none`: no webhook can reach this gateway. */
  webhook: "pointed" | "failed" | "none" | "untouched";
}

export async function importConnection(gateway: Gateway, item: ImportItem, dryRun: boolean): Promise<Imported> {
  const provider = gateway.providers.get(item.serviceProvider);
  if (!provider) throw wrong("serviceProvider", `${item.serviceProvider} is not set up here; set its keys and restart`);
  if (!provider.adopt) throw wrong("serviceProvider", `${provider.name} has nothing that could be imported`);
  const adopted = await look(gateway, provider, item);
  const products = item.products ?? adopted.products ?? provider.products;
  if (products.length === 0) throw wrong("products", "is empty, and the provider names none; name at least one");
  const bank = bankOf(item, adopted);
  // What the provider names itself is there, whatever its catalogue says.
  await refuseUnsupported(gateway, bank && institutionId(provider.name, bank.ref), provider, item.products ?? []);

  const home = homeFor(gateway.salt, "customer", item.externalCustomerId);
  const told = { ref: adopted.ref, institutionName: bank?.name || null, products };
  const known = await findClaim(gateway.db, home, item.externalCustomerId, item.serviceProvider, adopted.ref);
  if (dryRun)
    return { ...told, outcome: known ? "already" : "would import", connectionId: known, webhook: "untouched" };
  const connectionId = known ?? (await keep(gateway, provider, item, adopted, products, home));
  const webhook = await point(gateway, provider, item.credential);
  return { ...told, outcome: known ? "already" : "imported", connectionId, webhook };
}

const wrong = (field: string, sentence: string) => new Refusal("BAD_REQUEST", `[${field}] ${sentence}.`);

const bankOf = (item: ImportItem, { institution }: Adopted) =>
  institution.ref === "" ? item.institution : institution;

/** The provider opens it with this credential, or it is not imported. */
async function look(
  gateway: Gateway,
  provider: Provider,
  { credential, ref, institution }: ImportItem,
): Promise<Adopted> {
  const verb = provider.adopt;
  if (!verb) throw new Error(`${provider.name} adopts nothing`);
  const answer = await callsTo(gateway, provider).ask("adopt", verb, { credential });
  if (!answer.ok) throw refusalOf(provider, answer.trouble, gateway.door.now());
  const { institution: opened } = answer.facts;
  if (institution && opened.ref !== "" && institution.ref !== opened.ref)
    throw wrong("institution.id", `is not the bank that the credential opens, which is ${opened.ref}; leave it out`);
  if (ref !== null && answer.facts.ref !== ref)
    throw wrong("providerConnectionId", `is not what the credential opens at ${provider.name}; correct one of the two`);
  return answer.facts;
}

function refusalOf({ name }: Provider, { scope, state, raw, notBefore, gone }: Trouble, now: number): Refusal {
  if (scope === "quota")
    return new Refusal("TOO_EARLY", `${name} takes no more requests now (${raw.code}); try later.`, notBefore ?? now);
  const isAway =
    state === "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE" || state === "UNDETERMINED/AGGREGATION_TIMEOUT";
  if (scope === "provider" || scope === "application" || isAway) {
    const mend = scope === "application" ? "correct the gateway's own keys" : "try again";
    return new Refusal("PROVIDER_UNAVAILABLE", `${name} can't be asked about it now (${raw.code}); ${mend}.`);
  }
  const why = gone === true ? "it is gone there" : "the credential opens nothing there";
  return new Refusal("FORBIDDEN", `[accessToken] ${name} answered ${raw.code}: ${why}; nothing was imported.`);
}

async function keep(
  gateway: Gateway,
  provider: Provider,
  item: ImportItem,
  adopted: Adopted,
  products: readonly Product[],
  home: Home,
): Promise<string> {
  const { db, door } = gateway;
  const bank = bankOf(item, adopted);
  const institutionId = bank && (await rememberInstitution(db, provider.name, bank.ref, bank.name));
  const key = {
    home: homeFor(gateway.salt, "signpost", provider.name, adopted.ref),
    provider: provider.name,
    ref: adopted.ref,
  };
  const id = await nameFor(db, home, key);
  await gateway.reach?.("before commit: signpost");
  const isOpen = await pointTo(db, key, id);
  await gateway.reach?.("after commit: signpost");
  if (!isOpen)
    throw new Refusal("PROVIDER_UNAVAILABLE", "An earlier link of this login is still being removed; try again later.");
  const connectionId = await db.tx("imported", async (sql) => {
    const now = door.now();
    const minted = mint(door, "customer", home);
    const customer = await findOrCreateCustomer(sql, home, minted, item.externalCustomerId, now);
    await lockCustomer(sql, home, customer.id);
    const old = await findProviderConnection(sql, home, customer.id, provider.name, adopted.ref);
    // The same import beside this one was first.
    const twin = old && (await claimsOn(sql, home, old.id)).find(({ deletedAt }) => deletedAt === null);
    if (twin) return twin.id;
    const holding = seen(
      gateway,
      fresh(home, old?.id ?? id, customer.id, provider, adopted, institutionId, now),
      adopted,
      now,
    );
    await saveProviderConnection(sql, holding);
    const connection = mint(door, "connection", home);
    await insertConnection(sql, {
      home,
      id: connection,
      customerId: customer.id,
      institutionId,
      products: PRODUCTS.filter((product) => products.includes(product)),
      optionalProducts: [],
      regions: [],
      redirectUrl: null,
      allowRedirect: true,
      replacesConnectionId: null,
      startedAt: now,
    });
    await finish(sql, gateway, holding, connection, now);
    return connection;
  });
  gateway.poke();
  return connectionId;
}

/**
 * The same words give the same id again: an import that was killed, or runs beside this one, has written no other into
 * the signpost. An entry that leads nowhere would keep the access from ever being ended.
 */
const nameFor = async (sql: Sql, home: Home, { provider, ref }: SignpostKey): Promise<string> =>
  idFor("providerConnection", home, "import", provider, ref, await countClosed(sql, home, provider, ref));

function fresh(
  home: Home,
  id: string,
  customerId: string,
  provider: Provider,
  { ref }: Adopted,
  institutionId: string | null,
  now: number,
): ProviderConnection {
  return newProviderConnection({
    home,
    id,
    customerId,
    provider: provider.name,
    ref,
    institutionId,
    credential: null,
    linkedAt: now,
  });
}

/** What the provider stated when it was asked stands from the first moment on: broken elsewhere is broken here. */
function seen(
  gateway: Gateway,
  pc: ProviderConnection,
  { credential, statements }: Adopted,
  at: number,
): ProviderConnection {
  const { troubles = [], dataAsOf: _, ...said } = statements;
  // An account that has no id here yet is told of by the first read.
  const told = troubles.filter(({ accountRef }) => accountRef === undefined);
  // A moment later than the link, which would void it.
  const run = {
    run: mint(gateway.door, "run", pc.home),
    at: at + 1,
    kind: "probe" as const,
    asked: [],
    read: [],
    told,
    said,
  };
  return {
    ...pc,
    credential: seal(gateway.ring, gateway.door, credential, pc.id),
    health: fold(pc.health, observe(run, pc.health)),
    lastSentAt: at + 1,
  };
}

async function finish(sql: Sql, gateway: Gateway, held: ProviderConnection, id: string, now: number): Promise<void> {
  const { home } = held;
  const claimedAt = await claim(sql, held, now);
  const { provider, institutionId } = held;
  await writeActs(sql, home, id, {
    finishedAt: now,
    claimedAt,
    provider,
    providerConnectionId: held.id,
    institutionId,
  });
  await makeDue(sql, home, held.id, "aggregate", now, now);
  await note(sql, gateway.door, home, id, "act", { act: "import", provider }, now);
  await projectConnection(sql, projectorOf(gateway), home, id, now);
  await projectProviderConnection(sql, projectorOf(gateway), home, held.id, now);
  if (!(await getConnection(sql, id))) throw new Error(`connection ${id} vanished while it was imported`);
}

async function point(gateway: Gateway, provider: Provider, credential: string): Promise<Imported["webhook"]> {
  const webhookUrl = webhookUrlOf(gateway, provider);
  if (!provider.adopt || !hooksOf(provider) || webhookUrl === null) return "none";
  const answer = await callsTo(gateway, provider).ask("adopt", provider.adopt, { credential, webhookUrl });
  return answer.ok ? "pointed" : "failed";
}
