// What an idle gateway with 100 connections holds in memory, its database apart: the share of each page that is its own
// (PSS), as Linux counts it. Beside it, Node with nothing to do.

import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../imports.ts";
import { each, KEY } from "./parts/gateway.ts";
import { nearest } from "./parts/peer.ts";
import type { Report } from "./parts/report.ts";

export const name = "memory";

/** V8 gives back what the links left behind after some 20 s of rest; it is idle after that. */
const SETTLE = 60_000;

export async function run(report: Report, small: boolean): Promise<void> {
  if (process.platform !== "linux") throw new Error("only Linux tells the share of a process");
  const folder = mkdtempSync(join(tmpdir(), "bowline-bench-"));
  // As root, the database runs as a user of its own, who has to pass.
  chmodSync(folder, 0o711);
  const gateway = up(["src/main.ts"], { BOWLINE_PORT: "0", BOWLINE_DATA: join(folder, "data"), BOWLINE_API_KEY: KEY });
  const bare = up(["-e", "console.log('http://bare is up'); setInterval(() => {}, 1000)"], {});
  try {
    const url = await gateway.says(/(http:\/\/[\d.]+:\d+)/);
    await bare.says(/is up/);
    await each(small ? 2 : 100, 4, async (n) => {
      const answer = await fetch(`${url}/sandbox/connections`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
        body: JSON.stringify({ externalCustomerId: `customer ${n}` }),
      });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    });
    report.progress("linked; it comes to rest");
    await new Promise((resolve) => setTimeout(resolve, small ? 0 : SETTLE));
    const held = pss(gateway.pid);
    report.ratio("idle with 100 connections, PSS", held, "MB", nearest("idleMegabytes"), { atMost: 1 });
    report.ratio("idle with 100 connections, PSS", held, "MB", { name: "Node alone", value: pss(bare.pid) });
  } finally {
    await Promise.all([gateway.end(), bare.end()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function pss(pid: number): number {
  const [, kilobytes] = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

function up(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => void (said += chunk.toString()));
  return {
    pid: child.pid ?? 0,
    async says(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = pattern.exec(said);
        if (found) return found[1] ?? "";
        const isOver = await Promise.race([
          ended.then(() => true),
          new Promise<boolean>((resolve) => child.stdout.once("data", () => resolve(false))),
        ]);
        if (isOver) throw new Error(`It ended before it said ${String(pattern)}: ${said}`);
      }
    },
    async end() {
      child.kill("SIGINT");
      await ended;
    },
  };
}
