// What a browser has to load before it shows anything, compressed as it is sent; `npm run bench` has built it before.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../imports.ts";
import { nearest } from "./parts/peer.ts";
import type { Report } from "./parts/report.ts";

export const name = "bytes";

const DIST = join(ROOT, "dist");

export async function run(report: Report): Promise<void> {
  if (!existsSync(join(DIST, "stamp"))) throw new Error("The pages are not built: run `npm run build` first.");
  const tell = (what: string, files: readonly string[], limit: number) => {
    const bytes = files.map((file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length);
    const all = bytes.reduce((sum, size) => sum + size, 0);
    report.ratio(what, all, "bytes", { name: "limit", value: limit }, { atMost: 1 });
  };
  tell("embed script, gzip", ["connect/embed.js"], 3_000);
  tell("connect page, first screen, gzip", loadedBy("connect/index.html"), 40_000);
  const page = filesIn("connect").reduce((sum, file) => sum + readFileSync(join(DIST, file)).length, 0);
  report.ratio("connect page, all of it, not compressed", page, "bytes", nearest("widgetBytes"));
  // Also what it loads later.
  tell("dashboard, all of it, gzip", filesIn("dashboard"), 150_000);
}

/** The sources, without the compressed forms that lie beside them. */
const filesIn = (folder: string): string[] =>
  globSync(`${folder}/**/*.{html,js,css,svg}`, { cwd: DIST }).map((path) => path.replaceAll("\\", "/"));

/** The page, what it names, and what that imports at once: until nothing is added. */
function loadedBy(page: string): string[] {
  const found = new Set([page]);
  for (const file of found) {
    const text = readFileSync(join(DIST, file), "utf8");
    const folder = file.slice(0, file.lastIndexOf("/") + 1);
    const named = file.endsWith(".html")
      ? [...text.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path = ""]) => path)
      : [...text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+)"/g)].map(([, path = ""]) => folder + path);
    for (const path of named) found.add(path);
  }
  if (found.size < 3) throw new Error(`${page} names no script and style: its build has changed, and so must this.`);
  return [...found];
}
