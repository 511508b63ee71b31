/**
 * What is due without a task: the connections whose state time alone has changed (no timer, only rows whose own horizon
 * has come), and the events that were committed since the last look.
 */
import { MINUTE } from "../core/status/policy.ts";
import { connectionsToWake, putOff } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { DatabaseAway } from "../store/database.ts";
import { projectConnection } from "../store/projection.ts";
import { type Gateway, projectorOf } from "./gateway.ts";
import { placeNews } from "./place-news.ts";

export async function wake(gateway: Gateway, most: number): Promise<number> {
  const now = gateway.door.now();
  const due = await connectionsToWake(gateway.db, now, most);
  for (const { home, id, customerId } of due) {
    try {
      await gateway.db.tx("wake", async (sql) => {
        await lockCustomer(sql, home, customerId);
        await projectConnection(sql, projectorOf(gateway), home, id, now);
      });
    } catch (error) {
      if (error instanceof DatabaseAway) throw error;
      // One row that can't be projected must not keep the others waiting.
      gateway.log.error({ connection: id, err: error }, "A connection could not be projected and is tried again");
      await putOff(gateway.db, home, id, now + MINUTE);
    }
  }
  return due.length + (await placeNews(gateway));
}
