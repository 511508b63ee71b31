/** Puts a table that a run has printed into `docs/reliability.md`, between the marks that bear its name. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/imports.ts";

const PAGE = join(ROOT, "docs", "reliability.md");

export function placed(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`docs/reliability.md has no place for ${name}: it needs ${begin} … ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}

export const writeTable = (name: string, table: string): void =>
  writeFileSync(PAGE, placed(readFileSync(PAGE, "utf8"), name, table));
