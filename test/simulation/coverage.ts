/** How much of the gateway's rooms the simulation runs: lines with code that were run, from V8's own counters. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../scripts/imports.ts";

interface Counted {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
}

export interface Covered {
  file: string;
  lines: number;
  run: number;
}

/** `folder`: where NODE_V8_COVERAGE let the processes write. Line by line, per file. */
export function coverageOf(folder: string, rooms: readonly string[]): Covered[] {
  const files = rooms.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: ROOT }).sort());
  const runs = runsOf(folder, new Set(files.map((file) => join(ROOT, file))));
  return files.map((file) => {
    const path = join(ROOT, file);
    const lines = linesOf(readFileSync(path, "utf8"));
    const run = runs.get(path);
    return {
      file,
      lines: lines.length,
      run: lines.filter(({ from, to }) => run?.subarray(from, to).some(Boolean)).length,
    };
  });
}

/** Of each file: which of its characters were run, by any of the processes. */
function runsOf(folder: string, files: ReadonlySet<string>): Map<string, Uint8Array> {
  const runs = new Map<string, Uint8Array>();
  for (const name of readdirSync(folder)) {
    const { result } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { result: Counted[] };
    for (const { url, functions } of result) {
      const file = url.startsWith("file:") ? fileURLToPath(url) : "";
      if (!files.has(file)) continue;
      const { length } = readFileSync(file, "utf8");
      const run = runs.get(file) ?? new Uint8Array(length);
      runs.set(file, run);
      const now = new Uint8Array(length);
      // Inner ranges come after the outer ones that they correct.
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges) now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      now.forEach((is, at) => {
        if (is) run[at] = 1;
      });
    }
  }
  return runs;
}

/** Lines that have code: not comments, not types, not imports, not brackets alone. */
function linesOf(text: string): { from: number; to: number }[] {
  const lines: { from: number; to: number }[] = [];
  let from = 0;
  let skips: RegExp | null = null;
  for (const line of text.split("\n")) {
    const bare = line.trim();
    const begins: RegExp | null =
      skips ??
      (bare.startsWith("/*")
        ? /\*\/$/
        : /^import\b/.test(bare)
          ? /;$/
          : /^(export )?(interface|declare) /.test(line)
            ? /^\}/
            : /^(export )?type /.test(line)
              ? /;$/
              : null);
    const isCode = begins === null && /[\w$]/.test(bare) && !bare.startsWith("//");
    if (isCode) lines.push({ from: from + line.length - line.trimStart().length, to: from + line.length });
    skips = begins !== null && !begins.test(skips === null && bare.startsWith("/*") ? bare : line) ? begins : null;
    from += line.length + 1;
  }
  return lines;
}
