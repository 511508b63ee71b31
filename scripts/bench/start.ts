// How soon a gateway that was started once before is up again: from the command to the line that says so.

import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../imports.ts";
import { nearest } from "./parts/peer.ts";
import type { Report } from "./parts/report.ts";

export const name = "start";

const LIMIT = { name: "limit", value: 2000 };

export async function run(report: Report, small: boolean): Promise<void> {
  const rounds = small ? 1 : 5;
  const folder = mkdtempSync(join(tmpdir(), "bowline-bench-"));
  // As root, the database runs as a user of its own, who has to pass.
  chmodSync(folder, 0o711);
  try {
    report.progress("the first start, which makes the database");
    await timed(["scripts/run.mjs", "src/main.ts"], join(folder, "data"), /is up/);
    const [ours, bare]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      bare.push(await timed(["-e", "console.log('is up')"], join(folder, "data"), /is up/));
      ours.push(await timed(["scripts/run.mjs", "src/main.ts"], join(folder, "data"), /is up/));
      report.progress(`round ${round + 1} of ${rounds}: ${Math.round(ours.at(-1) ?? 0)} ms`);
    }
    report.ratio("a later start", ours, "ms", LIMIT, { atMost: 1 });
    report.ratio("a later start", ours, "ms", { name: "Node alone", value: bare });
    report.ratio("a later start", ours, "ms", nearest("startMilliseconds"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds until it says so; then it is told to end, and awaited. */
async function timed(args: readonly string[], data: string, says: RegExp): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, BOWLINE_PORT: "0", BOWLINE_DATA: data },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let said = "";
  const isUp = new Promise<number>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (says.test(said)) resolve(performance.now() - began);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    void ended.then((status) => reject(new Error(`It ended with status ${status} before it was up:\n${said}`)));
  });
  try {
    return await isUp;
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}
