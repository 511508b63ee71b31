// What a newcomer waits for and what then lies on the disk: an install of what the gateway alone needs, in an empty
// folder. The time is the network's as much as ours.

import { execFile } from "node:child_process";
import { cpSync, globSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../imports.ts";
import { nearest } from "./parts/peer.ts";
import type { Report } from "./parts/report.ts";

export const name = "install";

export async function run(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bowline-bench-"));
  try {
    for (const file of ["package.json", "package-lock.json", ".npmrc"])
      if (globSync(file, { cwd: ROOT }).length > 0) cpSync(join(ROOT, file), join(folder, file));
    report.progress("npm ci --omit=dev");
    const began = performance.now();
    await promisify(execFile)("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund"], { cwd: folder });
    const seconds = (performance.now() - began) / 1000;
    const installed = join(folder, "node_modules");
    const packages = globSync(["*/package.json", "@*/*/package.json"], { cwd: installed }).length;
    const bytes = globSync("**/*", { cwd: installed }).reduce((sum, path) => {
      const entry = lstatSync(join(installed, path));
      return entry.isFile() ? sum + entry.size : sum;
    }, 0);
    report.ratio("packages installed", packages, "packages", nearest("packages"), { atMost: 1 });
    report.ratio("installed, on the disk", bytes / 1e6, "MB", nearest("installedMegabytes"), { atMost: 1 });
    report.figure("time of the install", seconds, "s");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
