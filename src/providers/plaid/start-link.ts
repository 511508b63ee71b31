import { Products } from "plaid";
import type { Answer, Call, LinkSession, StartLink, Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { linkSession } from "./link-token.ts";

/** The most that Plaid reads back, and only the first link can ask for it: https://plaid.com/docs/api/link/ */
const HISTORY_DAYS = 730;

export const startLink = (plaid: Plaid, clientName: string): Verb<StartLink, LinkSession> => ({
  cost: "once",
  source: "cache",
  run: (call, input) => linkAnew(plaid, call, input, clientName),
});

export const linkAnew = (
  plaid: Plaid,
  call: Call,
  input: StartLink,
  clientName: string,
): Promise<Answer<LinkSession>> =>
  linkSession(plaid, call, input, clientName, {
    // "balance" cannot open Link, and an Item without a product that Plaid keeps reading keeps its first balance for
    // ever (https://support.plaid.com/hc/en-us/articles/15197235844119). So balances, too, come with transactions.
    products: [Products.Transactions],
    transactions: { days_requested: HISTORY_DAYS },
    ...(input.institutionRef === undefined ? {} : { institution_id: input.institutionRef }),
  });
