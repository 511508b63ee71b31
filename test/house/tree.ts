// The repository as the house's rules see it: every file that is ours, what it says, and what it imports.

import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { importsOf, resolved, ROOT, withoutComments } from "../../scripts/imports.ts";

export interface SourceFile {
  path: string;
  text: string;
  /** The text with its comments blanked out, on the same lines. */
  code: string;
  /** Imported files of ours, as paths from the root. */
  files: string[];
  /** Imported packages and built-in modules. */
  packages: string[];
}

interface LockEntry {
  resolved?: string;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

export interface Lock {
  packages: Record<string, LockEntry>;
}

export interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

export interface Tree {
  files: SourceFile[];
  lock: Lock;
  manifest: Manifest;
}

const NOT_OURS = /^(\.git|node_modules|data|dist|dist-\d+|\.install-lock.*)$/;

export function sourceFile(path: string, text: string): SourceFile {
  const isCode = /\.(tsx?|mjs)$/.test(path);
  const specifiers = isCode ? importsOf(text) : [];
  const files: string[] = [];
  const packages: string[] = [];
  for (const specifier of specifiers) {
    const file = resolved(path, specifier);
    if (file === null) packages.push(specifier);
    else files.push(file);
  }
  return { path, text, code: isCode ? withoutComments(text) : text, files, packages };
}

export function readTree(): Tree {
  const json = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
  return {
    files: walk(ROOT).map((path) => sourceFile(path, readFileSync(join(ROOT, path), "utf8"))),
    lock: json("package-lock.json") as Lock,
    manifest: json("package.json") as Manifest,
  };
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() ? [relative(ROOT, path)] : [];
  });
}

export const inFolder = (folder: string) => (file: SourceFile) => file.path.startsWith(`${folder}/`);
export const isTest = ({ path }: Pick<SourceFile, "path">): boolean => path.endsWith(".test.ts");
export const isCode = ({ path }: Pick<SourceFile, "path">): boolean => /\.(tsx?|mjs)$/.test(path);

/** Where in the file a pattern stands, as "path:line". */
export function places(file: SourceFile, pattern: RegExp, text = file.code): string[] {
  const global = new RegExp(pattern.source, pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`);
  return [...text.matchAll(global)].map((match) => `${file.path}:${text.slice(0, match.index).split("\n").length}`);
}
