/**
 * What an event says on the wire. Stored are facts in our words; the contract's shape is decided here and nowhere else,
 * when it is told. Ids, times, states and counts: never what an account holds, neither its name nor its digits.
 */
import { createHash } from "node:crypto";
import { VERSION } from "../core/compatibility.ts";
import type { Counts, ToldAccount } from "../core/events.ts";
import type { FedEvent } from "../store/feed.ts";
import { cursorOf } from "../store/lists/cursor.ts";

export interface Envelope {
  eventType: string;
  eventId: string;
  timestamp: string;
  accountId: string;
  profileId: string | null;
  version: string;
  payload: Record<string, unknown>;
}

export interface Telling {
  accountId: string;
  salt: Uint8Array;
  /** Whom it is told to; null: whoever reads the feed. */
  profile: { id: string; eventVersion: string } | null;
}

export function envelopeOf(event: FedEvent, { accountId, salt, profile }: Telling): Envelope {
  return {
    eventType: event.type,
    eventId: event.id,
    timestamp: new Date(event.at).toISOString(),
    accountId,
    profileId: profile?.id ?? null,
    version: profile?.eventVersion ?? VERSION,
    payload: { ...common(event), ...own(event, salt) },
  };
}

/** Told by the test button: there is no connection behind it. */
export const testEnvelope = (
  id: string,
  at: number,
  requestId: string,
  { accountId, profile }: Omit<Telling, "salt">,
): Envelope => ({
  eventType: "WEBHOOK_TEST",
  eventId: id,
  timestamp: new Date(at).toISOString(),
  accountId,
  profileId: profile?.id ?? null,
  version: profile?.eventVersion ?? VERSION,
  payload: { requestId },
});

const common = (event: FedEvent) => ({
  requestId: requestIdOf(event.id),
  customerId: event.customerId,
  externalCustomerId: event.externalCustomerId,
  connectionId: event.connectionId,
  institutionId: event.institutionId,
  institutionName: event.institutionName,
  serviceProviderDetails:
    event.provider === null ? null : { serviceProvider: event.provider, serviceProviderConnectionId: event.ref },
  sequence: Number(event.sequence),
});

/** Most events have no request behind them; each has its own name all the same, the same at every try. */
const requestIdOf = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, 32);

function own({ payload, home }: FedEvent, salt: Uint8Array): Record<string, unknown> {
  const { financialAccounts, ...rest } = payload;
  if (financialAccounts === undefined) return rest;
  const accounts = financialAccounts as readonly ToldAccount[];
  return {
    ...rest,
    financialAccounts: accounts.map(({ id, newAccount, products, counts, investments }) => ({
      id,
      ...(newAccount !== undefined && { newAccount }),
      ...(products !== undefined && { products }),
      ...(counts !== undefined && counted(home, id, counts, investments ?? NOTHING, salt)),
    })),
  };
}

const NOTHING: Counts = { added: 0, updated: 0, removed: [], oldest: null };

/** The key stands before the first transaction of its day: `before` it come all that changed, and what is newer. */
const counted = (home: string, id: string, counts: Counts, investments: Counts, salt: Uint8Array) => ({
  financialAccountId: id,
  oldestTransactionUpdatedSearchKey:
    counts.oldest === null ? null : cursorOf(salt, "transactions", [home, id, counts.oldest, ""]),
  numTransactionsAdded: counts.added,
  numTransactionsUpdated: counts.updated,
  transactionIdsRemoved: counts.removed,
  numInvestmentTransactionsAdded: investments.added,
  numInvestmentTransactionsUpdated: investments.updated,
  investmentTransactionIdsRemoved: investments.removed,
});
