// Which processes live, and which of them is the database of a folder. A number alone proves nothing: numbers are used
// again, and a process that died uncollected still answers signals.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "./refusal.ts";

const hasProc = process.platform === "linux";

/** True for a process that runs. One that ended and waits to be collected, as under a lazy pid 1, does not. */
export function alive(pid: number): boolean {
  return answers(pid) && !ended(pid);
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and belongs to somebody else.
    return codeOf(error) === "EPERM";
  }
}

function ended(pid: number): boolean {
  if (!hasProc) return spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.startsWith("Z");
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

/** The number in a lock file of the server's, or null without one. */
function pidIn(lock: string): number | null {
  try {
    const pid = Math.abs(Number(readFileSync(lock, "utf8").split("\n")[0]));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

const lockOf = (database: string): string => join(database, "postmaster.pid");

/** The number of the server that runs in this folder, or null. Every server process works in its database's folder. */
export function runningPid(database: string): number | null {
  const pid = pidIn(lockOf(database));
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
 * Removes the lock files that the server itself would respect for good although their writer is gone: the number was
 * given to another process, or belongs to one that nobody collects. They also guard the old server's memory against a
 * second server, so they go only when no process at all works in the folder; where that cannot be seen, they stay.
 */
export function removeStaleLocks(database: string, socket: string): void {
  if (!hasProc) return;
  const respected = [lockOf(database), `${socket}.lock`].filter((lock) => {
    const pid = pidIn(lock);
    return pid !== null && answers(pid);
  });
  if (respected.length === 0) return;
  const somebody = readdirSync("/proc").some((name) => /^\d+$/.test(name) && worksIn(Number(name), database));
  if (!somebody) for (const lock of respected) rmSync(lock, { force: true });
}
