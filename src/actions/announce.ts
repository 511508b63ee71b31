/**
 * Tells what became of accounts and their data. They belong to the provider connection and are told once, to the claim
 * that is kept: its inactive duplicates would only say the same again.
 */
import type { Door, Instant } from "../core/door.ts";
import type { Counts, EventType, ToldAccount } from "../core/events.ts";
import type { Product } from "../core/products.ts";
import type { Observation } from "../core/status/health.ts";
import { accountsOf, takeUntold } from "../store/accounts.ts";
import { claimsOn } from "../store/connections.ts";
import type { Sql } from "../store/database.ts";
import { appendEvent } from "../store/events.ts";
import { greatestClaim } from "../store/projection.ts";
import type { ProviderConnection } from "../store/provider-connections.ts";
import { takeTallies } from "../store/tallies.ts";
import type { Found } from "./run.ts";

type Rolls = Pick<Door, "random">;

export async function announce(
  sql: Sql,
  door: Rolls,
  held: ProviderConnection,
  type: EventType,
  accounts: readonly ToldAccount[] | null,
  now: Instant,
): Promise<void> {
  const kept = greatestClaim(await claimsOn(sql, held.home, held.id));
  const payload = accounts === null ? {} : { financialAccounts: accounts };
  if (kept) await appendEvent(sql, door, held.home, kept.id, type, payload, now);
}

/** The ids of the accounts that are in the provider's list. */
export async function liveAccounts(sql: Sql, held: ProviderConnection): Promise<ToldAccount[]> {
  const accounts = await accountsOf(sql, held.home, held.id);
  return accounts.filter(({ leftAt }) => leftAt === null).map(({ id }) => ({ id }));
}

/** At the end of a run: what of the accounts and of the transactions it brought to an end. */
export async function announceRun(
  sql: Sql,
  door: Rolls,
  before: ProviderConnection,
  held: ProviderConnection,
  found: Found,
  seen: Observation,
  now: Instant,
): Promise<void> {
  const listed = found.listed ?? [];
  if (listed.length > 0) {
    const untold = new Set(await takeUntold(sql, held.home, listed, now));
    const accounts = listed.map((id) => ({ id, newAccount: untold.has(id), products: productsOf(id, seen) }));
    await announce(sql, door, held, "BANK_LINKING_ACCOUNTS_UPDATED", accounts, now);
  }
  const read = (one: Product) => found.read.some(({ product }) => product === one);
  if (read("TRANSACTIONS") || read("INVESTMENT_TRANSACTIONS")) {
    const none: Counts = { added: 0, updated: 0, removed: [], oldest: null };
    const nothing = new Map<string, Counts>();
    const tallies = read("TRANSACTIONS") ? await takeTallies(sql, held.home, held.id) : nothing;
    const invested = read("INVESTMENT_TRANSACTIONS")
      ? await takeTallies(sql, held.home, held.id, "investments")
      : nothing;
    const ids = [...new Set([...listed, ...tallies.keys(), ...invested.keys()])];
    const accounts = ids.map((id): ToldAccount => {
      const investments = invested.get(id);
      return { id, counts: tallies.get(id) ?? none, ...(investments && { investments }) };
    });
    await announce(sql, door, held, "BANK_LINKING_TRANSACTIONS_AGGREGATED", accounts, now);
    if (before.historyAt === null && held.historyAt !== null)
      await announce(sql, door, held, "BANK_LINKING_HISTORICAL_TRANSACTIONS_AGGREGATED", accounts, now);
  }
  await announceNewAccounts(sql, door, before, held, now);
}

/** Newly true, that is: a statement repeated is no news. */
export async function announceNewAccounts(
  sql: Sql,
  door: Rolls,
  before: ProviderConnection | null,
  held: ProviderConnection,
  now: Instant,
): Promise<void> {
  if (hasMore(held) && !(before && hasMore(before)))
    await announce(sql, door, held, "BANK_LINKING_NEW_ACCOUNTS_AVAILABLE", null, now);
}

/** A finished reconnect voids what was stated before it. */
const hasMore = ({ health: { newAccounts }, reconnectedAt }: ProviderConnection): boolean =>
  newAccounts?.value === true && newAccounts.at >= reconnectedAt;

/** Transactions of either kind have events of their own. */
const productsOf = (id: string, { successes }: Observation): string[] =>
  successes
    .filter((scope) => scope.startsWith(`${id}/`))
    .map((scope) => scope.slice(id.length + 1))
    .filter((product) => product !== "TRANSACTIONS" && product !== "INVESTMENT_TRANSACTIONS");
