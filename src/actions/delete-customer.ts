/**
 * Deletes a customer: each connection by itself, as a DELETE of it would, and then what is left of the customer. With
 * providers named, the connections through these alone, and the customer stays.
 */
import { type Home, homeOf } from "../core/ids.ts";
import { isRefusal, Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import { eraseCustomersActivities } from "../store/activity.ts";
import { type Connection, connectionsOf } from "../store/connections.ts";
import { forgetCustomer, getCustomer, lockCustomer } from "../store/customers.ts";
import { eraseSessions } from "../store/sessions.ts";
import { eraseTimeline } from "../store/timeline.ts";
import { disconnect } from "./disconnect.ts";
import type { Gateway } from "./gateway.ts";

/** Connections may begin while others are ended; so often it is looked again. */
const ROUNDS = 5;

/** Answers the providers at which the customer had something. */
export async function deleteCustomer(
  gateway: Gateway,
  customerId: string,
  providers: readonly string[] | null,
): Promise<string[]> {
  const home = homeOf("customer", customerId) as Home;
  const found = await getCustomer(gateway.db, home, customerId);
  if (!found || found.deletedAt !== null)
    throw new Refusal("NOT_FOUND", `There is no customer ${customerId}; send an id that this gateway answered.`);
  const ended = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const live = (await connectionsOf(gateway.db, home, customerId)).filter(
      (one) => isLive(one) && (providers === null || (one.provider !== null && providers.includes(one.provider))),
    );
    for (const { id, provider } of live) {
      await disconnect(gateway, id).catch((error: unknown) => {
        if (!isRefusal(error, "ALREADY_DELETED") && !isRefusal(error, "STATE_FORBIDS")) throw error;
      });
      if (provider !== null) ended.add(provider);
    }
    if (providers !== null || (await forget(gateway, home, customerId))) return [...ended].sort();
  }
  throw new Refusal(
    "TOO_EARLY",
    "Connections of this customer keep beginning; stop them, and delete it again.",
    gateway.door.now() + 1000,
  );
}

const isLive = ({ state }: Connection): boolean => allows(state, "delete");

/** False: a connection began meanwhile, and goes first. */
function forget(gateway: Gateway, home: Home, customerId: string): Promise<boolean> {
  return gateway.db.tx("customer deleted", async (sql) => {
    await lockCustomer(sql, home, customerId);
    const connections = await connectionsOf(sql, home, customerId);
    if (connections.some(isLive)) return false;
    // Those that expired were never deleted, and still have what happened in them.
    for (const { id } of connections.filter(({ deletedAt }) => deletedAt === null)) {
      await eraseSessions(sql, home, id);
      await eraseTimeline(sql, home, [id]);
    }
    await eraseCustomersActivities(sql, home, customerId);
    await forgetCustomer(sql, home, customerId, gateway.door.now());
    return true;
  });
}
