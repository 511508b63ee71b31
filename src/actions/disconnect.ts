/**
 * Deletes a connection: DELETED, its event and the erasure of what is its own, at once. If another claim holds the
 * same provider connection, that one is promoted in the same transaction and the data stays; with the last claim the
 * accounts go, and the access at the provider is ended by a task.
 */
import type { ToldAccount } from "../core/events.ts";
import { Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import { eraseActivities } from "../store/activity.ts";
import { eraseAccounts } from "../store/accounts.ts";
import { claimsOn, type Connection, getConnection, writeActs } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { eraseDeliveryBodies } from "../store/deliveries.ts";
import { appendEvent } from "../store/events.ts";
import { projectConnection } from "../store/projection.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { eraseRefreshes } from "../store/refreshes.ts";
import { eraseSessions } from "../store/sessions.ts";
import { getTask, makeDue } from "../store/tasks.ts";
import { eraseTimeline } from "../store/timeline.ts";
import { liveAccounts } from "./announce.ts";
import { type Gateway, projectorOf } from "./gateway.ts";
import { handToRevocation } from "./revoke.ts";

export async function disconnect(gateway: Gateway, connectionId: string): Promise<Connection> {
  const known = await getConnection(gateway.db, connectionId);
  if (!known) throw new Refusal("NOT_FOUND", `[connectionId] ${connectionId} is no connection known here.`);
  const { home } = known;
  const projector = projectorOf(gateway);
  const deleted = await gateway.db.tx("delete", async (sql) => {
    await lockCustomer(sql, home, known.customerId);
    const now = gateway.door.now();
    await projectConnection(sql, projector, home, connectionId, now);
    const connection = (await getConnection(sql, connectionId)) ?? known;
    if (connection.deletedAt !== null)
      throw new Refusal("ALREADY_DELETED", `The connection ${connectionId} is deleted already.`);
    if (!allows(connection.state, "delete"))
      throw new Refusal("STATE_FORBIDS", `A connection that is ${connection.state} has nothing left to delete.`);
    // A finish under way is left its task: what it obtains has to be handed to the revocation.
    await eraseSessionsBut(sql, connection, now);
    await eraseRefreshes(sql, home, connectionId);
    await eraseTimeline(sql, home, [connectionId]);
    await eraseActivities(sql, home, [connectionId]);
    await eraseDeliveryBodies(sql, home, connectionId);
    await writeActs(sql, home, connectionId, { deletedAt: now });
    await projectConnection(sql, projector, home, connectionId, now);
    const gone = connection.providerConnectionId
      ? await letGo(sql, connection.home, connection.providerConnectionId, now)
      : [];
    if (gone.length > 0) {
      const payload = { financialAccounts: gone };
      await appendEvent(sql, gateway.door, home, connectionId, "BANK_LINKING_ACCOUNTS_REMOVED", payload, now);
    }
    await appendEvent(sql, gateway.door, home, connectionId, "BANK_LINKING_CONNECTION_DELETED", {}, now);
    return (await getConnection(sql, connectionId)) ?? known;
  });
  gateway.poke();
  return deleted;
}

type Sql = Parameters<Parameters<Gateway["db"]["tx"]>[1]>[0];

/** The accounts that went with the last claim. */
async function letGo(sql: Sql, home: string, providerConnectionId: string, now: number): Promise<ToldAccount[]> {
  const claims = await claimsOn(sql, home, providerConnectionId);
  if (claims.some(({ deletedAt }) => deletedAt === null)) return [];
  const held = await getProviderConnection(sql, home, providerConnectionId);
  if (!held || held.closedAt !== null) return [];
  const gone = await liveAccounts(sql, held);
  await eraseAccounts(sql, home, held.id);
  await eraseTimeline(sql, home, [held.id]);
  await eraseActivities(sql, home, [held.id]);
  await handToRevocation(sql, held, now);
  return gone;
}

/** What a finish has obtained, and waits with for the customer, waits no longer. */
async function eraseSessionsBut(sql: Sql, { home, id }: Connection, now: number): Promise<void> {
  if (await getTask(sql, home, id, "finish")) await makeDue(sql, home, id, "finish", now, now);
  else await eraseSessions(sql, home, id);
}
