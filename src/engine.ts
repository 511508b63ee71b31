/**
 * What works by itself in a gateway: its workers, over whatever database, clock and network they are handed. The same
 * engine runs in production and in the simulation; only the parts that it is given differ.
 */
import type { Gateway } from "./actions/gateway.ts";
import { keepCatalogues } from "./actions/learn-institutions.ts";
import { keepSweeping } from "./actions/sweep.ts";
import { wake } from "./actions/wake.ts";
import type { Millis } from "./core/door.ts";
import { MINUTE } from "./core/status/policy.ts";
import { jobs } from "./jobs/jobs.ts";
import { createWorker, type Worker } from "./queue/worker.ts";
import { wakeOldPolicies } from "./store/connections.ts";
import { makeTellingDue } from "./store/incidents.ts";
import type { TaskKind } from "./store/tasks.ts";

export interface Engine {
  gateway: Gateway;
  /** Runs everything that is due now, until nothing is. */
  drain(): Promise<void>;
  /** What a start owes: what was left untold, and the work that is always there. Then it looks for work. */
  begin(): Promise<void>;
  /** Resolves when what is in hand is finished. */
  stop(): Promise<void>;
}

export interface EngineSettings {
  /** How many tasks of connections are in hand at once. */
  width: number;
  /** Run before every turn: the clock may have been moved by another process. */
  tick?: () => Promise<void>;
}

/** A new policy makes every row due; they come over this long, not at once. */
const POLICY_SPREAD: Millis = 10 * MINUTE;
/** How many endpoints are served at once. */
const LANES = 64;

export function createEngine(parts: Omit<Gateway, "poke">, { width, tick }: EngineSettings): Engine {
  const gateway: Gateway = Object.assign(parts, {
    poke: () => {
      worker.poke();
      lanes.poke();
    },
  });
  const { db, door } = gateway;
  const { deliver, tell, letters, ...others } = jobs(gateway);
  const ended = (kind: TaskKind, end: "done" | "failed" | "lost", error?: unknown): void => {
    gateway.count.job(kind, end);
    if (end === "failed") gateway.log.error({ kind, err: error }, "A task failed and is tried again");
  };
  const began = (kind: TaskKind, late: Millis): void => gateway.count.late?.(kind, late);
  const shared = { db, door, began, ended, ...(tick && { tick }) };
  const worker: Worker = createWorker({ ...shared, jobs: others, width, wake: (most) => wake(gateway, most) });
  // Endpoints have places of their own: receivers that hang hold up each other's last, and never a bank's.
  const lanes: Worker = createWorker({
    ...shared,
    jobs: { deliver, tell, letters },
    width: LANES,
    wake: async () => 0,
  });
  return {
    gateway,
    async drain() {
      while ((await worker.turn()) + (await lanes.turn()) > 0);
    },
    async begin() {
      // What an earlier process raised and did not come to tell, or had nowhere to tell.
      if (gateway.operator !== null) await makeTellingDue(db, door.now());
      await wakeOldPolicies(db, door.now(), POLICY_SPREAD);
      await keepSweeping(gateway);
      await keepCatalogues(gateway);
      for (const one of [worker, lanes]) one.start();
    },
    async stop() {
      await Promise.all([worker.stop(), lanes.stop()]);
    },
  };
}
