/** Starts a link: the customer, a connection IN_PROGRESS, and a widget session with its token. */
import type { Door } from "../core/door.ts";
import { homeOf, type Home } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import { widgetLifetime } from "../core/status/policy.ts";
import { type Connection, getConnection, insertConnection } from "../store/connections.ts";
import { findOrCreateCustomer } from "../store/customers.ts";
import { homeFor, mint } from "../store/home.ts";
import { getInstitution } from "../store/institutions.ts";
import { getSession, saveSession, type Session } from "../store/sessions.ts";
import { note } from "../store/timeline.ts";
import { connectToken } from "./connect-token.ts";
import type { Gateway } from "./gateway.ts";
import { refuseProducts } from "./offered.ts";

export interface StartRequest {
  externalCustomerId: string;
  products: readonly Product[];
  optionalProducts: readonly Product[];
  regions: readonly string[];
  institutionId: string | null;
  redirectUrl: string | null;
  allowRedirect: boolean;
}

export interface StartIds {
  customer: string;
  connection: string;
  session: string;
}

export interface Started {
  connection: Connection;
  session: Session;
  token: string;
}

/** The customer's home is where its own name leads; everything of the customer is minted there. */
export const mintStartIds = ({ salt, door }: Gateway, externalCustomerId: string): StartIds =>
  mintLink(door, homeFor(salt, "customer", externalCustomerId));

/** For one more link of the customer whose connection this is. */
export const mintTwinIds = ({ door }: Gateway, connectionId: string): StartIds =>
  mintLink(door, homeOf("connection", connectionId) as Home);

function mintLink(door: Door, home: Home): StartIds {
  return {
    customer: mint(door, "customer", home),
    connection: mint(door, "connection", home),
    session: mint(door, "session", home),
  };
}

export async function startLink(gateway: Gateway, request: StartRequest, ids: StartIds): Promise<Started> {
  await refuseBank(gateway, request);
  const home = homeOf("connection", ids.connection) as Home;
  const { session, made } = await gateway.db.tx("start link", async (sql) => {
    const now = gateway.door.now();
    const customer = await findOrCreateCustomer(sql, home, ids.customer, request.externalCustomerId, now);
    const made = await insertConnection(sql, {
      home,
      id: ids.connection,
      customerId: customer.id,
      institutionId: request.institutionId,
      products: [...request.products],
      optionalProducts: [...request.optionalProducts],
      regions: [...request.regions],
      redirectUrl: request.redirectUrl,
      allowRedirect: request.allowRedirect,
      replacesConnectionId: null,
      startedAt: now,
    });
    const known = made ? null : await getSession(sql, ids.session);
    const session = known ?? freshSession(home, ids.session, ids.connection, "link", now, request.institutionId);
    if (!known) await saveSession(sql, session);
    if (made)
      await note(sql, gateway.door, home, ids.connection, "act", { act: "start", products: request.products }, now);
    return { session, made };
  });
  const connection = made ?? (await getConnection(gateway.db, ids.connection));
  if (!connection) throw new Error(`connection ${ids.connection} vanished after its start`);
  return { connection, session, token: connectToken(gateway.ring, session.id) };
}

export function freshSession(
  home: Home,
  id: string,
  connectionId: string,
  kind: Session["kind"],
  now: number,
  institutionId: string | null,
): Session {
  return {
    home,
    id,
    connectionId,
    kind,
    startedAt: now,
    expiresAt: now + widgetLifetime,
    institutionId,
    provider: null,
    sealedState: null,
    sealedPage: null,
    finishedAt: null,
    completedConnectionId: null,
    failure: null,
    twinConnectionId: null,
    sealedProof: null,
    relinks: false,
    questions: null,
  };
}

async function refuseBank(gateway: Gateway, request: StartRequest): Promise<void> {
  if (request.institutionId === null) return;
  const bank = await getInstitution(gateway.db, request.institutionId);
  if (!bank)
    throw new Refusal(
      "NOT_FOUND",
      `[institutionId] ${request.institutionId} is no institution known here; search GET /institutions.`,
    );
  refuseProducts(bank, request.products);
}
