// The benchmarks work, at sizes that say nothing of how fast anything is.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/imports.ts";
import { linuxOnly } from "./process.ts";

const run = promisify(execFile);
const bench = (...args: string[]) => run(process.execPath, ["scripts/bench.ts", ...args], { cwd: ROOT });
/** All but `install`, which is the network's as much as ours. */
const NAMES = "bytes claim dashboard deliveries ingest lanes latency memory read search sessions start".split(" ");
const FIGURE = String.raw`[\d.,]+ \S+( \([\d.,]+ to [\d.,]+\))?`;
const limit = { timeout: 300_000, ...linuxOnly };

test("npm run bench prints each figure beside its peer, as a ratio", limit, async () => {
  const { stdout } = await bench("--small", ...NAMES);
  const lines = stdout.trim().split("\n").slice(2);
  assert.deepEqual(new Set(lines.map((line) => line.split(" ")[0])), new Set(NAMES));
  for (const line of lines) {
    const [, , ours = "", beside = "", ratio = ""] = line.split(/ {2,}/);
    assert.match(ours, RegExp(`^${FIGURE}$`));
    if (/written by unchanged|one new page/.test(line)) continue;
    assert.match(beside, RegExp(`: ${FIGURE}$`));
    assert.ok(Number(ratio) > 0, line);
  }
});

test("A benchmark that there is not is refused with those that there are", limit, async () => {
  const said = await bench("speed").catch((error: { code: number; stderr: string }) => error);
  assert.equal("code" in said && said.code, 2);
  assert.match(said.stderr, /^There is no benchmark speed; there are bytes, claim, dashboard, deliveries/);
});
