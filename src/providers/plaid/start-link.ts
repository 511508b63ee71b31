import type { Answer, Call, LinkSession, StartLink, Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { productsFor } from "./link-products.ts";
import { linkSession } from "./link-token.ts";

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
    ...productsFor(input.products, input.optionalProducts),
    ...(input.institutionRef === undefined ? {} : { institution_id: input.institutionRef }),
  });
