/** The token that opens Link, Plaid's widget: for a first link and for a repair alike. */
import type { CountryCode, LinkTokenCreateRequest } from "plaid";
import { z } from "zod";
import { bad, good, type Answer, type Call, type LinkSession, type StartLink } from "../provider.ts";
import type { Plaid } from "./client.ts";

const answer = z.object({
  link_token: z.string().min(1),
  expiration: z.string(),
  hosted_link_url: z.string().nullish(),
});

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
    // Link on a page of Plaid's own: https://plaid.com/docs/link/hosted-link/ . It sends nobody back to plain http.
    ...(input.returnUrl === undefined ? {} : { hosted_link: hostedLink(input.returnUrl) }),
    ...purpose,
  };
  const told = await plaid(call, (api) => api.linkTokenCreate(request), answer, { session: true });
  if (!told.ok) return bad(told.trouble);
  const { link_token: linkToken, expiration, hosted_link_url: url } = told.facts;
  // Whoever closes Plaid's page without coming back can still say that it is finished; Plaid then tells whether.
  const hosted = url ? { url, collect: "yes" } : {};
  return good({ state: linkToken, page: { linkToken, expiration, script: SCRIPT, ...hosted } });
}

const hostedLink = (returnUrl: string) =>
  returnUrl.startsWith("https:") ? { completion_redirect_uri: returnUrl } : {};
