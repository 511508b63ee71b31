// Which processes live, and which of them is the database of a folder. A number alone proves nothing: numbers are used
// again, and a process that died uncollected still answers signals.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./refusal.ts";

const hasProc = process.platform === "linux";

/** True for a process that runs. One that ended and waits to be collected, as under a lazy pid 1, does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (codeOf(error) !== "EPERM") return false;
  }
  return !ended(pid);
}

function ended(pid: number): boolean {
  if (!hasProc) return spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.startsWith("Z");
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

/** The number in the server's own lock file, or null without a file. */
export function recordedPid(database: string): number | null {
  try {
    const pid = Number(readFileSync(join(database, "postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** The number of the server that runs in this folder, or null. Every server process works in its database's folder. */
export function runningPid(database: string): number | null {
  const pid = recordedPid(database);
  return pid !== null && alive(pid) && worksIn(pid, database) ? pid : null;
}

function worksIn(pid: number, database: string): boolean {
  if (!hasProc) {
    return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout.includes(database);
  }
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === database;
  } catch {
    return false;
  }
}

/** True where the server's program was replaced on disk while it runs: what it loads late would no longer fit it. */
export function programReplaced(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith(" (deleted)");
  } catch {
    return false;
  }
}

/**
 * Removes a lock file that the server itself would respect for good although its writer is gone: the number was given
 * to another process, or belongs to one that nobody collects. The file also guards the old server's memory against a
 * second server, so it goes only when no process at all works in the folder; where that cannot be seen, it stays.
 */
export function removeStaleLock(database: string): void {
  const pid = recordedPid(database);
  if (pid === null || !hasProc || runningPid(database) !== null) return;
  const somebody = readdirSync("/proc").some((name) => /^\d+$/.test(name) && worksIn(Number(name), database));
  if (!somebody) rmSync(join(database, "postmaster.pid"), { force: true });
}
