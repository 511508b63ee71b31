// One PostgreSQL server: made once, started, stopped. What is here knows nothing of who owns the folder.

import { spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Door } from "../core/door.ts";
import { type Binaries, binariesFor } from "./binaries.ts";
import { type DataFolder, handOver, type Identity, removeAbandoned, SOCKET_PORT } from "./folder.ts";
import { alive, runningPid } from "./liveness.ts";
import { codeOf, refusal } from "./refusal.ts";

/** The release whose files the installed programs can read. */
const MAJOR = "18";
const MAKING = "initdb-";

/** Only initdb looks its user's name up, and this one has a name everywhere. What it makes is then handed over. */
const NOBODY: Identity = { uid: 65534, gid: 65534 };

const INITDB = [
  "--username=postgres",
  // The socket's folder is the guard: who can enter it may do anything.
  "--auth=trust",
  "--encoding=UTF8",
  // Ordering that does not depend on the machine's C library, whose upgrades have corrupted indexes elsewhere.
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--locale=C",
  "--no-instructions",
];

const SETTINGS = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  cluster_name: "bowline",
  timezone: "UTC",
  log_timezone: "UTC",
  // The log is no place for customers' data: neither a failed statement nor the row that it names.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  // Compiling a query pays for itself only where queries run for seconds.
  jit: "off",
};

/** For databases that are thrown away: nothing is ever flushed to the disk, or looked after at times of its own. */
const UNSAFE = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" };

export const LOG_LIMIT = 8 * 1024 * 1024;

export interface Server {
  folder: DataFolder;
  binaries: Binaries;
  durable: boolean;
}

/** The programs' whole environment: settings of the user's shell (PGOPTIONS, LANG, …) must not reach the server. */
function environment(folder: DataFolder): Record<string, string> {
  return { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: folder.root, LC_ALL: "C", TZ: "UTC" };
}

/** Opens the folder and makes the database in it where there is none. */
export async function prepare(folder: DataFolder, durable: boolean): Promise<Server> {
  const server = { folder, binaries: binariesFor(folder), durable };
  removeAbandoned(folder.root, MAKING);
  const version = join(folder.database, "PG_VERSION");
  if (!existsSync(version)) await make(server);
  const found = readFileSync(version, "utf8").trim();
  if (found !== MAJOR) {
    throw refusal(
      `The database in ${folder.root} was made by PostgreSQL ${found}, and this release brings ${MAJOR}: ` +
        "dump it with the release that made it, and load it into a new data folder.",
    );
  }
  return server;
}

/** initdb works aside, and one rename puts the finished database in its place: there is never half a one. */
async function make(server: Server): Promise<void> {
  const { folder, binaries, durable } = server;
  if (existsSync(folder.database) && readdirSync(folder.database).length > 0) {
    throw refusal(
      `${folder.database} holds files but no database: move it away, or set BOWLINE_DATA to another folder.`,
    );
  }
  const aside = mkdtempSync(join(folder.root, `${MAKING}${process.pid}-`));
  try {
    const user = folder.identity && NOBODY;
    if (user) chownSync(aside, user.uid, user.gid);
    const args = [`--pgdata=${aside}`, ...INITDB, ...(durable ? [] : ["--no-sync"])];
    const said = await toItsEnd(binaries.initdb, args, folder, user);
    if (said?.includes("could not look up effective user ID")) {
      throw refusal(
        `The database needs a name for user ${process.getuid?.()}: add one to /etc/passwd, or set DATABASE_URL.`,
      );
    }
    if (said !== null) throw refusal(`The database cannot be made in ${folder.root}: ${said}`);
    handOver(aside, folder.identity);
    renameSync(aside, folder.database);
    if (durable) flush(folder.root);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Another start on the same folder was quicker; who of the two may go on is decided by the lock.
    if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) return;
    if (codeOf(error) === "EPERM") throw userRefused(error);
    throw error;
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function userRefused(error: unknown): Error {
  return refusal(
    "The database must not run as root, and this system lets root start nothing as another user (EPERM): " +
      "start the gateway as an ordinary user, or set DATABASE_URL to a server.",
    error,
  );
}

function cannotRun(program: string, error: unknown): Error {
  if (codeOf(error) === "EPERM") return userRefused(error);
  const name = basename(program);
  return refusal(`The built-in ${name} cannot run here (${codeOf(error)}): set DATABASE_URL to a server.`, error);
}

/** Null when the program ended well, else the last thing that it said. */
function toItsEnd(program: string, args: string[], folder: DataFolder, user: Identity): Promise<string | null> {
  return new Promise((done, fail) => {
    const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
    const child = spawn(program, args, { cwd: "/", env: environment(folder), stdio, ...user });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk));
    child.on("error", (error) => fail(cannotRun(program, error)));
    child.on("close", (code) => done(code === 0 ? null : (errorIn(said) ?? `initdb ended with ${code}.`)));
  });
}

/** The line of a server's output that says what went wrong. */
function errorIn(text: string): string | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const found = lines.find((line) => /\b(FATAL|PANIC|error):/.test(line)) ?? lines.at(-1);
  return found?.replace(/^.*?\b(?=FATAL:|PANIC:|error:)/, "").trim() ?? null;
}

function commandLine({ folder, durable }: Server): string[] {
  const settings = Object.entries({ ...SETTINGS, ...(durable ? {} : UNSAFE) });
  const place = ["-D", folder.database, "-k", folder.sockets, "-p", String(SOCKET_PORT)];
  return [...place, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** True where the running server was started with the very arguments that we would give it. */
export function startedAsOurs(server: Server): boolean {
  const ours = commandLine(server).map((arg) => ` "${arg}"`);
  try {
    const theirs = readFileSync(join(server.folder.database, "postmaster.opts"), "utf8").trimEnd();
    return theirs.endsWith(ours.join(""));
  } catch {
    return false;
  }
}

export interface Launched {
  /** Null while the process runs; afterwards what it said last. */
  ended(): string | null;
}

/** Starts the server's process, which outlives ours: it is in a group of its own, and writes to a file. */
export function launch(server: Server): Launched {
  const { folder, binaries } = server;
  const from = statSync(folder.logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (from > LOG_LIMIT) renameSync(folder.logFile, `${folder.logFile}.1`);
  const log = openSync(folder.logFile, "a", 0o600);
  let end: string | null = null;
  // Detached: Ctrl-C reaches a whole group, and the database must still be there while the gateway winds down.
  const child = spawn(binaries.postgres, commandLine(server), {
    cwd: "/",
    env: environment(folder),
    stdio: ["ignore", log, log],
    detached: true,
    ...folder.identity,
  });
  child.on("error", (error) => (end = cannotRun(binaries.postgres, error).message));
  child.on("exit", () => (end ??= errorIn(tail(folder.logFile, from)) ?? "it said nothing."));
  child.unref();
  closeSync(log);
  return { ended: () => end };
}

function tail(path: string, from: number): string {
  try {
    const bytes = readFileSync(path);
    return bytes.subarray(from > bytes.length ? 0 : from).toString();
  } catch {
    return "";
  }
}

/** What passes by itself: an old server's last processes still hold its files, or another start holds them. */
export function passes(said: string): boolean {
  return /lock file|shared memory|already in use|another (postmaster|server)/.test(said);
}

/** The patience of a stop: a fast shutdown of 10 s, then one without a last checkpoint, which the log makes good. */
const FAST = { signal: "SIGINT", turns: 500 } as const;
const IMMEDIATE = { signal: "SIGQUIT", turns: 250 } as const;
const TURN = 20;

/** Ends the server that runs in the folder, and comes back when it is gone. */
export async function end({ folder }: Server, door: Pick<Door, "wait">): Promise<void> {
  for (const { signal, turns } of [FAST, IMMEDIATE]) {
    const pid = runningPid(folder.database);
    if (pid === null) return;
    process.kill(pid, signal);
    for (let turn = 0; turn < turns; turn++) {
      // Its lock file goes last but one, the process last.
      if (!alive(pid)) return;
      await door.wait(TURN);
    }
  }
}
