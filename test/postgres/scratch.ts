// A folder for one test's database, and the means to look at the database from outside.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { closedTo } from "../../src/postgres/folder.ts";
import { runningPid } from "../../src/postgres/liveness.ts";
import { startEmbedded } from "../../src/postgres/supervisor.ts";
import { setTimeout as wait } from "node:timers/promises";

export const door = { wait: (ms: number): Promise<void> => wait(ms) };
export const isRoot = process.getuid?.() === 0;

/** Why a test for root cannot run here, or false. */
export const notAsRoot = isRoot ? false : "only root can start processes as other users";

/** `nobody`, as whom a root's test can be an ordinary user. */
export const STRANGER = 65534;
/** A user without a name, as some containers have. */
export const NAMELESS = 54433;

const shut = closedTo({ uid: STRANGER, gid: STRANGER }, dirname(process.execPath));
/** Why a test that plays another user cannot run here, or false. */
export const noStranger = shut === null ? notAsRoot : `another user cannot enter ${shut}, where our Node is`;

const folders: string[] = [];
const owners: Owner[] = [];

after(async () => {
  for (const owner of owners) owner.process.kill("SIGKILL");
  await Promise.all(owners.map((owner) => owner.ended));
  for (const folder of folders) {
    const pid = runningPid(join(folder, "data", "postgres"));
    if (pid !== null) process.kill(pid, "SIGQUIT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  }
});

/** The path of a data folder that is not there yet, in a folder that everybody may pass. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "bowline-supervisor-"));
  chmodSync(folder, 0o711);
  folders.push(folder);
  return join(folder, "data");
}

/** The server's number as its own lock file has it, or null where it is stopped. */
export function postmaster(folder: string): number | null {
  try {
    return Number.parseInt(readFileSync(join(folder, "postgres", "postmaster.pid"), "utf8"), 10);
  } catch {
    return null;
  }
}

export async function start(folder: string, durable = false): Promise<Awaited<ReturnType<typeof startEmbedded>>> {
  return startEmbedded({ folder, durable, door, log: () => {} });
}

export async function query(connection: pg.PoolConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

type Line = { ready?: pg.PoolConfig; log?: string; lost?: string; stopped?: true; refused?: string; name?: string };

export interface Owner {
  process: ChildProcessByStdio<Writable, Readable, null>;
  /** The next line that has this key; fails when the process ends without it. */
  next<K extends keyof Line>(key: K): Promise<NonNullable<Line[K]>>;
  ended: Promise<void>;
}

/** Starts owner.ts on the folder, as another user where one is given. */
export function owner(folder: string, { uid, durable = false }: { uid?: number; durable?: boolean } = {}): Owner {
  const program = fileURLToPath(new URL("./owner.ts", import.meta.url));
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, [program, folder, durable ? "durable" : "fast"], {
    stdio: ["pipe", "pipe", "inherit"],
    ...user,
  });
  const lines: Line[] = [];
  let wake = Promise.withResolvers<void>();
  let over = false;
  const turn = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as Line);
    turn();
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => {
      over = true;
      turn();
      resolve();
    });
  });
  const made: Owner = {
    process: child,
    ended,
    async next(key) {
      for (;;) {
        const found = lines.findIndex((line) => line[key] !== undefined);
        const value = lines[found]?.[key];
        if (value !== undefined) {
          lines.splice(found, 1);
          return value;
        }
        if (over) throw new Error(`The owner ended without "${key}"; it said: ${JSON.stringify(lines)}`);
        await wake.promise;
      }
    },
  };
  owners.push(made);
  return made;
}

/** What a start on the folder says instead of starting. */
export async function refusalOf(folder: string): Promise<string> {
  try {
    const database = await start(folder);
    await database.stop();
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "StartRefusal") return message;
    throw error;
  }
  throw new Error(`${folder} was accepted`);
}
