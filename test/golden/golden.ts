// Holds what a gateway tells against a file that was looked at once. With BOWLINE_TEST_WRITE_GOLDEN=1 the file is
// written instead, to be looked at in the diff.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

const FOLDER = import.meta.dirname;
const ID = /\b([a-z]{3})_[1-9A-HJ-NP-Za-km-z]{22}\b/g;
const INSTANT = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g;
const DAY_MS = 86_400_000;

/**
 * What differs from run to run is named instead: ids by the order in which they come, instants and cursors by what they
 * are, days by how far back they lie of `today`, where that moves.
 */
export function settled(answer: unknown, names: Readonly<Record<string, string>> = {}, today?: string): string {
  const ids = new Map<string, string>();
  const text = JSON.stringify(answer, null, 2)
    .replace(ID, (id: string, kind: string) => {
      const known = ids.get(id) ?? `${kind} ${[...ids.values()].filter((name) => name.startsWith(kind)).length + 1}`;
      ids.set(id, known);
      return known;
    })
    .replace(INSTANT, "<instant>")
    .replace(/("key": )"[^"]+"/g, '$1"<key>"');
  const dated =
    today === undefined
      ? text
      : text.replace(/"(\d{4}-\d{2}-\d{2})"/g, (_, day: string) => {
          const back = Math.round((Date.parse(today) - Date.parse(day)) / DAY_MS);
          return `"<${back} days back>"`;
        });
  return `${Object.entries(names).reduce((all, [found, name]) => all.replaceAll(found, name), dated)}\n`;
}

export function assertGolden(name: string, told: string): void {
  const path = `${FOLDER}/${name}.txt`;
  if (process.env["BOWLINE_TEST_WRITE_GOLDEN"]) writeFileSync(path, told);
  assert.equal(told, readFileSync(path, "utf8"), `${name}.txt`);
}
