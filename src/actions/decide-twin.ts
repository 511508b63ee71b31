/** The customer's answer to the likely twin: keep what is there, or link anyway. */
import { Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import { rowOf } from "../core/status/table.ts";
import { getConnection } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { saveSession } from "../store/sessions.ts";
import { waitingProof } from "./ask-about-twin.ts";
import { finishSession } from "./finish-link.ts";
import type { Gateway } from "./gateway.ts";
import { noteSession, openSession, type Opened, refuseOver } from "./session.ts";
import { mintRepairIds, startRepair } from "./start-repair.ts";

export interface Decided extends Opened {
  /** Opens a repair of the connection that was kept, where that is in trouble. */
  repairToken: string | null;
}

export async function decideTwin(gateway: Gateway, token: string, choice: "KEEP" | "ADD"): Promise<Decided> {
  const opened = await openSession(gateway, token);
  const { session } = opened;
  if (session.finishedAt !== null) return { ...opened, repairToken: null };
  const proof = waitingProof(gateway, session);
  if (proof === null || session.twinConnectionId === null)
    throw new Refusal("BAD_REQUEST", "[choice] nothing was asked in this session; complete it first.");
  if (choice === "ADD") return { ...(await finishSession(gateway, token, proof)), repairToken: null };
  refuseOver(gateway, opened);
  return keep(gateway, token, opened, session.twinConnectionId);
}

/** What the customer brought is let go unexchanged; the connection of this session expires by itself. */
async function keep(
  gateway: Gateway,
  token: string,
  { session, connection }: Opened,
  twinId: string,
): Promise<Decided> {
  const twin = await getConnection(gateway.db, twinId);
  if (!twin || twin.deletedAt !== null)
    throw new Refusal("STATE_FORBIDS", "The earlier connection is gone meanwhile; link anyway.");
  await gateway.db.tx("twin kept", async (sql) => {
    await lockCustomer(sql, session.home, connection.customerId);
    await saveSession(sql, {
      ...session,
      sealedState: null,
      sealedPage: null,
      sealedProof: null,
      failure: null,
      finishedAt: gateway.door.now(),
      completedConnectionId: twin.id,
    });
    await noteSession(sql, gateway, connection, { step: "twin kept", twinConnectionId: twin.id });
    await noteSession(sql, gateway, twin, { step: "twin kept", insteadOf: connection.id });
  });
  const isWell = rowOf(twin.state).status === "ACTIVE" || !allows(twin.state, "reconnect");
  const repair = isWell ? null : await startRepair(gateway, twin.id, mintRepairIds(gateway, twin.id));
  return { ...(await openSession(gateway, token)), repairToken: repair?.token ?? null };
}
