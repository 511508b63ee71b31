/** Starts a repair: a new widget session for a connection that may be reconnected. Its state does not move. */
import { homeOf } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import { awaitConsent, getConnection } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { mint } from "../store/home.ts";
import { projectConnection } from "../store/projection.ts";
import { getSession, saveSession } from "../store/sessions.ts";
import { note } from "../store/timeline.ts";
import { connectToken } from "./connect-token.ts";
import { type Gateway, projectorOf, providerOf } from "./gateway.ts";
import { freshSession, type Started } from "./start-link.ts";

export const mintRepairIds = (gateway: Gateway, connectionId: string): { session: string } => ({
  session: mint(gateway.door, "session", homeOf("connection", connectionId) ?? "0"),
});

/** `consentTo`: nothing is broken, and the customer is asked to consent to these. */
export async function startRepair(
  gateway: Gateway,
  connectionId: string,
  ids: { session: string },
  consentTo: readonly Product[] = [],
): Promise<Started> {
  const known = await getConnection(gateway.db, connectionId);
  if (!known) throw new Refusal("NOT_FOUND", `[connectionId] ${connectionId} is no connection known here.`);
  const { home, customerId } = known;
  const isRepair = consentTo.length === 0;
  return gateway.db.tx("start repair", async (sql) => {
    await lockCustomer(sql, home, customerId);
    const now = gateway.door.now();
    const projected = await projectConnection(sql, projectorOf(gateway), home, connectionId, now);
    const connection = projected.find(({ id }) => id === connectionId) ?? known;
    const old = await getSession(sql, ids.session);
    if (old) return { connection, session: old, token: connectToken(gateway.ring, old.id) };
    if (!allows(connection.state, isRepair ? "reconnect" : "finish reconnect")) {
      const mend =
        connection.consentProducts.length > 0
          ? "its nextStep tells how to have its products"
          : "canReconnect tells when it can";
      throw new Refusal("STATE_FORBIDS", `A connection that is ${connection.state} can't be reconnected; ${mend}.`);
    }
    const provider = providerOf(gateway, connection.provider);
    if (!provider.startRepair || !provider.finishRepair)
      throw new Refusal("NOT_BUILT", `${provider.name} has no repair; delete the connection and link the bank anew.`);
    const session = {
      ...freshSession(home, ids.session, connectionId, "repair", now, connection.institutionId),
      provider: provider.name,
    };
    await saveSession(sql, session);
    if (!isRepair) await awaitConsent(sql, home, connectionId, consentTo);
    await note(
      sql,
      gateway.door,
      home,
      connectionId,
      "act",
      { act: `${isRepair ? "repair" : "products"} started`, session: session.id },
      now,
    );
    return { connection, session, token: connectToken(gateway.ring, session.id) };
  });
}
