/**
 * What the operator can get wrong with Plaid, tried one thing after another and told in sentences: the keys, their
 * environment, this machine's clock, each product, a redirect URI, and the way in for webhooks. Nothing here is paid.
 */
import type { CountryCode, LinkTokenCreateRequest, Products } from "plaid";
import type { Call, Trouble, Verb } from "../provider.ts";
import { PRODUCTS } from "../../core/products.ts";
import { transportTrouble } from "../reading.ts";
import type { Finding, Setup } from "../setup.ts";
import { acknowledged, type Plaid } from "./client.ts";
import { PLAID_PRODUCTS, plaidProducts } from "./link-products.ts";

export interface Checked {
  plaid: Plaid;
  /** The same keys, asked in the other environment; null: there is none to ask. */
  other: Plaid | null;
  environment: "production" | "sandbox";
  clientName: string;
  countries: readonly string[];
}

const KEYS_PAGE = "https://dashboard.plaid.com/developers/keys";
const REDIRECTS_PAGE = "https://dashboard.plaid.com/developers/api";
const PRODUCTS_PAGE = "https://dashboard.plaid.com/settings/team/products";

/** A webhook is refused when its token is five minutes old; long before that a clock is wrong. */
const MOST_SKEW = 60_000;
const KEY_REFUSED: ReadonlySet<string> = new Set(["INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT"]);
const NO_SUCH_KEY = "INVALID_WEBHOOK_VERIFICATION_KEY_ID";

const well = (sentence: string): Finding => ({ well: true, sentence });
const amiss = (sentence: string): Finding => ({ well: false, sentence });

/** What Plaid had against it, or null. A transport that breaks is Plaid out of reach. */
type Ask = (request: Parameters<Plaid>[1], of?: Plaid) => Promise<Trouble | null>;

export const check = (checked: Checked): Verb<Setup, readonly Finding[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, setup) => {
    const times: { date?: number; at?: number } = {};
    const ask: Ask = async (request, of = checked.plaid) => {
      try {
        const told = await of(clocked(call, times), request, acknowledged);
        return told.ok ? null : told.trouble;
      } catch (error) {
        const trouble = transportTrouble(error);
        if (trouble) return trouble;
        throw error;
      }
    };
    const keys = await keysOf(ask, checked);
    const clock = clockOf(times);
    if (!keys.well) return { ok: true, facts: [keys, ...clock] };
    const products = await productsOf(ask, checked);
    const redirect = await redirectOf(ask, checked, setup.redirectUrl);
    const hooks = await hooksOf(ask, call, checked, setup.publicUrl);
    return { ok: true, facts: [keys, ...clock, ...products, ...redirect, ...hooks] };
  },
});

/** Notes Plaid's own time beside ours. */
const clocked = (call: Call, times: { date?: number; at?: number }): Call => ({
  ...call,
  fetch: async (url, init) => {
    const response = await call.fetch(url, init);
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) Object.assign(times, { date, at: call.wall() });
    return response;
  },
});

async function keysOf(ask: Ask, { other, environment, countries }: Checked): Promise<Finding> {
  const look: Parameters<Ask>[0] = (api) =>
    api.institutionsGet({ count: 1, offset: 0, country_codes: [...countries] as CountryCode[] });
  const met = await ask(look);
  if (!met) return well(`Plaid accepts the keys in its environment ${environment}.`);
  if (!KEY_REFUSED.has(met.raw.code)) return amiss(`Plaid does not answer as it should: ${told(met)}; try again.`);
  const elsewhere = environment === "sandbox" ? "production" : "sandbox";
  if (other && (await ask(look, other)) === null)
    return amiss(
      `The keys are of Plaid's environment ${elsewhere} and PLAID_ENV is ${environment}: set PLAID_ENV to ` +
        `${elsewhere}, or PLAID_SECRET to the secret of ${environment}.`,
    );
  return amiss(
    `Plaid refuses the keys (${met.raw.code}): PLAID_CLIENT_ID and PLAID_SECRET do not belong together in its ` +
      `environment ${environment}; copy both from ${KEYS_PAGE}.`,
  );
}

function clockOf({ date, at }: { date?: number; at?: number }): Finding[] {
  if (date === undefined || at === undefined) return [];
  const skew = at - date;
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= MOST_SKEW) return [well("This machine's clock agrees with Plaid's.")];
  const side = skew > 0 ? "ahead of" : "behind";
  return [
    amiss(
      `This machine's clock is ${seconds} s ${side} Plaid's, and genuine webhooks will look old or early: ` +
        "let NTP set it.",
    ),
  ];
}

const linkRequest = ({ clientName, countries }: Checked, more: Partial<LinkTokenCreateRequest>) => ({
  client_name: clientName,
  language: "en",
  country_codes: [...countries] as CountryCode[],
  user: { client_user_id: "bowline-check" },
  ...more,
});

async function productsOf(ask: Ask, checked: Checked): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const product of plaidProducts(PRODUCTS)) {
    const met = await ask((api) => api.linkTokenCreate(linkRequest(checked, { products: [product] })));
    findings.push(met ? amiss(refusedProduct(product, met)) : well(`Plaid's product ${product} is enabled.`));
  }
  return findings;
}

function refusedProduct(product: Products, met: Trouble): string {
  const ours = PRODUCTS.filter((one) => PLAID_PRODUCTS[one] === product).join(" and ");
  return met.raw.code === "INVALID_PRODUCT"
    ? `Plaid's product ${product} is not enabled for these keys: ask for it at ${PRODUCTS_PAGE}, or leave ${ours} out.`
    : `Plaid does not open Link with ${product}: ${told(met)}.`;
}

async function redirectOf(ask: Ask, checked: Checked, redirectUrl: string | null): Promise<Finding[]> {
  if (redirectUrl === null) return [];
  if (checked.environment === "production" && !redirectUrl.startsWith("https:"))
    return [amiss(`The redirect URI ${redirectUrl} has to begin with https:// in Plaid's environment production.`)];
  // Whichever product is enabled will do.
  let met: Trouble | null = null;
  for (const product of plaidProducts(PRODUCTS)) {
    const request = linkRequest(checked, { products: [product], redirect_uri: redirectUrl });
    met = await ask((api) => api.linkTokenCreate(request));
    if (met?.raw.code !== "INVALID_PRODUCT") break;
  }
  if (!met) return [well(`The redirect URI ${redirectUrl} is registered with Plaid.`)];
  if (met.raw.code !== "INVALID_FIELD") return [amiss(`Plaid does not take the redirect URI: ${told(met)}.`)];
  const mend = `add it to the allowed redirect URIs at ${REDIRECTS_PAGE}`;
  return [amiss(`The redirect URI ${redirectUrl} is not registered with Plaid: ${mend} (${told(met)}).`)];
}

async function hooksOf(ask: Ask, call: Call, checked: Checked, publicUrl: string | null): Promise<Finding[]> {
  const met = await ask((api) => api.webhookVerificationKeyGet({ key_id: "bowline-check" }));
  const verified =
    met === null || met.raw.code === NO_SUCH_KEY
      ? well("Plaid tells the keys that its webhooks are signed with.")
      : amiss(`Plaid does not tell the keys that its webhooks are signed with: ${told(met)}.`);
  return [verified, await wayIn(call, checked, publicUrl)];
}

const NEARBY =
  /^(localhost|.*\.(local|internal)|127\..*|10\..*|192\.168\..*|172\.(1[6-9]|2\d|3[01])\..*|\[(::1|f[cd].*)\])$/;

/** Whether Plaid gets through can be told from Plaid alone; whether anything listens there can be seen from here. */
async function wayIn(call: Call, { environment }: Checked, publicUrl: string | null): Promise<Finding> {
  if (publicUrl === null)
    return amiss("BOWLINE_PUBLIC_URL is not set: Plaid can send no webhooks, and news waits for the next poll.");
  const { hostname, protocol } = new URL(publicUrl);
  if (NEARBY.test(hostname))
    return amiss(
      `BOWLINE_PUBLIC_URL names ${hostname}, which Plaid can't reach: name where the gateway is from outside.`,
    );
  if (environment === "production" && protocol !== "https:")
    return amiss("BOWLINE_PUBLIC_URL begins with http://: webhooks tell of customers' banks, and belong on https://.");
  const answer = await call.fetch(`${publicUrl}/health`).catch((error: unknown) => {
    const trouble = transportTrouble(error);
    if (trouble) return trouble;
    throw error;
  });
  if ("raw" in answer)
    return amiss(`Nothing answers at BOWLINE_PUBLIC_URL (${answer.raw.code}): start the gateway, or mend the proxy.`);
  return answer.ok
    ? well(`The gateway answers at ${publicUrl}, where Plaid's webhooks are sent.`)
    : amiss(`${publicUrl}/health answers ${answer.status}: BOWLINE_PUBLIC_URL has to lead to the gateway.`);
}

const told = ({ raw: { code, message } }: Trouble): string => (message === undefined ? code : `${code}, "${message}"`);
