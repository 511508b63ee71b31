/**
 * Adds products to a connection that is linked. They become optional ones, and a refresh reads them. Where the customer
 * has to consent first, the answer is a session in which they do: until then the products are unavailable, and nothing
 * else changes.
 */
import { homeOf, type Home } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { isRefusal, Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import type { Provider } from "../providers/provider.ts";
import { addOptionalProducts, type Connection, getConnection } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { mint } from "../store/home.ts";
import { projectConnection } from "../store/projection.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import type { Refresh } from "../store/refreshes.ts";
import { open } from "../store/seal.ts";
import { makeDue } from "../store/tasks.ts";
import { actsOf, note } from "../store/timeline.ts";
import { callsTo } from "./call.ts";
import { type Gateway, projectorOf, providerOf } from "./gateway.ts";
import { refuseUnsupported } from "./offered.ts";
import { requestRefresh } from "./refresh.ts";
import { startRepair } from "./start-repair.ts";

export interface AddIds {
  refresh: string;
  session: string;
}

export interface Added {
  /** Null: the provider's limit forbids one now; the next read brings them. */
  refresh: Refresh | null;
  /** What only the customer can grant. */
  needsCustomer: Product[];
  /** Opens the session for it; null where nothing is needed. */
  token: string | null;
}

export function mintAddIds({ door }: Gateway, connectionId: string): AddIds {
  const home = homeOf("connection", connectionId) as Home;
  return { refresh: mint(door, "refresh", home), session: mint(door, "session", home) };
}

export async function addProducts(
  gateway: Gateway,
  connectionId: string,
  products: readonly Product[],
  ids: AddIds,
  requestId: string,
): Promise<Added> {
  const known = await getConnection(gateway.db, connectionId);
  if (!known) throw new Refusal("NOT_FOUND", `[connectionId] ${connectionId} is no connection known here.`);
  refuseState(known);
  const provider = providerOf(gateway, known.provider);
  await refuseUnsupported(gateway, known.institutionId, provider, products);
  const needsCustomer = await consentNeeded(gateway, known, provider, products);
  // Asked for again: the session in which the customer was to consent may be lost.
  const fresh = products.filter((product) => !(needsCustomer.includes(product) && has(known, product)));
  if (fresh.length > 0) await add(gateway, known, fresh, ids.refresh);
  const token = needsCustomer.length > 0 ? (await startRepair(gateway, connectionId, ids, needsCustomer)).token : null;
  const refresh = await requestRefresh(gateway, connectionId, null, ids, requestId).catch((error: unknown) => {
    if (isRefusal(error, "TOO_EARLY")) return null;
    throw error;
  });
  return { refresh, needsCustomer, token };
}

function refuseState({ state }: Connection): void {
  if (allows(state, "refresh")) return;
  throw new Refusal("STATE_FORBIDS", `A connection that is ${state} can't be given products; canRefresh tells when.`);
}

const has = (connection: Connection, product: Product): boolean =>
  [...connection.products, ...connection.optionalProducts].includes(product);

function refuseDoubled(connection: Connection, products: readonly Product[]): void {
  const there = products.filter((product) => has(connection, product));
  if (there.length > 0)
    throw new Refusal("BAD_REQUEST", `[products] ${there.join(", ")} is on this connection already; leave it out.`);
}

async function consentNeeded(
  gateway: Gateway,
  { home, id, providerConnectionId }: Connection,
  provider: Provider,
  wanted: readonly Product[],
): Promise<Product[]> {
  const held = providerConnectionId && (await getProviderConnection(gateway.db, home, providerConnectionId));
  if (!held || !held.credential || !provider.consentNeeded) return [];
  const credential = open(gateway.ring, held.credential, held.id);
  const asked = { ref: held.ref, credential, products: wanted };
  const answer = await callsTo(gateway, provider, { connectionId: id }).ask(
    "consentNeeded",
    provider.consentNeeded,
    asked,
  );
  if (answer.ok) return [...answer.facts];
  const { raw } = answer.trouble;
  throw new Refusal(
    "PROVIDER_UNAVAILABLE",
    `${provider.name} can't say what it needs for this (${raw.code}); try again.`,
  );
}

const ADDED = "products added";

/** `by` tells the request: the refresh that it minted. */
function add(gateway: Gateway, known: Connection, products: readonly Product[], by: string): Promise<void> {
  const { home, id, customerId } = known;
  return gateway.db.tx("products added", async (sql) => {
    await lockCustomer(sql, home, customerId);
    const now = gateway.door.now();
    await projectConnection(sql, projectorOf(gateway), home, id, now);
    const connection = (await getConnection(sql, id)) ?? known;
    refuseState(connection);
    // The same request was here before, or is here at once: it is answered as it was.
    if ((await actsOf(sql, home, id, ADDED)).some((act) => act["by"] === by)) return;
    refuseDoubled(connection, products);
    await addOptionalProducts(sql, home, id, products);
    await note(sql, gateway.door, home, id, "act", { act: ADDED, products, by }, now);
    await projectConnection(sql, projectorOf(gateway), home, id, now);
    // A run under way has begun without them: another one follows it.
    if (connection.providerConnectionId)
      await makeDue(sql, home, connection.providerConnectionId, "aggregate", now, now);
  });
}
