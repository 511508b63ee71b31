// scripts/print/sizes.json: how large each package is on disk, so that the page about them is the same on a machine
// on which another platform's were installed.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../imports.ts";

export interface Entry {
  version: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
  os?: string[];
  cpu?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface Lock {
  packages: Record<string, Entry>;
}

/** One for each platform: of a family so many are in the lock file, and one is installed. */
export const isForOnePlatform = ({ os, cpu }: Entry): boolean => os !== undefined || cpu !== undefined;

const measured = (): Record<string, number> =>
  JSON.parse(readFileSync(join(import.meta.dirname, "sizes.json"), "utf8")) as Record<string, number>;

export const readLock = (): Lock => JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;

/** What lies in the package's own folder: what it brought has a folder, and a size, of its own. */
function bytesIn(folder: string): number {
  let sum = 0;
  for (const one of readdirSync(folder, { withFileTypes: true })) {
    if (one.isDirectory() && one.name !== "node_modules") sum += bytesIn(join(folder, one.name));
    else if (one.isFile()) sum += statSync(join(folder, one.name)).size;
  }
  return sum;
}

/**
 * Sizes by path and version. What is installed is measured; a package for one platform only where that is the page's
 * own, so that the page is the same wherever it is printed.
 */
export function sizesNow(lock: Lock, known: Readonly<Record<string, number>> = measured()): Record<string, number> {
  const here = `${process.platform}-${process.arch}` === "linux-x64";
  const sizes: Record<string, number> = {};
  for (const [path, entry] of Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const key = `${path} ${entry.version}`;
    const size = here || !isForOnePlatform(entry) ? installed(path, entry) : null;
    const kept = size ?? known[key];
    if (path !== "" && kept !== undefined) sizes[key] = kept;
  }
  return sizes;
}

function installed(path: string, { version }: Entry): number | null {
  try {
    const { version: there } = JSON.parse(readFileSync(join(ROOT, path, "package.json"), "utf8")) as Entry;
    return there === version ? bytesIn(join(ROOT, path)) : null;
  } catch {
    return null;
  }
}

export const print = (): string => `${JSON.stringify(sizesNow(readLock()), null, 2)}\n`;
