// Which files a file imports, type imports counted. A regular expression does: the sources use one way to import.

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = normalize(join(dirname(fileURLToPath(import.meta.url)), ".."));

const IMPORT = /(?:^|;)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s*)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

/** A program of ours that is started, not imported, by its place beside the file that starts it. */
const STARTED = /\bnew URL\(\s*"(?:\.\/)?([^"]+\.(?:ts|mjs))",\s*import\.meta\.url/g;

/** Blanks out comments and keeps the line numbers, so that prose about an import is none. */
export function withoutComments(text: string): string {
  const blank = (comment: string): string => comment.replace(/[^\n]/g, " ");
  return text.replace(/("(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g, (all, literal?: string) =>
    literal === undefined ? blank(all) : all,
  );
}

/** The specifiers: "./table.ts", "zod", "node:fs". */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const imported = [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? "");
  return [...imported, ...[...code.matchAll(STARTED)].map((match) => `./${match[1]}`)];
}

/** A relative specifier as a path from the root, or null for a package. */
export function resolved(from: string, specifier: string): string | null {
  return specifier.startsWith(".") ? normalize(join(dirname(from), specifier)) : null;
}

/** Every file that `file` leads to, itself included. */
export function reach(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  let text: string;
  try {
    text = readFileSync(join(ROOT, file), "utf8");
  } catch {
    // What cannot be read leads nowhere; the compiler and the house's rules say that it is missing.
    return seen;
  }
  for (const specifier of importsOf(text)) {
    const to = resolved(file, specifier);
    if (to !== null) reach(to, seen);
  }
  return seen;
}
