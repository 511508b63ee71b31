/** The token that opens Link, Plaid's widget: for a first link and for a repair alike. */
import type { CountryCode, LinkTokenCreateRequest } from "plaid";
import { z } from "zod";
import { bad, good, type Answer, type Call, type LinkSession, type StartLink } from "../provider.ts";
import type { Plaid } from "./client.ts";

const answer = z.object({ link_token: z.string().min(1), expiration: z.string() });

/** Where Link comes from: https://plaid.com/docs/link/web/ . Plaid supports no copy of it. */
const SCRIPT = "https://cdn.plaid.com/link/v2/stable/link-initialize.js";

export async function linkSession(
  plaid: Plaid,
  call: Call,
  input: StartLink,
  clientName: string,
  purpose: Partial<LinkTokenCreateRequest>,
): Promise<Answer<LinkSession>> {
  const request: LinkTokenCreateRequest = {
    client_name: clientName,
    language: "en",
    country_codes: (input.countries.length > 0 ? [...input.countries] : ["US"]) as CountryCode[],
    user: { client_user_id: input.customerId },
    ...(input.redirectUrl === undefined ? {} : { redirect_uri: input.redirectUrl }),
    ...(input.webhookUrl === undefined ? {} : { webhook: input.webhookUrl }),
    ...purpose,
  };
  const told = await plaid(call, (api) => api.linkTokenCreate(request), answer, { session: true });
  if (!told.ok) return bad(told.trouble);
  const { link_token: linkToken, expiration } = told.facts;
  return good({ state: linkToken, page: { linkToken, expiration, script: SCRIPT } });
}
