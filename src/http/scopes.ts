/** Which scope each operation asks for. One that is not here can't be written; a route without one starts nothing. */
import type { FastifyRequest, RouteOptions } from "fastify";
import { Refusal } from "../core/refusal.ts";
import { covers, type Scope } from "../core/scopes.ts";
import { grantOf } from "./actor.ts";
import type { Api } from "./context.ts";

export const NEEDED = {
  searchConnections: "read",
  getConnection: "read",
  listTimeline: "read",
  listConnectionEvents: "read",
  countStates: "read",
  getTicket: "read",
  listRefreshes: "read",
  getRefresh: "read",
  searchAccounts: "read",
  getAccount: "read",
  searchTransactions: "read",
  getTransaction: "read",
  listTransactionChanges: "read",
  searchHoldings: "read",
  getHolding: "read",
  searchInvestmentTransactions: "read",
  getInvestmentTransaction: "read",
  searchInstitutions: "read",
  getInstitution: "read",
  listCustomers: "read",
  getCustomer: "read",
  listCustomerAddresses: "read",
  getCustomerAddress: "read",
  listServiceProviders: "read",
  listWebhookProfiles: "read",
  getWebhookProfile: "read",
  listDeliveries: "read",
  getDelivery: "read",
  readEvents: "read",
  listReceivedWebhooks: "read",
  getReceivedWebhook: "read",
  listIncidents: "read",
  listUnmappedCodes: "read",
  searchActivityLog: "read",
  getActivityByKey: "read",
  getActivity: "read",
  getMetrics: "read",

  startConnection: "link",
  repairConnection: "link",
  updateConnection: "link",
  refreshConnection: "link",
  deleteConnection: "link",
  createProcessorToken: "link",
  createCustomer: "link",
  updateCustomer: "link",
  deleteCustomer: "link",
  addCustomerAddress: "link",
  updateCustomerAddress: "link",
  deleteCustomerAddress: "link",

  importConnections: "operate",
  createWebhookProfile: "operate",
  updateWebhookProfile: "operate",
  testWebhookProfile: "operate",
  rotateWebhookSecret: "operate",
  replayDeliveries: "operate",
  linkInSandbox: "operate",
  makeTrouble: "operate",
  endTrouble: "operate",
  advanceClock: "operate",

  listApiKeys: "admin",
  createApiKey: "admin",
  revokeApiKey: "admin",
  searchAuditLog: "admin",
} as const satisfies Record<string, Scope>;

export type Keyed = keyof typeof NEEDED;

/** What the operator's pages ask beyond the API, under the path of their data. */
const PAGES: Readonly<Record<string, Scope>> = {
  "GET /search": "read",
  "GET /live": "read",
  "GET /endpoints": "read",
  "POST /demo": "operate",
};

export const isKeyed = (id: string): id is Keyed => Object.hasOwn(NEEDED, id);

/** The operations that a scope reaches. */
export const reachedBy = (held: Scope): Keyed[] =>
  (Object.keys(NEEDED) as Keyed[]).filter((id) => covers(held, NEEDED[id]));

type Route = Pick<RouteOptions, "method" | "url" | "schema">;

/** Null: the route is in no table. */
export function scopeFor({ method, url, schema }: Route, prefix = ""): Scope | null {
  const id = schema?.operationId;
  if (id !== undefined) return isKeyed(id) ? NEEDED[id] : null;
  const [first = ""] = [method].flat();
  return PAGES[`${first === "HEAD" ? "GET" : first} ${url.slice(prefix.length)}`] ?? null;
}

/** Asks every route that comes after for its scope; to be called once it is known who asks. */
export function requireScopes(app: Api, prefix = ""): void {
  app.addHook("onRoute", (route) => {
    if (scopeFor(route, prefix) === null)
      throw new Error(`${[route.method].join(", ")} ${route.url} has no scope; give it one in src/http/scopes.ts.`);
  });
  app.addHook("onRequest", async (request) => refuseBeyond(request, prefix));
}

export function refuseBeyond(request: FastifyRequest, prefix = ""): void {
  const needed = scopeFor(request.routeOptions as Route, prefix);
  const held = grantOf(request)?.scope;
  if (needed !== null && held !== undefined && covers(held, needed)) return;
  throw new Refusal(
    "FORBIDDEN",
    `[authorization] has the scope ${held ?? "none"}, and this asks for ${needed ?? "another"}; ` +
      `use a key that was made with --scope ${needed ?? "admin"}.`,
  );
}
