/** Projects the connections whose state time alone has changed: no timer, only rows whose own horizon has come. */
import { connectionsToWake } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { projectConnection } from "../store/projection.ts";
import { type Gateway, projectorOf } from "./gateway.ts";

export async function wake(gateway: Gateway, most: number): Promise<number> {
  const now = gateway.door.now();
  const due = await connectionsToWake(gateway.db, now, most);
  for (const { home, id, customerId } of due) {
    await gateway.db.tx("wake", async (sql) => {
      await lockCustomer(sql, home, customerId);
      await projectConnection(sql, projectorOf(gateway), home, id, now);
    });
  }
  return due.length;
}
