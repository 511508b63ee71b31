/** A widget session as the customer's page moves through it: opened, a bank chosen, the provider's part begun. */
import type { Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import {
  type Answer,
  type LinkSession,
  SERVICE_PROVIDERS,
  type Provider,
  type StartLink,
} from "../providers/provider.ts";
import { type Connection, getConnection } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import type { Sql } from "../store/database.ts";
import { getInstitution, type Institution } from "../store/institutions.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { open, seal } from "../store/seal.ts";
import { SEALED } from "../store/sealed.ts";
import { getSession, saveSession, type Session } from "../store/sessions.ts";
import { note } from "../store/timeline.ts";
import { callsTo } from "./call.ts";
import { hooksOf } from "./check-webhook.ts";
import { sessionOfToken } from "./connect-token.ts";
import { type Gateway, providerOf } from "./gateway.ts";
import { webhookUrlOf } from "./receive-webhook.ts";
import { lacking, refuseProducts } from "./offered.ts";

export interface Opened {
  session: Session;
  connection: Connection;
}

/** Finished sessions open too: their token still shows what became of them. */
export async function openSession(gateway: Gateway, token: string): Promise<Opened> {
  const session = await getSession(gateway.db, sessionOfToken(gateway.ring, token));
  const connection =
    session && (await getConnection(gateway.db, session.completedConnectionId ?? session.connectionId));
  if (!session || !connection) throw new Refusal("SESSION_OVER", "This session is gone; start or repair again.");
  if (connection.deletedAt !== null)
    throw new Refusal("SESSION_OVER", "The connection of this session was deleted; start anew.");
  return { session, connection };
}

/** The session may still be used, not only shown. */
export function refuseOver(gateway: Gateway, { session }: Opened): void {
  if (session.finishedAt !== null)
    throw new Refusal("SESSION_OVER", "This session is finished; start or repair again.");
  if (gateway.door.now() >= session.expiresAt)
    throw new Refusal("SESSION_OVER", "This session has expired; start or repair again.");
}

/**
 * Begins the provider's part of the session. Repeating it begins that part anew, unless it is asked to leave what was
 * begun; nothing is connected by it.
 */
export async function chooseInstitution(
  gateway: Gateway,
  token: string,
  institutionId: string | null,
  when: "anew" | "unless begun" = "anew",
  /** Where the session's customer is awaited after a visit to a page elsewhere. */
  returnUrl?: string,
): Promise<Opened> {
  const opened = await openSession(gateway, token);
  refuseOver(gateway, opened);
  const { session, connection } = opened;
  const bank = await chosenBank(gateway, opened, institutionId);
  const provider =
    session.kind === "repair"
      ? providerOf(gateway, connection.provider)
      : providerFor(gateway, bank, connection.products);
  if (bank && session.kind === "link") refuseProducts(bank, connection.products);
  const begun = await begin(gateway, provider, opened, bank, returnUrl);
  if (!begun.ok) {
    const { raw, scope } = begun.trouble;
    await gateway.db.tx("session refused", (sql) => noteSession(sql, gateway, connection, { step: "begin", raw }));
    if (scope === "session" || scope === "connection" || scope === "product" || scope === "account")
      throw new Refusal("PROVIDER_REFUSED", `${provider.name} refused to begin: ${raw.code}.`);
    throw new Refusal("PROVIDER_UNAVAILABLE", `${provider.name} can't begin a session now (${raw.code}); try again.`);
  }
  const { state, page, relinks = false } = begun.facts;
  return gateway.db.tx("session begun", async (sql) => {
    await lockCustomer(sql, session.home, connection.customerId);
    // The session may have been finished, or begun by a twin, while the provider was asked.
    const now = { session: (await getSession(sql, session.id)) ?? session, connection };
    refuseOver(gateway, now);
    if (when === "unless begun" && now.session.sealedState) return now;
    const fresh: Session = {
      ...now.session,
      institutionId: bank?.id ?? now.session.institutionId,
      provider: provider.name,
      sealedState: seal(gateway.ring, gateway.door, state, session.id),
      sealedPage: seal(gateway.ring, gateway.door, JSON.stringify(page), SEALED.sessionPage.row(session.id)),
      relinks,
      failure: null,
      twinConnectionId: null,
      sealedProof: null,
    };
    await saveSession(sql, fresh);
    await noteSession(sql, gateway, connection, { step: "begin", institution: bank?.name ?? null });
    return { session: fresh, connection };
  });
}

export const stateOf = (gateway: Gateway, session: Session): string =>
  session.sealedState ? open(gateway.ring, session.sealedState, session.id) : "";

/** What the customer's page needs of the provider. */
export const pageOf = ({ ring }: Pick<Gateway, "ring">, { id, sealedPage }: Session): Record<string, string> | null =>
  sealedPage && (JSON.parse(open(ring, sealedPage, SEALED.sessionPage.row(id))) as Record<string, string>);

async function begin(
  gateway: Gateway,
  provider: Provider,
  { session, connection }: Opened,
  bank: Institution | null,
  returnUrl: string | undefined,
): Promise<Answer<LinkSession>> {
  const calls = callsTo(gateway, provider, { connectionId: connection.id });
  const ref = bank?.providers[provider.name];
  const webhookUrl = webhookUrlOf(gateway, provider);
  const request: StartLink = {
    connectionId: connection.id,
    customerId: connection.customerId,
    ...(ref !== undefined && { institutionRef: ref }),
    products: offered(provider, connection.products),
    optionalProducts: offered(provider, connection.optionalProducts),
    countries: connection.regions.filter((region) => /^[A-Z]{2}$/.test(region)),
    ...(returnUrl !== undefined && { returnUrl }),
    ...(connection.redirectUrl !== null && { redirectUrl: connection.redirectUrl }),
    ...(hooksOf(provider) && webhookUrl !== null && { webhookUrl }),
  };
  if (session.kind === "link") return calls.ask("startLink", provider.startLink, request);
  const held = connection.providerConnectionId
    ? await getProviderConnection(gateway.db, connection.home, connection.providerConnectionId)
    : null;
  if (!held?.credential || !provider.startRepair)
    throw new Refusal("SESSION_OVER", "There is nothing to repair any more; start anew.");
  const credential = open(gateway.ring, held.credential, held.id);
  return calls.ask("startRepair", provider.startRepair, { ...request, ref: held.ref, credential });
}

const offered = (provider: Provider, products: readonly Product[]) =>
  products.filter((product) => provider.products.includes(product));

async function chosenBank(
  gateway: Gateway,
  { session, connection }: Opened,
  id: string | null,
): Promise<Institution | null> {
  const wanted = session.kind === "repair" ? connection.institutionId : (id ?? session.institutionId);
  if (wanted === null) return null;
  const bank = await getInstitution(gateway.db, wanted);
  if (!bank)
    throw new Refusal("NOT_FOUND", `[institutionId] ${wanted} is no institution known here; search GET /institutions.`);
  return bank;
}

/**
 * The first configured provider that knows the bank and offers all that is required of it; without a bank, the only one
 * that brings a picker of its own.
 */
function providerFor(gateway: Gateway, bank: Institution | null, products: readonly Product[]): Provider {
  const names = SERVICE_PROVIDERS.filter(
    (name) => gateway.providers.has(name) && (bank ? bank.providers[name] !== undefined : name !== "SANDBOX"),
  );
  const offersAll = (name: string) => lacking(bank?.offers[name] ?? [], products).length === 0;
  const name = names.find(offersAll) ?? names[0];
  if (name) return providerOf(gateway, name);
  if (bank) throw new Refusal("NOT_BUILT", `No provider that knows ${bank.name} is configured here.`);
  throw new Refusal(
    "BAD_REQUEST",
    "[institutionId] must be given: no provider with a picker of its own is configured.",
  );
}

export const noteSession = (sql: Sql, gateway: Gateway, connection: Connection, detail: Record<string, unknown>) =>
  note(sql, gateway.door, connection.home, connection.id, "session", detail, gateway.door.now());
