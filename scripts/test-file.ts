// Runs one test file in a process of its own and says what came of it. A file that fails to load, holds no test, fails
// outside its tests or does not end counts as one failure: nothing that went wrong may look like nothing.

import { join } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";
import { ROOT } from "./imports.ts";

/** A file that takes longer hangs: it waits for what does not come, or left a pool, server or timer open. */
const LIMIT_SECONDS = 1_200;

export interface FileResult {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  milliseconds: number;
  /** What to print: each failure in full, each skipped test with its reason. */
  failures: string[];
  skips: string[];
  /** What its tests say of themselves: how much was tried, and the seed that replays it. */
  notes: string[];
}

interface Ended {
  name: string;
  nesting: number;
  line?: number | undefined;
  skip?: string | boolean | undefined;
  todo?: string | boolean | undefined;
  details: { type?: string | undefined; error?: unknown };
}

/** `printed` is told what the file's process says on both outputs, gateways that run in it included. */
export async function runTestFile(
  file: string,
  stop: AbortSignal,
  printed: (text: string) => void = () => undefined,
): Promise<FileResult> {
  const path = join(ROOT, file);
  const limit = AbortSignal.timeout(LIMIT_SECONDS * 1000);
  const events = run({ files: [path], cwd: ROOT, signal: AbortSignal.any([limit, stop]) });
  const counts = { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
  const result: FileResult = { file, ...counts, failures: [], skips: [], notes: [] };
  const titles: string[] = [];
  let output = "";
  let fileError: unknown;

  const fail = (title: string, line: number | undefined, why: string): void => {
    result.failed++;
    result.failures.push(`FAILED ${file}${line === undefined ? "" : `:${line}`}\n  ${title}\n${indent(why, 4)}`);
  };

  const ended = (data: Ended): void => {
    if (data.name === path) {
      fileError ??= data.details.error;
      return;
    }
    const title = [...titles.slice(0, data.nesting), data.name].join(" › ");
    const left = data.skip ?? data.todo;
    const { type, error } = data.details;
    if (left !== undefined && left !== false) {
      result.skipped++;
      result.skips.push(`skipped ${file}: ${title}: ${typeof left === "string" ? left : "no reason given"}`);
    } else if (error === undefined) {
      if (type !== "suite") result.passed++;
    } else if (!onlyBelow(error)) {
      // A group fails with its tests; it is a failure of its own only where it fails by itself, as in a hook.
      fail(title, data.line, explain(error));
    }
  };

  for await (const { type, data } of events) {
    if (type === "test:start") titles.splice(data.nesting, Infinity, data.name);
    else if (type === "test:stdout" || type === "test:stderr") {
      printed(data.message);
      if (!data.message.startsWith('{"level":"info"')) output += data.message;
    } else if (type === "test:diagnostic" && data.file !== undefined) result.notes.push(data.message);
    else if (type === "test:pass" || type === "test:fail") ended(data);
    else if (type === "test:complete" && data.name === path) result.milliseconds = data.details.duration_ms;
  }

  const tests = result.passed + result.failed + result.skipped;
  if (limit.aborted) {
    const why = "something it opened or awaits keeps it alive";
    fail("the whole file", undefined, `It did not end in ${LIMIT_SECONDS} s: ${why}.`);
  } else if (stop.aborted) {
    fail("the whole file", undefined, "It was interrupted.");
  } else if (fileError !== undefined && !onlyBelow(fileError) && result.failed === 0) {
    fail("the whole file", undefined, `${output}${exitOf(fileError) ?? explain(fileError)}`);
  } else if (tests === 0) {
    fail("the whole file", undefined, "It holds no test: write one, or remove the file.");
  } else if (result.failed > 0 && output.trim()) {
    result.failures.push(`PRINTED by ${file}\n${indent(output.trimEnd(), 4)}`);
  }
  return result;
}

/** True where the runner's error says no more than that a test further in has failed. */
function onlyBelow(error: unknown): boolean {
  return (error as { failureType?: string }).failureType === "subtestsFailed";
}

/** How the process ended, where that is all there is to know. */
function exitOf(error: unknown): string | null {
  const { exitCode, signal } = error as { exitCode?: number | null; signal?: string | null };
  if (exitCode === undefined && signal === undefined) return null;
  return `The process ended by ${signal ?? `exit code ${exitCode}`}, outside of any test.`;
}

/** The thrown error rather than the runner's wrapping of it; an assertion's message already carries the diff. */
function explain(error: unknown): string {
  const thrown = error instanceof Error ? (error.cause ?? error) : error;
  if (!(thrown instanceof Error)) return typeof thrown === "string" ? thrown : inspect(thrown);
  const frames = (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line) && !line.includes("node:"));
  const cause = thrown.cause === undefined ? [] : [`caused by ${explain(thrown.cause)}`];
  return [`${thrown.name}: ${thrown.message}`, ...frames.slice(0, 6).map((frame) => frame.trim()), ...cause].join("\n");
}

function indent(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}
