// A start and a stop, as the person at the keyboard and the machine see them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { alive } from "../../src/postgres/liveness.ts";
import {
  ask,
  gateway,
  isRoot,
  KEY,
  link,
  linuxOnly,
  npmStart,
  ORDINARY,
  scratch,
  startedBy,
  statusOf,
  stop,
  until,
  up,
  workingIn,
} from "./process.ts";

const limit = { timeout: 60_000 };
const linux = { ...limit, ...linuxOnly };
const run = promisify(execFile);

/** What stays of a data folder whose gateway has stopped. */
const LEFT = ["postgres", "postgres.log", "run", "secret-keys"];

/** A process closes its outputs a moment before it ends: that nothing more is said is not yet that it is gone. */
const untilEnded = (tree: readonly number[]): Promise<void> =>
  until(() => !tree.some(alive), "the end of all that npm had started");

function assertAllGone(folder: string): void {
  assert.deepEqual(workingIn(folder), []);
  assert.deepEqual(readdirSync(folder).sort(), LEFT);
  assert.deepEqual(readdirSync(join(folder, "run")), [], "the socket and its lock are removed");
}

test("The first start tells all that is needed, and the call that it prints links a bank", linux, async (t) => {
  const folder = scratch();
  const first = await up({ BOWLINE_DATA: folder });
  const said = first.said();
  const { at } = first;
  for (const path of ["/openapi.json", "/health", "/ready", "/metrics"]) {
    assert.ok(said.includes(`${at}${path}`), `${path} is not printed:\n${said}`);
    assert.equal(await statusOf(`${at}${path}`), 200, path);
  }
  assert.match(said, /BOWLINE_PUBLIC_URL is not set: providers are polled/);
  assert.ok(said.includes(folder));

  const key = said.match(/^ +API key +(\S+)$/m)?.[1];
  assert.ok(key);
  const call = said.match(/^ +curl (?:.*\\\n)*.*$/m)?.[0];
  assert.ok(call, `no call to paste:\n${said}`);
  const { stdout } = await run("bash", ["-c", call], { env: { PATH: process.env["PATH"] ?? "" } });
  const linked = JSON.parse(stdout) as Record<string, unknown>;
  assert.match(String(linked["id"]), /^con_/);
  assert.equal(linked["status"], "ACTIVE");
  const ids = [String(linked["id"]), await link(at, "another", key), await link(at, "a third", key)];
  await stop(first);
  assertAllGone(folder);

  const second = await up({ BOWLINE_DATA: folder });
  assert.equal(await statusOf(`${second.at}/ready`), 200);
  t.diagnostic(`first start ${Math.round(first.took)} ms, second ${Math.round(second.took)} ms`);
  assert.ok(second.took < 10_000, `the second start took ${second.took} ms`);
  assert.doesNotMatch(second.said(), /API key {3}|bow_/);
  for (const id of ids) {
    const { status, body } = await ask("GET", `${second.at}/bank-linking/connections/${id}`, undefined, key);
    assert.equal(status, 200);
    assert.equal(body["id"], id);
  }
  // The same call, with the key where the second start says that it is looked for.
  const again = second.said().match(/^ +curl (?:.*\\\n)*.*$/m)?.[0];
  const env = { PATH: process.env["PATH"] ?? "", BOWLINE_API_KEY: key };
  const answer = await run("bash", ["-c", again ?? ""], { env });
  assert.match(answer.stdout, /"id":"con_/);
  await stop(second);
});

test("Asked twice to stop, it stops once and cleanly", linux, async () => {
  const folder = scratch();
  // What the shell says of other databases does not reach the built-in one.
  const shell = { PGSSLMODE: "require", PGHOST: "elsewhere", PGUSER: "else", PGPASSWORD: "none", PGDATABASE: "other" };
  const running = await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY, ...shell });
  await link(running.at, "somebody");
  running.kill("SIGINT");
  running.kill("SIGINT");
  assert.deepEqual(await running.ended, { status: 0, signal: null });
  assert.match(running.said(), /\nStopped\.\n$/);
  assert.doesNotMatch(running.said(), /"level"/, "an undisturbed life logs nothing");
  assert.equal(await statusOf(`${running.at}/health`), null);
  assertAllGone(folder);
});

test("A stop is heard from the first moment of a start on, and leaves nothing running", linux, async () => {
  const folder = scratch();
  const running = gateway({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  // The first sign of life: by then it makes the database, and has begun nothing that it would have to undo.
  await until(() => workingIn(folder).length > 0, "the database's first process");
  running.kill("SIGINT");
  assert.deepEqual(await running.ended, { status: 0, signal: null }, running.said());
  assert.doesNotMatch(running.said(), /can't be reached|\n\s+at /);
  assert.deepEqual(workingIn(folder), []);
  await stop(await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY }));
});

test("A request that takes long does not keep the database from being stopped", linux, async () => {
  const folder = scratch();
  const running = await up({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  for (let n = 0; n < 3; n++) await link(running.at, `customer ${n}`);
  const stepping = ask("POST", `${running.at}/sandbox/clock`, { advance: "P300D" }).catch(() => null);
  const moved = async () => {
    const { body } = await ask("GET", `${running.at}/nowhere`);
    return Date.parse(String(body["timestamp"])) > Date.now() + 86_400_000;
  };
  await until(moved, "the clock's first steps");
  running.kill("SIGINT");
  assert.deepEqual(await running.ended, { status: 0, signal: null }, running.said());
  const answer = await stepping;
  assert.equal(answer?.status, 503, "what cannot be finished is told to come again, not cut off");
  assert.ok(Number(answer.retryAfter) > 0);
  assertAllGone(folder);
});

test("Ctrl-C to npm start stops gateway and database; the process tree is gone", linux, async (t) => {
  const folder = scratch();
  const npm = npmStart({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  const at = await npm.url();
  await until(async () => (await statusOf(`${at}/ready`)) === 200, "readiness");
  const tree = startedBy(npm.pid);
  assert.ok(tree.length >= 1);
  const since = performance.now();
  npm.kill("SIGINT");
  const end = await npm.ended;
  t.diagnostic(`npm ended ${JSON.stringify(end)} after ${Math.round(performance.now() - since)} ms`);
  assert.match(npm.said(), /Stopped\./);
  assert.doesNotMatch(npm.said(), /npm error/i);
  await untilEnded(tree);
  assertAllGone(folder);
});

test("SIGTERM to npm alone stops everything", linux, async () => {
  const folder = scratch();
  const npm = npmStart({ BOWLINE_DATA: folder, BOWLINE_API_KEY: KEY });
  await npm.says(/^Bowline is up/m);
  const tree = startedBy(npm.pid);
  process.kill(npm.pid, "SIGTERM");
  await npm.ended;
  assert.match(npm.said(), /Stopped\./);
  await untilEnded(tree);
  assertAllGone(folder);
});

test("An ordinary user starts it in a folder of their own, and nobody else can read it", {
  ...linux,
  ...(!isRoot && { skip: "the tests are an ordinary user's already: every other one of this file shows it" }),
}, async () => {
  const folder = scratch(ORDINARY);
  const theirs = gateway({ BOWLINE_DATA: folder, HOME: dirname(folder), BOWLINE_API_KEY: KEY }, [], ORDINARY);
  const at = await theirs.url();
  await until(async () => (await statusOf(`${at}/ready`)) === 200, "readiness");
  await link(at, "somebody");
  for (const file of ["postgres", "run", "secret-keys", "postgres.log"]) {
    const { uid, mode } = statSync(join(folder, file));
    assert.equal(uid, ORDINARY, file);
    assert.equal(mode & 0o077, 0, `${file} is open to others`);
  }
  assert.match(
    readFileSync(`/proc/${workingIn(folder)[0]}/status`, "utf8"),
    new RegExp(`^Uid:\\s+${ORDINARY}\\s`, "m"),
  );
  theirs.kill("SIGINT");
  assert.deepEqual(await theirs.ended, { status: 0, signal: null });
  assertAllGone(folder);
});
