/**
 * Moves the gateway's clock from due instant to due instant, running what is due at each, in order. So a month passes
 * as it would have, in the time that its work takes.
 */
import type { Instant, Millis } from "../core/door.ts";
import type { Database } from "../store/database.ts";
import { readClockOffset, writeClockOffset } from "../store/settings.ts";
import { horizon } from "../store/tasks.ts";
import type { Worker } from "./worker.ts";

/** A clock that can be set ahead of real time. */
export interface MovableClock {
  now(): Instant;
  wall(): Instant;
  setOffset(offset: Millis): void;
  wait(ms: Millis, signal?: AbortSignal): Promise<void>;
}

/** Where it stopped, and what of the way is left: `budget` of real time may not have sufficed. */
export async function advance(
  db: Database,
  clock: MovableClock,
  worker: Pick<Worker, "drain">,
  by: Millis,
  budget: Millis,
): Promise<{ now: Instant; remaining: Millis }> {
  const end = clock.wall() + budget;
  clock.setOffset(await readClockOffset(db));
  const target = clock.now() + by;
  for (;;) {
    await settled(db, clock, worker, end);
    const { next } = await horizon(db, clock.wall());
    const isLate = clock.wall() >= end;
    if (isLate || clock.now() >= target) break;
    const to = Math.min(target, Math.max(next ?? target, clock.now()));
    const offset = Math.max(to - clock.wall(), await readClockOffset(db));
    await writeClockOffset(db, offset);
    clock.setOffset(offset);
  }
  return { now: clock.now(), remaining: Math.max(0, target - clock.now()) };
}

/** Everything due now is done, by whichever process has it in hand. */
async function settled(db: Database, clock: MovableClock, worker: Pick<Worker, "drain">, end: Instant): Promise<void> {
  for (;;) {
    await worker.drain();
    const { next, inHand } = await horizon(db, clock.wall());
    const isDue = next !== null && next <= clock.now();
    if ((!isDue && inHand === 0) || clock.wall() >= end) return;
    if (!isDue) await clock.wait(20);
  }
}
