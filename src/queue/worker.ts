/**
 * The worker: takes what is due, runs it, and looks again. It knows kinds of work and no bank.
 *
 * Every turn is the same: what needs no task is seen to first, such as connections whose state time alone has changed;
 * then one batch of tasks is claimed and each is handed to its job. A job that throws is tried again later; a worker
 * that dies leaves a lease that runs out. Nothing is remembered here.
 */
import type { Clock, Door, Millis } from "../core/door.ts";
import { backoffCap, MINUTE } from "../core/status/policy.ts";
import { type Database, DatabaseAway } from "../store/database.ts";
import { keepingLease } from "./lease.ts";
import { claimTasks, LEASE, reschedule, type Task, type TaskKind } from "../store/tasks.ts";

export interface WorkerParts {
  db: Database;
  door: Door;
  /** One job per kind; the kinds that are not here are left to others. */
  jobs: Partial<Record<TaskKind, (task: Task) => Promise<void>>>;
  /** Sees to up to `most` of what is due without a task; answers how many there were. */
  wake(most: number): Promise<number>;
  /** Run before every turn: the clock may have been moved by another process. */
  tick?(): Promise<void>;
  /** How long a task was due before it was taken in hand, on the gateway's clock. */
  began?(kind: TaskKind, late: Millis): void;
  ended(kind: TaskKind, end: "done" | "failed" | "lost", error?: unknown): void;
  /** How many tasks are in hand at once. */
  width: number;
}

export interface Worker {
  /** One turn: everything that is due now, at most one batch of it, is run to its end. Answers how much there was. */
  turn(): Promise<number>;
  /** Turns until nothing is due. */
  drain(): Promise<void>;
  start(): void;
  /** Resolves when what is in hand is finished. */
  stop(): Promise<void>;
  poke(): void;
}

const LOOK = 250;
const BATCH = 200;

export function createWorker(parts: WorkerParts): Worker {
  const { db, door, jobs, width } = parts;
  const kinds = Object.keys(jobs) as TaskKind[];
  const inHand = new Set<Promise<void>>();
  const dropped: Task[] = [];
  let stopping = false;
  let running: Promise<void> | null = null;
  let poked = new AbortController();

  async function take(): Promise<number> {
    await parts.tick?.();
    await giveBack();
    // First what needs no task: it makes tasks due, which are then taken in the same turn.
    const woken = await parts.wake(BATCH);
    const free = width - inHand.size;
    const tasks = free > 0 ? await claimTasks(db, door.now(), door.wall(), door.wall() + LEASE, kinds, free) : [];
    for (const task of tasks) {
      parts.began?.(task.kind, Math.max(0, door.now() - task.runAt));
      const work = run(task).finally(() => {
        inHand.delete(work);
        poke();
      });
      inHand.add(work);
    }
    return tasks.length + woken;
  }

  async function run(task: Task): Promise<void> {
    try {
      await keepingLease(db, door, task, async () => jobs[task.kind]?.(task));
      parts.ended(task.kind, "done");
    } catch (error) {
      const isAway = error instanceof DatabaseAway;
      const isLost = isAway || (error as Error).name === "LeaseLost";
      parts.ended(task.kind, isLost ? "lost" : "failed", error);
      if (isAway) dropped.push(task);
      else if (!isLost) await retry(db, door, task).catch(() => dropped.push(task));
    }
  }

  /** Tasks that the database's absence took out of hand: given back when it is there, not when their lease is over. */
  async function giveBack(): Promise<void> {
    for (let task = dropped.at(-1); task; task = dropped.at(-1)) {
      await reschedule(db, task, door.now(), task.attempt);
      dropped.pop();
    }
  }

  function poke(): void {
    poked.abort();
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      let found = 0;
      try {
        found = await take();
      } catch (error) {
        // The database is away: look again at the same pace, and let `ready` tell.
        if (!(error instanceof DatabaseAway)) parts.ended("aggregate", "failed", error);
      }
      if (found > 0 && inHand.size < width) continue;
      await door.wait(LOOK, poked.signal).catch(() => undefined);
      poked = new AbortController();
    }
    await Promise.all(inHand);
  }

  async function turn(): Promise<number> {
    const found = await take();
    while (inHand.size > 0) await Promise.all(inHand);
    return found;
  }

  return {
    turn,
    async drain() {
      while ((await turn()) > 0);
    },
    start() {
      running ??= loop();
    },
    async stop() {
      stopping = true;
      poke();
      await running;
    },
    poke,
  };
}

/** A job that threw is ours to mend: again soon, then less and less often. A refusal has rescheduled itself. */
async function retry(db: Database, clock: Clock, task: Task): Promise<void> {
  const wait = Math.min(MINUTE * 2 ** Math.min(task.attempt, 20), backoffCap);
  await reschedule(db, task, clock.now() + wait, task.attempt + 1);
}
