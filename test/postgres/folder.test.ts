import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { defaultFolder } from "../../src/postgres/folder.ts";
import { alive } from "../../src/postgres/liveness.ts";
import { isRoot, NAMELESS, noStranger, notAsRoot, owner, refusalOf, scratch, start, STRANGER } from "./scratch.ts";

const stranger = { skip: noStranger };
const linuxOnly = { skip: process.platform === "linux" ? false : "only /proc tells who works in a folder" };

test("A folder that cannot be made is refused with the setting that names another", async () => {
  const file = scratch();
  writeFileSync(file, "");
  assert.equal(
    await refusalOf(join(file, "data")),
    `The data folder ${join(file, "data")} cannot be used (ENOTDIR): make it writable, ` +
      "or set BOWLINE_DATA to another folder.",
  );
});

test("A folder that may not be written is refused", { skip: isRoot && noStranger }, async () => {
  const folder = scratch();
  mkdirSync(folder, { mode: 0o555 });
  chmodSync(folder, 0o555);
  const sentence = isRoot ? await owner(folder, { uid: STRANGER }).next("refused") : await refusalOf(folder);
  assert.match(sentence, /^The data folder .* may not be written: make it writable, or set BOWLINE_DATA/);
});

test("Another user's database is refused, naming whose it is", stranger, async () => {
  const folder = scratch();
  await (await start(folder)).stop();
  chmodSync(folder, 0o777);
  chmodSync(join(folder, "run"), 0o777);
  const sentence = await owner(folder, { uid: STRANGER }).next("refused");
  assert.match(
    sentence,
    /^The database in .* belongs to another user \(54432\): start the gateway as the user who made/,
  );
});

test("Root's folder that the server's user cannot reach is refused, naming it", { skip: notAsRoot }, async () => {
  const folder = scratch();
  const closed = dirname(folder);
  chmodSync(closed, 0o700);
  const sentence = await refusalOf(folder);
  assert.match(sentence, new RegExp(`^The database runs as user 54432, who cannot enter ${closed}: set BOWLINE_DATA`));
  assert.equal(defaultFolder(closed), "/var/lib/bowline");
  chmodSync(closed, 0o711);
  assert.equal(defaultFolder(closed), join(closed, "data"));
});

test("A user without a name is told to get one", stranger, async () => {
  const folder = scratch();
  chownSync(dirname(folder), NAMELESS, NAMELESS);
  const sentence = await owner(folder, { uid: NAMELESS }).next("refused");
  assert.equal(
    sentence,
    `The database needs a name for user ${NAMELESS}: add one to /etc/passwd, or set DATABASE_URL.`,
  );
});

test("Files that are no database are left alone", async () => {
  const folder = scratch();
  mkdirSync(join(folder, "postgres"), { recursive: true });
  writeFileSync(join(folder, "postgres", "letter.txt"), "dear");
  assert.match(await refusalOf(folder), /holds files but no database: move it away/);
  assert.equal(readFileSync(join(folder, "postgres", "letter.txt"), "utf8"), "dear");
});

test("A database of another major release is refused with both numbers", async () => {
  const folder = scratch();
  await (await start(folder)).stop();
  writeFileSync(join(folder, "postgres", "PG_VERSION"), "17\n");
  assert.match(await refusalOf(folder), /was made by PostgreSQL 17, and this release brings 18: dump it/);
});

test("What a killed first start left half made is removed, what another start makes now is not", async () => {
  const folder = scratch();
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  mkdirSync(join(folder, `initdb-${child.pid}-aaaaaa`, "base"), { recursive: true });
  mkdirSync(join(folder, `initdb-${process.ppid}-bbbbbb`));
  await (await start(folder)).stop();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("initdb-")),
    [`initdb-${process.ppid}-bbbbbb`],
  );
});

test(
  "A lock file whose number now is another process's does not keep the server from starting",
  linuxOnly,
  async () => {
    const folder = scratch();
    await (await start(folder)).stop();
    const lock = join(folder, "postgres", "postmaster.pid");
    // Owned by whoever runs the test: the server's own check would take our number for that of a living server.
    writeFileSync(lock, `${process.pid}\n${join(folder, "postgres")}\n`);
    await (await start(folder)).stop();
    assert.throws(() => readFileSync(lock), { code: "ENOENT" });
  },
);

test("A process that ended and was not collected is dead, and its lock file too", linuxOnly, async () => {
  // The shell's child ends when we say so, after the shell has become a program that never asks for it.
  const script = "cat <&3 & echo $!; exec sleep 600 3<&-";
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore", "pipe"] });
  const stat = (pid: number | undefined): string => readFileSync(`/proc/${pid}/stat`, "utf8");
  const until = async (pid: number | undefined, sign: RegExp): Promise<void> => {
    while (!sign.test(stat(pid))) await new Promise(setImmediate);
  };
  try {
    const [line] = (await once(createInterface({ input: parent.stdout as Readable }), "line")) as [string];
    const pid = Number(line);
    await until(parent.pid, /^\d+ \(sleep\)/);
    (parent.stdio[3] as Writable).end();
    await until(pid, /^\d+ \(.*\) Z/s);
    assert.doesNotThrow(() => process.kill(pid, 0));
    assert.equal(alive(pid), false);

    const folder = scratch();
    await (await start(folder)).stop();
    writeFileSync(join(folder, "postgres", "postmaster.pid"), `${pid}\n${join(folder, "postgres")}\n`);
    await (await start(folder)).stop();
  } finally {
    parent.kill("SIGKILL");
  }
});
