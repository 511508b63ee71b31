/**
 * Rule 9: where a provider mints a new id for every link, nothing tells a second link of the same login from a second
 * login. So a likely twin (the same bank, and accounts of the same names, ends and kinds) is asked about before the
 * exchange: the customer may keep the connection that is there, or link anyway.
 */
import type { Brought } from "../providers/provider.ts";
import { accountsOf } from "../store/accounts.ts";
import { type Connection, linkedConnections } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { institutionId } from "../store/institutions.ts";
import { open, seal } from "../store/seal.ts";
import { SEALED } from "../store/sealed.ts";
import { saveSession, type Session } from "../store/sessions.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";
import { noteSession, type Opened, stateOf } from "./session.ts";

/** The session with its question, the proof kept; null where there is nothing to ask. */
export async function askAboutTwin(
  gateway: Gateway,
  { session, connection }: Opened,
  proof: Record<string, string>,
): Promise<Opened | null> {
  const provider = providerOf(gateway, session.provider);
  if (!provider.lookAtProof) return null;
  const input = { state: stateOf(gateway, session), proof };
  const seen = await callsTo(gateway, provider, { connectionId: connection.id }).ask(
    "lookAtProof",
    provider.lookAtProof,
    input,
  );
  // What can't be looked at can't be exchanged either, and the exchange says why.
  if (!seen.ok || seen.facts.ref !== null) return null;
  const twin = await likelyTwin(gateway, connection, provider.name, seen.facts);
  if (!twin) return null;
  const asking: Session = {
    ...session,
    twinConnectionId: twin.id,
    sealedProof: seal(gateway.ring, gateway.door, JSON.stringify(proof), SEALED.sessionProof.row(session.id)),
    failure: null,
  };
  await gateway.db.tx("twin asked about", async (sql) => {
    await lockCustomer(sql, session.home, connection.customerId);
    await saveSession(sql, asking);
    await noteSession(sql, gateway, connection, { step: "twin", twinConnectionId: twin.id });
  });
  return { session: asking, connection };
}

export const waitingProof = (gateway: Gateway, session: Session): Record<string, string> | null =>
  session.sealedProof
    ? (JSON.parse(open(gateway.ring, session.sealedProof, SEALED.sessionProof.row(session.id))) as Record<
        string,
        string
      >)
    : null;

async function likelyTwin(
  { db }: Gateway,
  { home, customerId }: Connection,
  provider: string,
  { institutionRef, accounts }: Brought,
): Promise<Connection | null> {
  const bank = institutionId(provider, institutionRef);
  const wanted = keyOf(accounts);
  for (const one of await linkedConnections(db, home, customerId)) {
    if (one.institutionId !== bank || one.providerConnectionId === null) continue;
    if (one.state === "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE") continue;
    const known = await accountsOf(db, home, one.providerConnectionId);
    if (keyOf(known.filter(({ leftAt }) => leftAt === null)) === wanted) return one;
  }
  return null;
}

/** The accounts as a multiset, by all that the customer sees of them. No account at all is like nothing. */
const keyOf = (accounts: readonly { name: string; mask: string | null; subtype: string }[]): string | symbol =>
  accounts.length === 0
    ? Symbol("no accounts")
    : JSON.stringify(accounts.map(({ name, mask, subtype }) => [name, mask, subtype].join("|")).sort());
