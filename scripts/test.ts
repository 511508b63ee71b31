// Runs test/**/*.test.ts: `npm test`, `npm test -- WORD…` for the files with one of the words in their path,
// `npm test -- --database` for those that use the database. One throwaway server a run, one database a test file.
// A run of everything ends with a look for secrets in all that was said and sent meanwhile, which counts as one test
// more; `--canaries` has it for a part, too.
// The last line says how it went, and so does the exit status.

import { appendFileSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scan, verdict } from "./canary.ts";
import { ROOT, reach } from "./imports.ts";
import { type FileResult, runTestFile } from "./test-file.ts";
import { openTestServer, type TestServer } from "./test-server.ts";

const AT_ONCE = 2;
/** What takes all cores for itself, and would make the others late: one by one, when they are done. */
const ALONE = "test/simulation/";

const args = process.argv.slice(2);
const words = args.filter((arg) => !arg.startsWith("--"));
const usesDatabase = (file: string): boolean => reach(file).has("test/database.ts");

const files = globSync("test/**/*.test.ts", { cwd: ROOT })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .filter((file) => !args.includes("--database") || usesDatabase(file))
  .sort();

if (files.length === 0) {
  console.error(`No test file matches: ${args.join(" ") || "test/**/*.test.ts"}.`);
  process.exit(1);
}

/** What all gateways said and sent is kept here, until it was searched. */
const isWhole = words.length === 0 && args.length === 0;
const folder = isWhole || args.includes("--canaries") ? mkdtempSync(join(tmpdir(), "bowline-kept-")) : null;
if (folder !== null) Object.assign(process.env, { BOWLINE_TEST_KEPT: folder, BOWLINE_TEST_LOG: "info" });

function printed(file: string, text: string): void {
  if (folder === null) return;
  const lines = text.split("\n").filter((line) => line !== "");
  appendFileSync(join(folder, "printed.kept"), lines.map((line) => `log\t${file}\t${line}\n`).join(""));
}

// An interrupted run still stops its server and removes its folder: the signal ends the tests, and then all goes on.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

const results: FileResult[] = [];

async function work(queue: string[]): Promise<void> {
  for (let file = queue.shift(); file !== undefined && !stop.signal.aborted; file = queue.shift()) {
    const result = await runTestFile(file, stop.signal, (text) => printed(file, text));
    results.push(result);
    const mark = result.failed > 0 ? "✗" : "✓";
    console.log(`${mark} ${file}: ${counted(result)} (${Math.round(result.milliseconds)} ms)`);
    for (const note of result.notes) console.log(`  ${note}`);
  }
}

function counted({ passed, failed, skipped }: Pick<FileResult, "passed" | "failed" | "skipped">): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const sum = (key: "passed" | "failed" | "skipped"): number => results.reduce((total, result) => total + result[key], 0);

let server: TestServer | null = null;
let trouble = 0;
try {
  if (files.some(usesDatabase)) {
    server = await openTestServer();
    Object.assign(process.env, server.environment);
  }
  const queue = files.filter((file) => !file.startsWith(ALONE));
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue)));
  await work(files.filter((file) => file.startsWith(ALONE)));
} catch (error) {
  trouble = 1;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await server?.close();
}

for (const { skips } of results) for (const skip of skips) console.log(skip);
for (const { failures } of results) for (const failure of failures) console.log(`\n${failure}`);
const canaries = { passed: 0, failed: 0 };
if (folder !== null) {
  if (!stop.signal.aborted) {
    const { well, text } = verdict(scan(folder), isWhole);
    canaries[well ? "passed" : "failed"] = 1;
    console.log(`\n${text}`);
  }
  rmSync(folder, { recursive: true, force: true });
}
if (stop.signal.aborted) console.log("\nInterrupted: what is not named above was not run.");
const total = {
  passed: sum("passed") + canaries.passed,
  failed: sum("failed") + trouble + canaries.failed,
  skipped: sum("skipped"),
};
console.log(`\n${counted(total)}`);
process.exit(stop.signal.aborted ? 130 : total.failed > 0 ? 1 : 0);
