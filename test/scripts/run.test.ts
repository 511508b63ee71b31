import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Checkout, checkout } from "./checkout.ts";

const lockOf = ({ folder }: Checkout): string => join(folder, ".install-lock");

test("The first run installs, quietly and with everything, the second does not", async () => {
  const here = checkout();
  const first = await here.start(["scripts/tool.ts", "a", "b c"]).end;
  assert.equal(first.status, 0);
  assert.deepEqual(JSON.parse(first.out), { args: ["a", "b c"], marked: null });
  assert.match(first.err, /^Installing 3 packages/);
  assert.deepEqual(here.npmCalls(), ["ci --include=dev --include=optional --loglevel=error --no-progress"]);

  const second = await here.start(["scripts/tool.ts"]).end;
  assert.deepEqual([second.status, second.err], [0, ""]);
  assert.equal(here.npmCalls().length, 1);
  assert.equal(existsSync(lockOf(here)), false);
});

test("Without a file it only installs", async () => {
  const here = checkout();
  const run = await here.start([]).end;
  assert.deepEqual([run.status, run.out, here.npmCalls().length], [0, "", 1]);
});

test("An install that ended half way is seen as none, and so is one of another version", async () => {
  const here = checkout();
  await here.start([]).end;
  rmSync(join(here.folder, "node_modules", ".package-lock.json"));
  await here.start([]).end;
  assert.equal(here.npmCalls().length, 2);
  const lock = join(here.folder, "package-lock.json");
  writeFileSync(lock, readFileSync(lock, "utf8").replaceAll("1.0.0", "1.0.1"));
  await here.start([]).end;
  assert.equal(here.npmCalls().length, 3);
});

test("The gateway runs without what only tools need", async () => {
  const here = checkout();
  await here.start([]).end;
  const record = join(here.folder, "node_modules", ".package-lock.json");
  const { packages } = JSON.parse(readFileSync(record, "utf8")) as { packages: Record<string, unknown> };
  delete packages["node_modules/tool"];
  writeFileSync(record, JSON.stringify({ packages }));
  await here.start(["src/main.ts"]).end;
  assert.equal(here.npmCalls().length, 1);
  await here.start(["scripts/tool.ts"]).end;
  assert.equal(here.npmCalls().length, 2);
});

test("Of two first runs at once one installs, and both go on", async () => {
  const here = checkout();
  const both = await Promise.all([here.start(["scripts/tool.ts", "1"]).end, here.start(["scripts/tool.ts", "2"]).end]);
  assert.deepEqual(
    both.map(({ status, out }) => [status, (JSON.parse(out) as { args: string[] }).args]),
    [
      [0, ["1"]],
      [0, ["2"]],
    ],
  );
  assert.equal(here.npmCalls().length, 1);
});

test("A lock whose holder was killed is taken over, a living holder's is waited for", async () => {
  const here = checkout();
  const holder = spawn("sleep", ["600"], { stdio: "ignore" });
  writeFileSync(lockOf(here), String(holder.pid));
  const run = here.start(["scripts/tool.ts"]);
  await run.prints(`Waiting for the install that process ${holder.pid} runs`);
  assert.deepEqual(here.npmCalls(), []);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  assert.equal((await run.end).status, 0);
  assert.equal(here.npmCalls().length, 1);
});

test("A failed install ends the run with its status, and leaves no lock", async () => {
  const here = checkout();
  const run = await here.start(["scripts/tool.ts"], { PLAY: "fails" }).end;
  assert.deepEqual([run.status, run.out], [7, ""]);
  assert.match(run.err, /The packages could not be installed: npm's lines above say why\./);
  assert.equal(existsSync(lockOf(here)), false);
});

test("An install that leaves something out is told, not repeated for ever", async () => {
  const here = checkout();
  const run = await here.start(["scripts/tool.ts"], { PLAY: "leaves out" }).end;
  assert.equal(run.status, 1);
  assert.match(run.err, /npm left out node_modules\/used/);
});

test("An install is stopped at once when asked, even if npm is not willing", async () => {
  const here = checkout();
  const run = here.start(["scripts/tool.ts"], { PLAY: "hangs" });
  await run.prints("hanging");
  run.process.kill("SIGTERM");
  assert.equal((await run.end).status, 143);
  assert.equal(existsSync(lockOf(here)), false);
});

test("Another Node hands over to the pinned one, with signals there and the status back", async () => {
  const here = checkout("99.0.0");
  const env = { PINNED: `#!/bin/sh\nMARK=pinned exec "${process.execPath}" "$@"\n` };
  const run = here.start(["scripts/tool.ts", "wait"], env);
  await run.prints("pinned");
  run.process.kill("SIGTERM");
  const { status, out } = await run.end;
  assert.equal(status, 3);
  assert.match(out, /"args":\["wait"\],"marked":"pinned"\}\nstopped\n$/);
});

test("npm that goes away alone takes the program along, whichever Node it runs in", async () => {
  for (const here of [checkout("99.0.0"), checkout()]) {
    const env = { PINNED: `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, npm_lifecycle_event: "start" };
    const run = here.start(["scripts/tool.ts", "wait"], env, "beneath a shell");
    await run.prints("wait");
    run.process.kill("SIGKILL");
    assert.match((await run.end).out, /stopped\n$/);
  }
});

test("A command that this version lacks is told in a sentence", async () => {
  const run = await checkout().start(["scripts/bench.ts"]).end;
  assert.deepEqual([run.status, run.err], [2, "There is no scripts/bench.ts in this version.\n"]);
});
