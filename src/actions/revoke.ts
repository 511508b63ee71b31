/**
 * Ends the provider's access after the last claim is gone. Of a deleted connection only the credential lives on, in
 * this task, until the provider confirms or does not know it; then it is destroyed. Tried for a week without a word
 * from the provider, it becomes the operator's.
 */
import { UNSEEN } from "../core/status/health.ts";
import { backoffCap, DAY, MINUTE } from "../core/status/policy.ts";
import type { Sql } from "../store/database.ts";
import { homeFor } from "../store/home.ts";
import { eraseInboundBodies } from "../store/inbound.ts";
import { raise, settle } from "../store/incidents.ts";
import {
  getProviderConnection,
  type ProviderConnection,
  saveProviderConnection,
} from "../store/provider-connections.ts";
import { open, SealBroken } from "../store/seal.ts";
import { saveInvestmentCursor } from "../store/investments.ts";
import { removeSignpost, takeOut } from "../store/signposts.ts";
import { endTask, holds, makeDue, reschedule, type Task } from "../store/tasks.ts";
import { callsTo } from "./call.ts";
import { type Gateway, providerOf } from "./gateway.ts";
import { LeaseLost } from "./run.ts";

export const PATIENCE = 7 * DAY;

/** Closes the provider connection and makes its end due. What it knew of the customer goes now. */
export async function handToRevocation(sql: Sql, held: ProviderConnection, now: number): Promise<void> {
  const bare = { health: UNSEEN, cursor: null, cursorBase: null, running: null, closedAt: now };
  await saveProviderConnection(sql, { ...held, ...bare });
  await saveInvestmentCursor(sql, held.home, held.id, null);
  await endTask(sql, held.home, held.id, "aggregate");
  await endTask(sql, held.home, held.id, "probe");
  await makeDue(sql, held.home, held.id, "revoke", now, now);
}

export async function revoke(gateway: Gateway, task: Task): Promise<void> {
  const { db, door } = gateway;
  const held = await getProviderConnection(db, task.home, task.subject);
  if (!held) {
    await endTask(db, task.home, task.subject, "revoke");
    return;
  }
  const key = {
    home: homeFor(gateway.salt, "signpost", held.provider, held.ref),
    provider: held.provider,
    ref: held.ref,
  };
  // Bodies lie at homes of their own, out of the reach of the deletion's transaction; this is the next thing after it.
  await eraseInboundBodies(db, held.provider, held.ref);
  const isLast = await takeOut(db, key, held.id, door.now());
  if (isLast && !(await endAccess(gateway, held))) {
    const now = door.now();
    if (now - task.since >= PATIENCE) {
      await raise(db, door, "revocation-stuck", held.provider, held.id, { since: task.since }, now);
    }
    await reschedule(db, task, now + Math.min(MINUTE * 2 ** Math.min(task.attempt, 20), backoffCap), task.attempt + 1);
    return;
  }
  // Before the task ends: a closing signpost that nobody works on would keep its login from being linked again.
  if (isLast) await removeSignpost(db, key);
  await db.tx("revoked", async (sql) => {
    if (!(await holds(sql, task))) throw new LeaseLost("revoked");
    await saveProviderConnection(sql, { ...held, credential: null });
    await endTask(sql, task.home, task.subject, "revoke");
  });
  await settle(db, "revocation-stuck", held.id, door.now());
}

/** True: the provider confirmed, or does not know the connection, or has no way to be told. */
async function endAccess(gateway: Gateway, held: ProviderConnection): Promise<boolean> {
  const provider = providerOf(gateway, held.provider);
  if (!provider.remove || !held.credential) return true;
  let credential: string;
  try {
    credential = open(gateway.ring, held.credential, held.id);
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
  const answer = await callsTo(gateway, provider, { providerConnectionId: held.id }).ask("remove", provider.remove, {
    ref: held.ref,
    credential,
    products: [],
  });
  return answer.ok || answer.trouble.gone === true;
}
