// `bowline COMMAND` as a process of its own: what it says on each output, and how it ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../../scripts/imports.ts";

export interface Said {
  status: number;
  out: string;
  err: string;
}

/** A command under way: it can be killed in the middle. */
export interface Started {
  said: Promise<Said>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves at the first piece of standard error, or of standard output, that matches. */
  saying(pattern: RegExp): Promise<void>;
}

export function start(args: readonly string[], env: Record<string, string> = {}): Started {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "src", "main.ts"), ...args], {
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Said = { status: -1, out: "", err: "" };
  const looks = new Set<() => void>();
  const take = (name: "out" | "err") => (chunk: string) => {
    said[name] += chunk;
    for (const look of looks) look();
  };
  child.stdout.setEncoding("utf8").on("data", take("out"));
  child.stderr.setEncoding("utf8").on("data", take("err"));
  const ended = once(child, "close").then(([status]) => ({ ...said, status: (status as number | null) ?? -1 }));
  return {
    said: ended,
    kill: (signal) => void child.kill(signal),
    saying: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(said.out) && !pattern.test(said.err)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended without saying ${pattern}: ${said.out}${said.err}`)));
      }),
  };
}

export const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Said> => start(args, env).said;
