/** Runs seeds in several processes at once: most of a seed is waiting for the database. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Told } from "./life.ts";

export interface CrewParts {
  /** The next seed; null: there are no more. */
  next(): number | null;
  told(told: Told): void;
  keepLog?: boolean;
  /** Given to the processes before anything of the gateway is loaded. */
  imports?: readonly string[];
  /** The bug that they plant. */
  mutant?: string;
  /** A folder where the processes leave what was run of them. */
  coverage?: string;
  width?: number;
  signal?: AbortSignal;
}

const WORKER = join(import.meta.dirname, "worker.ts");

/** One and its database keep a core busy; more than four have more sessions between them than a database gives. */
export const WIDTH = Math.min(4, availableParallelism());

export async function runSeeds({
  next,
  told,
  keepLog = false,
  imports = [],
  mutant,
  coverage,
  width = WIDTH,
  signal,
}: CrewParts): Promise<void> {
  await Promise.all(Array.from({ length: width }, () => work()));

  function work(): Promise<void> {
    const execArgv = imports.flatMap((one) => ["--import", one]);
    const env = {
      ...process.env,
      ...(mutant !== undefined && { BOWLINE_MUTANT: mutant }),
      ...(coverage !== undefined && { NODE_V8_COVERAGE: coverage }),
    };
    const child = fork(WORKER, [], { execArgv, env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const done = Promise.withResolvers<void>();
    let isOver = false;
    let inHand: number | null = null;
    const go = (): void => {
      inHand = signal?.aborted ? null : next();
      if (inHand !== null) child.send({ seed: inHand, keepLog });
      else {
        isOver = true;
        child.disconnect();
      }
    };
    child.on("message", (message: "ready" | Told) => {
      if (message !== "ready") told(message);
      go();
    });
    child.on("exit", (code) => {
      if (isOver) done.resolve();
      else done.reject(new Error(`a process of the simulation ended with ${code} at seed ${inHand}`));
    });
    return done.promise;
  }
}
