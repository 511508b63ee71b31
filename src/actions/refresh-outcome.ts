/** What became of a forced refresh, down to the account's product: told from the run's own observation. */
import type { Instant } from "../core/door.ts";
import type { Product } from "../core/products.ts";
import type { Met, Observation } from "../core/status/health.ts";
import type { Outcome, Part, Refresh } from "../store/refreshes.ts";
import type { Found, Work } from "./run.ts";

export function refreshEnded(refresh: Refresh, work: Work, found: Found, seen: Observation, now: Instant): Refresh {
  const products = refresh.products.length > 0 ? refresh.products : work.asked;
  const accounts: (string | null)[] = found.listed?.length ? found.listed : [null];
  const parts = products.flatMap((product) => accounts.map((account) => partOf(product, account, work, found, seen)));
  const outcome = outcomeOf(parts);
  return {
    ...refresh,
    run: work.run,
    finishedAt: now,
    outcome,
    parts,
    fromCache: parts.some(({ fromCache }) => fromCache),
    notBefore: outcome === "NOT_BEFORE" ? (found.notBefore ?? null) : null,
  };
}

function partOf(product: Product, accountId: string | null, work: Work, found: Found, seen: Observation): Part {
  const read = found.read.find((r) => r.product === product);
  const dataAsOf = seen.dataAsOf?.[product] ?? null;
  // What the provider read of the bank before we asked is its cache, whatever the answer's status.
  const fromCache = read?.source === "cache" && (dataAsOf ?? -Infinity) < work.at;
  const met = seen.troubles.find((trouble) => concerns(trouble, product, accountId));
  const cause = met ? { code: met.raw.code, state: met.state } : unread(product, found);
  const outcome = read && !met ? "SUCCEEDED" : failure(met, found);
  return {
    accountId,
    product,
    outcome,
    fromCache: read && !met ? fromCache : false,
    dataAsOf,
    cause: read && !met ? null : cause,
  };
}

const concerns = ({ scope }: Met, product: Product, account: string | null) =>
  scope === "*" || scope === product || (account !== null && (scope === account || scope === `${account}/${product}`));

function failure(met: Met | undefined, found: Found): Outcome {
  if (found.told.some((told) => told.needsCustomer)) return "NEEDS_CUSTOMER";
  if (found.told.some((told) => told.scope === "quota")) return "NOT_BEFORE";
  return met?.state === "UNDETERMINED/AGGREGATION_TIMEOUT" ? "TIMED_OUT" : "FAILED";
}

function unread(product: Product, found: Found): Part["cause"] {
  const told = found.told.find((t) => t.product === product || t.scope !== "product");
  return told
    ? { code: told.raw.code, state: told.state }
    : { code: found.notReady ? "NOT_READY" : "NOT_READ", state: null };
}

/** All good, some good, or the reason that says best what to do about none being good. */
function outcomeOf(parts: readonly Part[]): Outcome {
  const has = (outcome: Outcome) => parts.some((part) => part.outcome === outcome);
  if (parts.length > 0 && parts.every((part) => part.outcome === "SUCCEEDED")) return "SUCCEEDED";
  if (has("SUCCEEDED")) return "PARTIAL";
  const order: readonly Outcome[] = ["NEEDS_CUSTOMER", "NOT_BEFORE", "TIMED_OUT"];
  return order.find(has) ?? "FAILED";
}
