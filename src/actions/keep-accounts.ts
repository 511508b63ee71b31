/** Keeps what was read of accounts: the list, the numbers, the owners. Health is not touched here. */
import type { IdentifierFact, OwnerFact } from "../core/account.ts";
import type { AccountList } from "../providers/provider.ts";
import { accountsOf, markLeft, saveIdentifiers, saveListed, saveOwners } from "../store/accounts.ts";
import { hashOfNumber, mint } from "../store/home.ts";
import { seal } from "../store/seal.ts";
import { announce } from "./announce.ts";
import { type Found, productRead, step, type Work } from "./run.ts";

/** An empty list changes no row: it is suspicious, and what it means is decided with the observation. */
export async function keepAccounts(work: Work, found: Found, { accounts, statements }: AccountList): Promise<void> {
  const { gateway, held, at } = work;
  found.listedFrom = work.provider.readAccounts.source;
  await step(work, "accounts", async (sql) => {
    const now = gateway.door.now();
    const before = await accountsOf(sql, held.home, held.id);
    const told = found.listedFrom === "cache" ? (statements.dataAsOf ?? found.said.dataAsOf)?.BALANCES : undefined;
    for (const fact of accounts) {
      await saveListed(sql, held.home, mint(gateway.door, "account", held.home), held.id, fact, at, told ?? at);
    }
    const refs = accounts.map(({ ref }) => ref);
    const left = refs.length > 0 ? await markLeft(sql, held.home, held.id, refs, now) : [];
    const all = await accountsOf(sql, held.home, held.id);
    for (const { ref, id } of all) found.accounts.set(ref, id);
    const wasLive = new Set(before.filter(({ leftAt }) => leftAt === null).map(({ id }) => id));
    const added = all.filter(({ id, leftAt }) => leftAt === null && !wasLive.has(id)).map(({ id }) => ({ id }));
    if (added.length > 0) await announce(sql, gateway.door, held, "BANK_LINKING_ACCOUNTS_ADDED", added, now);
    if (left.length > 0) await announce(sql, gateway.door, held, "BANK_LINKING_ACCOUNTS_REMOVED", left, now);
  });
  found.listed = accounts.flatMap(({ ref }) => found.accounts.get(ref) ?? []);
  const balances = accounts.some((account) => account.balances !== undefined);
  if (!balances || !work.asked.includes("BALANCES")) return;
  found.read.push(productRead("BALANCES", found.listedFrom, statements));
}

/** Balances that the bank itself has told just now, in place of those of the provider's cache. */
export async function keepBalances(
  work: Work,
  found: Found,
  source: "bank" | "cache",
  { accounts, statements }: AccountList,
): Promise<void> {
  const { gateway, held, at } = work;
  const listed = accounts.filter(({ ref }) => found.listed?.includes(found.accounts.get(ref) ?? ""));
  await step(work, "balances", async (sql) => {
    for (const fact of listed) {
      await saveListed(sql, held.home, mint(gateway.door, "account", held.home), held.id, fact, at);
    }
  });
  found.read = found.read.filter(({ product }) => product !== "BALANCES");
  found.read.push(productRead("BALANCES", source, statements));
}

export async function keepIdentifiers(work: Work, found: Found, facts: readonly IdentifierFact[]): Promise<void> {
  const { gateway, held, provider } = work;
  await step(work, "identifiers", async (sql) => {
    for (const { accountRef, identifiers } of facts) {
      const id = found.accounts.get(accountRef);
      if (!id) continue;
      const numbers = JSON.stringify(identifiers);
      const sealed = seal(gateway.ring, gateway.door, numbers, id);
      await saveIdentifiers(sql, held.home, id, sealed, hashOfNumber(gateway.salt, numbers));
    }
  });
  found.read.push({ product: "IDENTIFIERS", source: provider.readIdentifiers?.source ?? "cache" });
}

export async function keepOwners(work: Work, found: Found, facts: readonly OwnerFact[]): Promise<void> {
  const { held, provider } = work;
  await step(work, "owners", async (sql) => {
    for (const { accountRef, owners } of facts) {
      const id = found.accounts.get(accountRef);
      if (id) await saveOwners(sql, held.home, id, owners);
    }
  });
  found.read.push({ product: "OWNERS", source: provider.readOwners?.source ?? "cache" });
}
