/**
 * The contract between the gateway and a service provider.
 *
 * A provider is an object with a few required verbs and many optional ones. It says what it can do by *having* the
 * verb: nobody writes stubs, and `docs/providers.md` is printed from what is there. A provider
 *
 * - translates: its codes into rows of the table (as data, in `codes.ts`), its shapes into ours, its times into
 *   instants. It keeps its own code beside ours in `Raw`, and decides nothing about the connection's state.
 * - remembers nothing: what it needs again is in the credential, the session's state or the cursor, which the gateway
 *   keeps for it.
 * - sets no timer, reads no clock and opens no socket: it uses the `Call` that it is handed.
 *
 * Three kinds of failure are told apart. An expected answer of the provider, good or bad, is *returned* as an
 * `Answer`. A transport failure (refused, reset, TLS, timeout, oversized) is *thrown* by `call.fetch`, and the gateway
 * turns it into trouble by rule 7. Anything else that is thrown is a bug of ours: INTERNAL_ERROR, never the customer's.
 *
 * Each verb has two marks.
 * Cost:   `free`   may run on the cadence, within quota;
 *         `billed` only in a forced refresh that names the product;
 *         `once`   at link, and never again.
 * Source: `bank`   a good answer means that the bank answered;
 *         `cache`  a good answer means that the provider answered. It is a success only where, in the same run, the
 *                  provider states no trouble.
 * `mayAsk` marks a verb that can make the bank ask the customer something: while the connection is interactive it
 * runs only in a session that the customer attends.
 */
import type { Instant, Millis } from "../core/door.ts";
import type { Raw, TroubleState } from "../core/status/health.ts";
import type { Product } from "../core/products.ts";
import type { Incoming, KeyShelf, News, Verdict } from "./incoming.ts";
import type { InstitutionFact, InstitutionSearch } from "./institution.ts";
import type { ProcessorTokenAsked } from "./processor-token.ts";
import type { SessionEvent } from "./session-event.ts";
import type { Finding, Setup } from "./setup.ts";
import type { AccountFact, IdentifierFact, OwnerFact } from "../core/account.ts";
import type { HoldingFact, InvestmentTransactionFact } from "../core/investment.ts";
import type { TransactionFact } from "../core/transaction.ts";

/** The names that a provider has on the wire. */
export const SERVICE_PROVIDERS = ["SANDBOX", "PLAID"] as const;
export type ServiceProvider = (typeof SERVICE_PROVIDERS)[number];

/** What a verb may use while it runs. `fetch` counts, bounds size and time, and carries the run's abort signal. */
export interface Call {
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** The gateway's clock. */
  now(): Instant;
  /** Real time, for what the provider's own clock checks. */
  wall(): Instant;
}

/** What a run met at the provider. The scope says whose trouble it is, and so what becomes of it. */
export interface Trouble {
  /**
   * connection, account, product   the customer's data: written into that cell (an account's by `accountRef`)
   * provider      the provider itself is in trouble: the connection's cell
   * application   our keys or registration: one alarm for the operator, no connection's fault (rule 4)
   * quota         not health at all: sets `nextRefreshAllowedAt` (rule 3)
   * request       our request was refused as malformed: INTERNAL_ERROR, no failure of the connection
   * session       of the customer's session at the provider alone: shown there, changes nothing (rule 2)
   */
  scope: "connection" | "account" | "product" | "provider" | "application" | "quota" | "request" | "session";
  /** The row that the code means; null where the scope is application, quota or session. */
  state: TroubleState | null;
  raw: Raw;
  accountRef?: string;
  /** For `product`: which one, where it is not the one being read. */
  product?: Product;
  /** For `quota`: when the provider says that it may be asked again. */
  notBefore?: Instant;
  /** The product is not offered or not consented to here: shown, and required no more. */
  unavailable?: true;
  /** The pages read so far are void: start again at the cursor of the first page. */
  restart?: true;
  /** The provider does not know this connection any more. For `remove` that is as good as done. */
  gone?: true;
  /** Only the customer can go on. Neither a trouble nor a failure. */
  needsCustomer?: true;
}

export type Answer<Facts> = { ok: true; facts: Facts } | { ok: false; trouble: Trouble };

export const good = <Facts>(facts: Facts): Answer<Facts> => ({ ok: true, facts });
export const bad = (trouble: Trouble): Answer<never> => ({ ok: false, trouble });

export interface Verb<Input, Facts> {
  cost: "free" | "billed" | "once";
  source: "bank" | "cache";
  mayAsk?: true;
  /** Of a billed one: the products that it brings; absent: any. */
  brings?: readonly Product[];
  run(call: Call, input: Input): Promise<Answer<Facts>>;
}

/** What the provider states about a connection, apart from its data. Absent: nothing was stated. */
export interface Statements {
  interactive?: boolean;
  /** The provider supports the institution (again). */
  institutionSupported?: true;
  consentExpiresAt?: Instant | null;
  newAccounts?: boolean;
  unavailable?: Partial<Record<Product, boolean>>;
  /** The provider's own last read of the bank, per product. */
  dataAsOf?: Partial<Record<Product, Instant>>;
  /** Standing troubles that the provider tells (Plaid's item error, a bank's list of errors). */
  troubles?: readonly Trouble[];
}

/** What a held connection's verbs receive. */
export interface Held {
  /** The provider's own connection id. */
  ref: string;
  /** Opened for this one call. Never logged, never kept. */
  credential: string;
  products: readonly Product[];
}

export interface StartLink {
  connectionId: string;
  /** Our customer id: what the provider may know the customer by. */
  customerId: string;
  /** The provider's own institution id; absent: the provider's picker, or the widget's, chooses. */
  institutionRef?: string;
  products: readonly Product[];
  optionalProducts: readonly Product[];
  /** ISO 3166-1 alpha-2. */
  countries: readonly string[];
  redirectUrl?: string;
  /** Where the gateway awaits a customer who was sent to the provider's or the bank's own page. */
  returnUrl?: string;
  /** Where this provider's webhooks may come in; absent: polling alone. */
  webhookUrl?: string;
}

export interface LinkSession {
  /** Kept sealed by the gateway until the session is finished. */
  state: string;
  /**
   * What the page that the customer sees needs: a link token, an address. Nothing secret beyond this session. `url` is
   * by convention the provider's own page for the whole login, which ends at `returnUrl`.
   */
  page: Record<string, string>;
  /** Of a repair: it will make a new provider connection, so that its finish can't be repeated. */
  relinks?: true;
}

export interface FinishLink {
  state: string;
  /** What the customer's session brought back: a public token, a code. Single-use at most providers. */
  proof: Record<string, string>;
}

/** What a finished session would link, told before the exchange. */
export interface Brought {
  institutionRef: string;
  /** Null: only the exchange makes it, so that the same login has another one each time. */
  ref: string | null;
  accounts: readonly Pick<AccountFact, "name" | "mask" | "subtype">[];
}

export interface Linked {
  ref: string;
  credential: string;
  institution: { ref: string; name: string };
  statements: Statements;
}

/** Of a connection that was linked elsewhere: what the application holds of it. */
export interface Adopt {
  /** Opened for this one call. Never logged, never kept. */
  credential: string;
  /** Where its webhooks are to go from now on; absent: the provider is only asked, and nothing is changed. */
  webhookUrl?: string;
}

export interface Adopted extends Linked {
  /** What it may be read for, where the provider tells. */
  products?: readonly Product[];
}

/** In place: the same provider connection heals. Relinked: a new one, whose accounts have to be matched. */
export type Repaired =
  | { kind: "in place"; credential?: string; statements: Statements }
  | { kind: "relinked"; linked: Linked };

export interface AccountList {
  accounts: readonly AccountFact[];
  statements: Statements;
}

export interface TransactionPage {
  added: readonly TransactionFact[];
  modified: readonly TransactionFact[];
  /** The provider's transaction ids. */
  removed: readonly string[];
  /** Opaque; committed together with the rows of this page. */
  cursor: string;
  more: boolean;
  /** The provider has not read the bank yet: no success, and nothing wrong. */
  notReady?: true;
  statements: Statements;
}

/** All that is held, in all accounts that answer: what is not here is held no more. */
export interface HoldingList {
  holdings: readonly HoldingFact[];
  /** The provider has not read the bank yet: no success, and nothing wrong. */
  notReady?: true;
  statements: Statements;
}

/** A page of a walk through a span of days, for providers that tell no changes: the span is told whole each time. */
export interface InvestmentTransactionPage {
  transactions: readonly InvestmentTransactionFact[];
  /** Plain dates, both included: what is known of them and was not told by the walk's end is not there any more. */
  from: string;
  to: string;
  /** Opaque. While there is more, the next page's place; at the end, where the next walk begins. */
  cursor: string;
  more: boolean;
  notReady?: true;
  statements: Statements;
}

export interface Provider {
  readonly name: ServiceProvider;
  readonly products: readonly Product[];
  /** How often the cadence reads. */
  readonly cadence: Millis;
  /** Real time within which one call, and one whole run, must have answered; later is AGGREGATION_TIMEOUT. */
  readonly callTime: Millis;
  readonly runTime: Millis;
  /** True where the provider mints a new connection id at every link, so that equal ids never show a duplicate. */
  readonly newIdAtEveryLink: boolean;

  readonly startLink: Verb<StartLink, LinkSession>;
  /** Lets the widget ask about a likely twin: where the provider, or one of its banks, mints a new id each time. */
  readonly lookAtProof?: Verb<FinishLink, Brought>;
  /** What the customer met in the session so far, wrong passwords included. */
  readonly readSession?: Verb<{ state: string }, readonly SessionEvent[]>;
  /** Can't be repeated: the gateway commits the intent before, and records what a crash orphans. */
  readonly finishLink: Verb<FinishLink, Linked>;
  /** The accounts and, where the provider sends them along, their balances. */
  readonly readAccounts: Verb<Held, AccountList>;

  /** Takes over a connection that was linked elsewhere. It can be repeated, and makes nothing new at the provider. */
  readonly adopt?: Verb<Adopt, Adopted>;
  readonly startRepair?: Verb<Held & StartLink, LinkSession>;
  readonly finishRepair?: Verb<Held & FinishLink, Repaired>;
  /** Asks about the connection itself. Reads no data and so writes no success; the daily probe. */
  readonly readConnection?: Verb<Held, Statements>;
  /** Makes the provider read the bank now. */
  readonly refresh?: Verb<Held, Statements>;
  /** Asks the bank for the balances, where `readAccounts` tells those of the provider's cache. */
  readonly readBalances?: Verb<Held, AccountList>;
  readonly readTransactions?: Verb<Held & { cursor: string | null }, TransactionPage>;
  readonly readIdentifiers?: Verb<Held, readonly IdentifierFact[]>;
  readonly readOwners?: Verb<Held, readonly OwnerFact[]>;
  readonly readHoldings?: Verb<Held, HoldingList>;
  readonly readInvestmentTransactions?: Verb<Held & { cursor: string | null }, InvestmentTransactionPage>;
  /** Which of the products named only the customer can grant, in a repair; absent: none ever is. */
  readonly consentNeeded?: Verb<Held, readonly Product[]>;
  /** A token by which somebody else reaches one account, for as long as it is linked. */
  readonly createProcessorToken?: Verb<Held & ProcessorTokenAsked, { token: string }>;
  /** Ends the provider's access for good. `gone` counts as done. */
  readonly remove?: Verb<Held, null>;
  readonly readInstitutions?: Verb<InstitutionSearch, readonly InstitutionFact[]>;
  /** Tries what the operator has set up, and says what is wrong with it. */
  readonly check?: Verb<Setup, readonly Finding[]>;

  /** Who has the one has the other. A provider without them calls nobody, and is polled. */
  readonly verifyWebhook?: Verb<{ incoming: Incoming; keys: KeyShelf }, Verdict>;
  /** Asks nobody. */
  readonly readWebhook?: Verb<Incoming, News>;
  /** What its webhooks are known to be called; one of another name may come all the same. */
  readonly webhookKinds?: readonly string[];
}
