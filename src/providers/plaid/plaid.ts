/**
 * Plaid, as a provider. A widget of its own (Link) hands over a public token, which is exchanged once for the access
 * token that everything else needs. Plaid reads banks on its own schedule and we read Plaid: every good answer here
 * is Plaid's cache, and only a refresh, which is billed, sends it to the bank.
 */
import { PlaidEnvironments } from "plaid";
import { PRODUCTS } from "../../core/products.ts";
import type { Provider } from "../provider.ts";
import { adopt } from "./adopt.ts";
import { check } from "./check.ts";
import { plaidClient } from "./client.ts";
import { consentNeeded } from "./consent-needed.ts";
import { createProcessorToken } from "./create-processor-token.ts";
import { finishLink } from "./finish-link.ts";
import { finishRepair } from "./finish-repair.ts";
import { lookAtProof } from "./link-told.ts";
import { HOOKS } from "./hooks.ts";
import { readAccounts } from "./read-accounts.ts";
import { readBalances } from "./read-balances.ts";
import { readConnection } from "./read-connection.ts";
import { readHoldings } from "./read-holdings.ts";
import { readIdentifiers } from "./read-identifiers.ts";
import { readInstitutions } from "./read-institutions.ts";
import { readInvestmentTransactions } from "./read-investment-transactions.ts";
import { readOwners } from "./read-owners.ts";
import { readSession } from "./read-session.ts";
import { readTransactions } from "./read-transactions.ts";
import { readWebhook } from "./read-webhook.ts";
import { refresh } from "./refresh.ts";
import { remove } from "./remove.ts";
import { startLink } from "./start-link.ts";
import { startRepair } from "./start-repair.ts";
import { verifyWebhook } from "./verify-webhook.ts";

export interface PlaidSettings {
  clientId: string;
  secret: string;
  environment: "production" | "sandbox";
  /** Instead of the environment's own address: a proxy, or a Plaid that is played. */
  baseUrl?: string;
  /** The other environment's address, where the check asks whose keys these are. */
  otherUrl?: string;
  /** What Link calls the application, at most 30 characters. */
  clientName?: string;
  /** Where the catalogue is searched: the countries that the operator's plan covers. */
  countries?: readonly string[];
}

const HOUR = 3_600_000;

export function plaid(settings: PlaidSettings): Provider {
  const { clientId, secret, environment, clientName = "Bowline", countries = ["US"] } = settings;
  const baseUrl = settings.baseUrl ?? PlaidEnvironments[environment];
  if (!baseUrl) throw new Error(`Plaid has no environment "${environment}"; use production or sandbox.`);
  const clientAt = (url: string) => plaidClient({ clientId, secret, baseUrl: url.replace(/\/+$/, "") });
  const client = clientAt(baseUrl);
  // Keys are shown to nobody but Plaid: behind an address of the operator's own there is no other environment.
  const elsewhere = settings.baseUrl === undefined ? PlaidEnvironments[otherThan(environment)] : settings.otherUrl;
  const other = elsewhere === undefined ? null : clientAt(elsewhere);
  return {
    name: "PLAID",
    products: PRODUCTS,
    // Plaid looks at a bank one to four times a day; more often there is nothing new to read.
    cadence: 6 * HOUR,
    callTime: 30_000,
    runTime: 300_000,
    newIdAtEveryLink: true,
    startLink: startLink(client, clientName),
    lookAtProof: lookAtProof(client),
    readSession: readSession(client),
    finishLink: finishLink(client),
    adopt: adopt(client),
    startRepair: startRepair(client, clientName),
    finishRepair: finishRepair(client),
    readConnection: readConnection(client),
    readAccounts: readAccounts(client),
    readBalances: readBalances(client),
    readIdentifiers: readIdentifiers(client),
    readOwners: readOwners(client),
    readHoldings: readHoldings(client),
    readInvestmentTransactions: readInvestmentTransactions(client),
    readTransactions: readTransactions(client),
    consentNeeded: consentNeeded(client),
    refresh: refresh(client),
    createProcessorToken: createProcessorToken(client),
    remove: remove(client),
    verifyWebhook: verifyWebhook(client),
    readWebhook,
    webhookKinds: Object.keys(HOOKS),
    readInstitutions: readInstitutions(client, { countries, isTest: environment !== "production" }),
    check: check({ plaid: client, other, environment, clientName, countries }),
  };
}

const otherThan = (environment: PlaidSettings["environment"]) => (environment === "sandbox" ? "production" : "sandbox");
