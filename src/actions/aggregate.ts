/**
 * One aggregation: everything that the connection asked for is read from the provider, rows and cursor page by page,
 * and at the end the run becomes one observation. Health moves there and nowhere else.
 */
import type { Found, Work } from "./run.ts";
import { hear, isAttended, nothingFound, tell } from "./run.ts";
import type { Product } from "../core/products.ts";
import type { Held, Verb } from "../providers/provider.ts";
import { accountsOf } from "../store/accounts.ts";
import { open, SealBroken } from "../store/seal.ts";
import { isInHand, reschedule, type Task } from "../store/tasks.ts";
import { ask, isOver } from "./ask.ts";
import { beginRun } from "./begin-run.ts";
import type { Gateway } from "./gateway.ts";
import { keepAccounts, keepBalances, keepIdentifiers, keepOwners } from "./keep-accounts.ts";
import { readHoldings, readInvestmentTransactions } from "./read-investments.ts";
import { readTransactions } from "./read-transactions.ts";
import { takeObservation } from "./take-observation.ts";

export async function aggregate(gateway: Gateway, task: Task): Promise<void> {
  const work = await beginRun(gateway, task, "run");
  if (!work) return;
  await takeObservation(work, await readAll(work));
}

/** The daily look at what only others can mend. Cheap, asks nobody, and believes only bad news. */
export async function probe(gateway: Gateway, task: Task): Promise<void> {
  const { db, door } = gateway;
  if (await isInHand(db, task.home, task.subject, "aggregate", door.wall())) {
    await reschedule(db, task, Infinity, 0);
    return;
  }
  const work = await beginRun(gateway, task, "probe");
  if (!work) return;
  const found = await knownAccounts(work);
  const held = startingPoint(work, found);
  if (held) {
    const { readConnection, readAccounts } = work.provider;
    if (readConnection) {
      const answer = await ask(work, found, "readConnection", readConnection, held);
      if (answer.ok) hear(found, answer.facts);
    } else {
      const answer = await ask(work, found, "readAccounts", readAccounts, held);
      if (answer.ok) hear(found, answer.facts.statements);
    }
  }
  await takeObservation(work, found);
}

async function readAll(work: Work): Promise<Found> {
  const found = await knownAccounts(work);
  const held = startingPoint(work, found);
  if (!held) return found;
  const { provider } = work;

  if (provider.readConnection) {
    const answer = await ask(work, found, "readConnection", provider.readConnection, held);
    if (!answer.ok || hear(found, answer.facts)) return found;
    found.stands = true;
  }
  const interactive = found.said.interactive ?? work.held.health.interactive?.value ?? false;
  const mayAsk = !interactive || isAttended(work.held, work.at);
  const allowed = (verb: { mayAsk?: true }) => mayAsk || !verb.mayAsk;

  if (provider.refresh && work.forced.length > 0 && isWanted(work, provider.refresh)) {
    if (!allowed(provider.refresh)) return needCustomer(found);
    const named = provider.refresh.cost === "free" ? held : { ...held, products: namedBy(work) };
    const answer = await ask(work, found, "refresh", provider.refresh, named);
    if (!answer.ok || hear(found, answer.facts)) return found;
  }
  if (!allowed(provider.readAccounts)) return needCustomer(found);
  const list = await ask(work, found, "readAccounts", provider.readAccounts, held);
  if (!list.ok) return found;
  await keepAccounts(work, found, list.facts);
  if (hear(found, list.facts.statements) || found.listed?.length === 0) return found;
  found.stands = true;

  const { readBalances, readIdentifiers, readOwners } = provider;
  if (readBalances && namedBy(work).includes("BALANCES")) {
    if (!allowed(readBalances)) return needCustomer(found);
    const answer = await ask(work, found, "readBalances", readBalances, held, "BALANCES");
    if (!answer.ok && isOver(answer)) return found;
    if (answer.ok) {
      await keepBalances(work, found, readBalances.source, answer.facts);
      if (hear(found, answer.facts.statements)) return found;
    }
  }
  if (readIdentifiers && work.asked.includes("IDENTIFIERS") && allowed(readIdentifiers)) {
    const answer = await ask(work, found, "readIdentifiers", readIdentifiers, held, "IDENTIFIERS");
    if (answer.ok) await keepIdentifiers(work, found, answer.facts);
    else if (isOver(answer)) return found;
  }
  if (readOwners && work.asked.includes("OWNERS") && allowed(readOwners)) {
    const answer = await ask(work, found, "readOwners", readOwners, held, "OWNERS");
    if (answer.ok) await keepOwners(work, found, answer.facts);
    else if (isOver(answer)) return found;
  }
  const holdings = provider.readHoldings;
  if (holdings && work.asked.includes("INVESTMENT_HOLDINGS") && allowed(holdings)) {
    if (!(await readHoldings(work, found, held, holdings))) return found;
  }
  const traded = provider.readInvestmentTransactions;
  if (traded && work.asked.includes("INVESTMENT_TRANSACTIONS") && allowed(traded)) {
    if (!(await readInvestmentTransactions(work, found, held, traded))) return found;
  }
  if (provider.readTransactions && work.asked.includes("TRANSACTIONS") && allowed(provider.readTransactions)) {
    await readTransactions(work, found, held, provider.readTransactions);
  }
  return found;
}

/** Nothing found yet, but for the accounts of earlier lists: troubles are told of them before this run has read any. */
async function knownAccounts({ gateway, held }: Work): Promise<Found> {
  const accounts = await accountsOf(gateway.db, held.home, held.id);
  return { ...nothingFound(), accounts: new Map(accounts.map(({ ref, id }) => [ref, id])) };
}

/** What the verbs need, or null where the run must not even begin to ask. */
function startingPoint(work: Work, found: Found): Held | null {
  const { gateway, held, at } = work;
  if (held.nextRefreshAllowedAt !== null && held.nextRefreshAllowedAt > at) {
    tell(found, {
      scope: "quota",
      state: null,
      raw: { code: "WITHHELD_UNTIL_ALLOWED" },
      notBefore: held.nextRefreshAllowedAt,
    });
    return null;
  }
  try {
    const credential = held.credential ? open(gateway.ring, held.credential, held.id) : "";
    return { ref: held.ref, credential, products: work.asked };
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    gateway.log.error({ providerConnection: held.id, why: error.message }, "A credential can't be opened");
    tell(found, {
      scope: "request",
      state: "UNDETERMINED/INTERNAL_ERROR",
      raw: { code: "CREDENTIAL_CANNOT_BE_OPENED" },
    });
    return null;
  }
}

function needCustomer(found: Found): Found {
  found.told.push({ scope: "session", state: null, raw: { code: "CUSTOMER_NOT_PRESENT" }, needsCustomer: true });
  return found;
}

/** A billed refresh runs only for a request that names a product that it brings; a free one for any forced refresh. */
const isWanted = (work: Work, { cost, brings }: Pick<Verb<never, unknown>, "cost" | "brings">) =>
  cost === "free" || namedBy(work).some((product) => brings?.includes(product) ?? true);

/** What forced refreshes named, each by its name: what is billed is read for these alone. */
const namedBy = ({ forced }: Work): Product[] => [...new Set(forced.flatMap(({ products }) => products))];
