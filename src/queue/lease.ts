/**
 * A lease is short, and renewed for as long as the work lives: so the work of whoever was killed is free within
 * seconds, and a run that takes its time keeps it.
 */
import type { Door } from "../core/door.ts";
import type { Database } from "../store/database.ts";
import { holds, LEASE, type Task } from "../store/tasks.ts";

/** Several beats may come late, on a busy machine, before the lease is over. */
export const BEAT = 2_000;

export async function keepingLease<T>(db: Database, door: Door, task: Task, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  void beat(db, door, task, over.signal);
  try {
    return await work();
  } finally {
    over.abort();
  }
}

async function beat(db: Database, door: Door, task: Task, signal: AbortSignal): Promise<void> {
  for (;;) {
    await door.wait(BEAT, signal).catch(() => undefined);
    if (signal.aborted) return;
    // A database that is away keeps nobody's lease; the work itself finds out at its next step.
    const isHeld = await holds(db, task, door.wall() + LEASE).catch(() => true);
    if (!isHeld) return;
  }
}
