/** One of a gateway's processes: started, told where to die, killed, started again. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../scripts/imports.ts";
import type { Role } from "../../src/serve.ts";
import type { Order } from "./mortal.ts";

export interface Mortal {
  name: string;
  role: Role;
  /** Null between a death and the next start. */
  pid(): number | null;
  /** Resolves when it is up. A start that dies is made again: its database may just have been killed. */
  start(): Promise<void>;
  dieAt(order: Order): void;
  kill(): void;
  /** Resolves at the end of the life that it has now. */
  ended(): Promise<void>;
}

const CACHE = join(ROOT, "node_modules", ".cache", "compile");
/** What its lives have said, kept short. */
const KEPT = 4_000;

export function mortal(name: string, role: Role, env: Record<string, string>, said: (text: string) => void): Mortal {
  let child: ChildProcess | null = null;
  let over: Promise<void> = Promise.resolve();

  async function life(): Promise<boolean> {
    const { PATH = "", HOME = "" } = process.env;
    const born = fork(join(import.meta.dirname, "mortal.ts"), [role], {
      // As `scripts/run.mjs` starts it: compiled once, and not at every start.
      env: { PATH, HOME, NODE_COMPILE_CACHE: CACHE, ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child = born;
    for (const output of [born.stdout, born.stderr])
      output?.setEncoding("utf8").on("data", (text: string) => said(`${name}: ${text.slice(0, KEPT)}`));
    over = new Promise((resolve) =>
      born.once("exit", () => {
        if (child === born) child = null;
        resolve();
      }),
    );
    const up = new Promise<boolean>((resolve) => born.once("message", () => resolve(true)));
    return Promise.race([up, over.then(() => false)]);
  }

  return {
    name,
    role,
    pid: () => child?.pid ?? null,
    async start() {
      while (!(await life()));
    },
    dieAt(order) {
      if (child?.connected) child.send(order, () => undefined);
    },
    kill() {
      child?.kill("SIGKILL");
    },
    ended: () => over,
  };
}
