// Runs test/**/*.test.ts: `npm test`, `npm test -- WORD…` for the files with one of the words in their path,
// `npm test -- --database` for those that use the database. One throwaway server a run, one database a test file.
// The last line says how it went, and so does the exit status.

import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { ROOT, reach } from "./imports.ts";
import { type FileResult, runTestFile } from "./test-file.ts";
import { openTestServer, type TestServer } from "./test-server.ts";

/** Half of what a test does is waiting for something: more at once than there are cores. */
const AT_ONCE = availableParallelism() + 1;
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

// An interrupted run still stops its server and removes its folder: the signal ends the tests, and then all goes on.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

const results: FileResult[] = [];

async function work(queue: string[]): Promise<void> {
  for (let file = queue.shift(); file !== undefined && !stop.signal.aborted; file = queue.shift()) {
    const result = await runTestFile(file, stop.signal);
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
if (stop.signal.aborted) console.log("\nInterrupted: what is not named above was not run.");
const total = { passed: sum("passed"), failed: sum("failed") + trouble, skipped: sum("skipped") };
console.log(`\n${counted(total)}`);
process.exit(stop.signal.aborted ? 130 : total.failed > 0 ? 1 : 0);
