/** A forced refresh: accepted, it claims the provider connection and makes one run due; one under way is joined. */
import { type Home, homeOf } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import { getConnection, writeActs } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { mint } from "../store/home.ts";
import { projectConnection } from "../store/projection.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { getRefresh, openRefreshes, type Refresh, saveRefresh } from "../store/refreshes.ts";
import { makeDue } from "../store/tasks.ts";
import { note } from "../store/timeline.ts";
import { claim } from "./complete.ts";
import { type Gateway, projectorOf } from "./gateway.ts";

export const mintRefreshIds = (gateway: Gateway, connectionId: string): { refresh: string } => ({
  refresh: mint(gateway.door, "refresh", homeOf("connection", connectionId) ?? "0"),
});

/** `products` null: all of the connection's. */
export async function requestRefresh(
  gateway: Gateway,
  connectionId: string,
  products: readonly Product[] | null,
  ids: { refresh: string },
  requestId: string,
): Promise<Refresh> {
  const known = await getConnection(gateway.db, connectionId);
  if (!known) throw new Refusal("NOT_FOUND", `[connectionId] ${connectionId} is no connection known here.`);
  const home: Home = known.home;
  const projector = projectorOf(gateway);
  const refresh = await gateway.db.tx("refresh", async (sql) => {
    await lockCustomer(sql, home, known.customerId);
    const done = await getRefresh(sql, ids.refresh);
    if (done) return done;
    const now = gateway.door.now();
    await projectConnection(sql, projector, home, connectionId, now);
    const connection = (await getConnection(sql, connectionId)) ?? known;
    if (!allows(connection.state, "refresh")) {
      throw new Refusal(
        "STATE_FORBIDS",
        `A connection that is ${connection.state} can't be refreshed; canRefresh tells when it can.`,
      );
    }
    const held =
      connection.providerConnectionId && (await getProviderConnection(sql, home, connection.providerConnectionId));
    if (!held) throw new Error(`connection ${connectionId} is ${connection.state} without a provider connection`);
    const its = [...connection.products, ...connection.optionalProducts];
    const strange = (products ?? []).filter((product) => !its.includes(product));
    if (strange.length > 0)
      throw new Refusal(
        "BAD_REQUEST",
        `[products] ${strange.join(", ")} is not on this connection; it has ${its.join(", ")}.`,
      );
    if (held.nextRefreshAllowedAt !== null && held.nextRefreshAllowedAt > now)
      throw new Refusal(
        "TOO_EARLY",
        "The provider's limit forbids a refresh now; nextRefreshAllowedAt says when.",
        held.nextRefreshAllowedAt,
      );

    const running = (await openRefreshes(sql, home, held.id)).find(
      (r) => r.connectionId === connectionId && covers(r, products),
    );
    if (running) return running;
    const fresh: Refresh = {
      home,
      id: ids.refresh,
      connectionId,
      providerConnectionId: held.id,
      run: null,
      products: [...(products ?? [])],
      requestedAt: now,
      finishedAt: null,
      outcome: null,
      notBefore: null,
      fromCache: null,
      parts: [],
      requestId,
    };
    await saveRefresh(sql, fresh);
    await writeActs(sql, home, connectionId, { claimedAt: await claim(sql, held, now) });
    await note(sql, gateway.door, home, connectionId, "act", { act: "refresh", refresh: fresh.id, products }, now);
    await projectConnection(sql, projector, home, connectionId, now);
    await makeDue(sql, home, held.id, "aggregate", now, now);
    return fresh;
  });
  gateway.poke();
  return refresh;
}

/** A refresh that asks for the same, or for everything. */
const covers = (running: Refresh, products: readonly Product[] | null) =>
  running.products.length === 0
    ? true
    : products !== null && products.every((product) => running.products.includes(product));
