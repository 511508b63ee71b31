// Gateways as processes of their own, started as a person starts them, and looked at from outside alone. Whatever a
// test leaves behind is ended after it, by number.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { ROOT } from "../../scripts/imports.ts";
import { heard, kept, plantedIn } from "../canary.ts";
import { alive, runningPid } from "../../src/postgres/liveness.ts";

export const isRoot = process.getuid?.() === 0;
/** `nobody`: as whom root's test is an ordinary user, without adding one to the machine. */
export const ORDINARY = 65534;
export const linuxOnly = { skip: process.platform === "linux" ? false : "only /proc tells which processes are left" };

/** Longer than any step takes on a busy machine; what is not there by then does not come. */
const PATIENCE = 30_000;
const LOOK = 20;

export type Environment = Record<string, string>;

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
}

export interface Running {
  pid: number;
  /** Everything said so far, on both outputs. */
  said(): string;
  /** What both outputs say until it matches; fails when the process ends without it. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  /** The address that it prints once it is up. */
  url(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it and everybody who writes to its outputs is gone: where npm started it, the gateway too. */
  ended: Promise<Ended>;
  milliseconds(): number;
}

const folders: string[] = [];
const started: { child: ChildProcess; group: boolean }[] = [];

after(async () => {
  for (const { child, group } of started) {
    try {
      process.kill(group ? -child.pid! : child.pid!, "SIGKILL");
    } catch {
      // It ended as it should.
    }
  }
  for (const folder of folders) {
    const pid = runningPid(join(folder, "data", "postgres"));
    if (pid !== null) process.kill(pid, "SIGQUIT");
    await until(() => workingIn(join(folder, "data")).length === 0, `an end of the database in ${folder}`);
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The path of a data folder that is not there yet, in a folder of `uid`'s that everybody may pass. */
export function scratch(uid?: number): string {
  const folder = mkdtempSync(join(tmpdir(), "bowline-process-"));
  chmodSync(folder, 0o711);
  if (uid !== undefined) chownSync(folder, uid, uid);
  folders.push(folder);
  return join(folder, "data");
}

/** Nothing of the test's own settings reaches a gateway but what the machine needs. */
function clean(env: Environment): Environment {
  const { PATH = "", HOME = "" } = process.env;
  plantedIn(env);
  return { PATH, HOME, BOWLINE_PORT: "0", ...env };
}

/** `node scripts/run.mjs src/main.ts COMMAND`: the gateway's own process. */
export function gateway(env: Environment, command: string[] = [], uid?: number): Running {
  const args = [join(ROOT, "scripts", "run.mjs"), "src/main.ts", ...command];
  return watch(process.execPath, args, clean(env), uid === undefined ? {} : { uid, gid: uid });
}

/** `npm start` in a group of its own, as a terminal starts it. */
export const npmStart = (env: Environment): Running => watch("npm", ["start"], clean(env), { detached: true });

function watch(
  program: string,
  args: string[],
  env: Environment,
  more: { uid?: number; gid?: number; detached?: boolean },
): Running {
  const since = performance.now();
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], ...more });
  started.push({ child, group: more.detached === true });
  let text = "";
  let over = false;
  const listeners = new Set<() => void>();
  const turn = () => {
    for (const listener of listeners) listener();
  };
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      kept("log", "a process", chunk);
      turn();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => {
      over = true;
      turn();
      resolve({ status, signal });
    });
  });

  const says = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const found = text.match(pattern);
        if (!found && !over) return;
        end();
        if (found) resolve(found);
        else reject(new Error(`It ended without saying ${pattern}. It said:\n${text}`));
      };
      const late = setTimeout(() => {
        end();
        reject(new Error(`It does not say ${pattern}. It said:\n${text}`));
      }, PATIENCE);
      const end = () => {
        clearTimeout(late);
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });

  return {
    pid: child.pid!,
    said: () => text,
    says,
    url: async () => (await says(/^ +API +(http\S+)\n/m))[1] as string,
    kill: (signal) => process.kill(more.detached ? -child.pid! : child.pid!, signal),
    ended,
    milliseconds: () => performance.now() - since,
  };
}

/** Starts a gateway and awaits that it is up. */
export async function up(env: Environment, command: string[] = []): Promise<Running & { at: string; took: number }> {
  const running = gateway(env, command);
  await running.says(/^Bowline is up/m);
  const took = running.milliseconds();
  const at = command[0] === "worker" ? "" : await running.url();
  return { ...running, at, took };
}

export async function stop(running: Running): Promise<void> {
  running.kill("SIGINT");
  assert.deepEqual(await running.ended, { status: 0, signal: null }, running.said());
}

/** Asks again until it is so: for what no signal tells. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, patience = PATIENCE): Promise<void> {
  for (const end = performance.now() + patience; !(await holds()); await wait(LOOK)) {
    if (performance.now() > end) assert.fail(`Waited ${patience} ms in vain for ${what}.`);
  }
}

/** The server's number as its own lock file has it. */
export function postmaster(folder: string): number {
  const pid = runningPid(join(folder, "postgres"));
  assert.ok(pid !== null, `no database runs in ${folder}`);
  return pid;
}

const numbers = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Every process of the folder's database: each works in there. */
export function workingIn(folder: string): number[] {
  return numbers().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(join(folder, "postgres")) && alive(pid);
    } catch {
      return false;
    }
  });
}

/** The processes that `pid` started, and theirs. */
export function startedBy(pid: number): number[] {
  const children = numbers().filter((each) => {
    try {
      return Number(readFileSync(`/proc/${each}/stat`, "utf8").match(/^\d+ \(.*\) \S (\d+)/s)?.[1]) === pid;
    } catch {
      return false;
    }
  });
  return children.flatMap((child) => [child, ...startedBy(child)]);
}

export const KEY = "a-key-of-the-process-tests";

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  retryAfter: string | null;
  body: Json;
}

export async function ask(method: string, url: string, body?: Json, key = KEY): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  heard(new URL(url).pathname, response.status, text);
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, retryAfter, body: text === "" ? {} : (JSON.parse(text) as Json) };
}

/** The status alone; null where nobody listens. */
export const statusOf = (url: string): Promise<number | null> =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => null,
  );

/** Links a fake bank and answers the connection's id. */
export async function link(at: string, externalCustomerId: string, key = KEY): Promise<string> {
  const { status, body } = await ask("POST", `${at}/sandbox/connections`, { externalCustomerId }, key);
  assert.equal(status, 200, JSON.stringify(body));
  return body["id"] as string;
}
