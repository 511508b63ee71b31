/**
 * The sandbox: the reference provider, in front of the farm of fake banks. It is written as any other provider is, and
 * reaches the farm by HTTP alone.
 */
import { HOUR } from "../../core/status/policy.ts";
import type { Provider } from "../provider.ts";
import type { Settings } from "./client.ts";
import { adopt } from "./adopt.ts";
import { consentNeeded } from "./consent-needed.ts";
import { createProcessorToken } from "./create-processor-token.ts";
import { finishLink, finishRepair } from "./finish-link.ts";
import { lookAtProof } from "./look-at-proof.ts";
import { readAccounts } from "./read-accounts.ts";
import { readConnection, refresh } from "./read-connection.ts";
import { readIdentifiers } from "./read-identifiers.ts";
import { readInstitutions } from "./read-institutions.ts";
import { readHoldings, readInvestmentTransactions } from "./read-investments.ts";
import { readOwners } from "./read-owners.ts";
import { readTransactions } from "./read-transactions.ts";
import { NEWS, readWebhook } from "./read-webhook.ts";
import { remove } from "./remove.ts";
import { startLink, startRepair } from "./start-link.ts";
import { PRODUCTS } from "./statements.ts";
import { verifyWebhook } from "./verify-webhook.ts";

export const sandbox = (settings: Settings) =>
  ({
    name: "SANDBOX",
    products: PRODUCTS,
    cadence: 6 * HOUR,
    // A fake bank is near: one that has not answered by then never will.
    callTime: 2_000,
    runTime: 20_000,
    newIdAtEveryLink: false,
    startLink: startLink(settings),
    lookAtProof: lookAtProof(settings),
    finishLink: finishLink(settings),
    adopt: adopt(settings),
    startRepair: startRepair(settings),
    finishRepair: finishRepair(settings),
    readConnection: readConnection(settings),
    refresh: refresh(settings),
    readAccounts: readAccounts(settings),
    readTransactions: readTransactions(settings),
    readIdentifiers: readIdentifiers(settings),
    readOwners: readOwners(settings),
    readHoldings: readHoldings(settings),
    readInvestmentTransactions: readInvestmentTransactions(settings),
    consentNeeded: consentNeeded(settings),
    createProcessorToken: createProcessorToken(settings),
    remove: remove(settings),
    readInstitutions: readInstitutions(settings),
    verifyWebhook: verifyWebhook(settings),
    readWebhook,
    webhookKinds: Object.keys(NEWS),
  }) satisfies Provider;
