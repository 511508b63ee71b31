// How a file is named, how long it may be, and what may not stand in it.

import { inFolder, isCode, isTest, places, type SourceFile, type Tree } from "./tree.ts";

const SOURCE_LINES = 300;
const TEST_LINES = 500;
const COLUMNS = 120;

/** A file that is over its budget, and by how much. The list may only shrink: an entry has to say the exact length. */
export type Exceptions = Record<string, number>;
export const EXCEPTIONS: Exceptions = {};

const lengthOf = (file: SourceFile): number => file.text.trimEnd().split("\n").length;

export function budgets({ files }: Tree, exceptions: Exceptions = EXCEPTIONS): string[] {
  const code = files.filter(isCode);
  const long = code.flatMap((file) => {
    const budget = file.path.startsWith("test/") ? TEST_LINES : SOURCE_LINES;
    const [lines, excepted] = [lengthOf(file), exceptions[file.path]];
    if (excepted === undefined) {
      return lines > budget
        ? `${file.path} has ${lines} lines, and ${budget} are allowed: split it by what it names.`
        : [];
    }
    if (lines <= budget) return `${file.path} is within its budget: take it off the list in test/house/files.ts.`;
    if (lines < excepted) return `${file.path} has shrunk to ${lines} lines: write that into test/house/files.ts.`;
    return lines > excepted
      ? `${file.path} has grown from ${excepted} to ${lines} lines: the list may only shrink.`
      : [];
  });
  const gone = Object.keys(exceptions).filter((path) => !code.some((file) => file.path === path));
  const wide = code.flatMap((file) =>
    file.text.split("\n").flatMap((line, index) => {
      const columns = [...line].length;
      return columns > COLUMNS
        ? `${file.path}:${index + 1} has ${columns} columns: ${COLUMNS} are allowed; break it.`
        : [];
    }),
  );
  return [...long, ...gone.map((path) => `${path} is gone: take it off the list in test/house/files.ts.`), ...wide];
}

const SAYS_NOTHING = /^(utils?|types?|helpers?|common|index|misc|shared|lib)\b/;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(tsx?|mjs)$/;

export function names({ files }: Tree): string[] {
  return files.filter(isCode).flatMap(({ path }) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (SAYS_NOTHING.test(name)) return `${path} says nothing by its name: name it by its noun or verb.`;
    return NAME.test(name) ? [] : `${path} is not written in small letters with hyphens: rename it.`;
  });
}

export function noBarrels({ files }: Tree): string[] {
  return files.filter(isCode).flatMap((file) => {
    const rest = file.code.replace(/export\s+(type\s+)?(\*|\{[^}]*\})[^;]*?from\s*"[^"]*";?/g, "").trim();
    const star = places(file, /^export\s+(type\s+)?\*/m);
    const barrel = rest === "" && file.code.trim() !== "" ? [file.path] : [];
    return [...star, ...barrel].map(
      (place) => `${place} only passes on what others have: import from where it stands.`,
    );
  });
}

/** The one function's file, the table, and the columns that only it writes. */
export const PROJECTION = "src/store/projection.ts";
const WRITTEN = /\b(?:status|reason|state_since)\s*=/i;
const UPDATE = /\bupdate\s+connection\b(?:\s+\w+)?\s+set\b([^]*?)(?=\bwhere\b|\breturning\b|[`;]|"\s*[,)])/gi;
const INSERT = /\binsert\s+into\s+connection\s*\(([^)]*)\)/gi;
const UPSERT = /\binsert\s+into\s+connection\b[^`;]*?\bdo\s+update\s+set\b([^]*?)(?=\bwhere\b|\breturning\b|[`;])/gi;

/** The files that write how a connection is. */
export function statusWriters({ files }: Tree): string[] {
  return files
    .filter((file) => inFolder("src")(file) && /\.(ts|sql)$/.test(file.path))
    .filter(({ code }) => {
      const set = [...code.matchAll(UPDATE), ...code.matchAll(UPSERT)].some((match) => WRITTEN.test(match[1] ?? ""));
      return set || [...code.matchAll(INSERT)].some((match) => /\b(status|reason)\b/.test(match[1] ?? ""));
    })
    .map(({ path }) => path);
}

/** The rules' own files name what they forbid. */
const notRules = ({ path }: SourceFile): boolean => !/^test\/house[./]/.test(path);

/** XXX alone is a currency, the one of what has none. */
const HALF_DONE = /\b(?:FIXME|TODO|HACK)\b|\bXXX:/;
const LEFT_OUT =
  /\b(?:test|it|describe|suite)\.(?:only|skip|todo)\(|\b(?:skip|todo|only):\s*true\b|\bt\.(?:skip|todo)\(\s*\)/;

export function nothingHalfDone({ files }: Tree): string[] {
  const code = files.filter((file) => isCode(file) && notRules(file));
  const marks = code.flatMap((file) => places(file, HALF_DONE, file.text));
  const left = code.flatMap((file) => places(file, LEFT_OUT));
  return [
    ...marks.map((place) => `${place} puts work off: do it now, or write it where work is planned.`),
    ...left.map((place) => `${place} leaves a test out without a reason: give { skip: "why" }, or run it.`),
  ];
}

export function testsAssert({ files }: Tree): string[] {
  return files
    .filter((file) => isTest(file) && !/\bassert\b|\bexpect\(/.test(file.code.replace(/^import[^;]*;/gm, "")))
    .map(({ path }) => `${path} asserts nothing: a test that cannot fail proves nothing.`);
}

const SLEEP = /\bsetTimeout\b|\bsetInterval\b|"(?:node:)?timers|\bAbortSignal\.timeout\b/;

export function testsWaitForSignals({ files }: Tree): string[] {
  return files
    .filter((file) => isTest(file) && notRules(file))
    .flatMap((file) => places(file, SLEEP))
    .map((place) => `${place} waits for time: wait for what it is really about, or move a hand-moved clock.`);
}

const FORBIDDEN_SWITCH = /@ts-(ignore|nocheck)\b/;
/** Three words at least, after the rule's name. */
const SWITCH = /(?:(?:oxlint|eslint|biome)-(?:disable|ignore)[\w-]*|@ts-expect-error)(?![\w-])([^\n]*)/g;

export function switchesHaveReasons({ files }: Tree): string[] {
  return files
    .filter((file) => isCode(file) && notRules(file))
    .flatMap((file) => {
      const never = places(file, FORBIDDEN_SWITCH, file.text).map(
        (place) => `${place}: use @ts-expect-error with a reason.`,
      );
      const silent = [...file.text.matchAll(SWITCH)]
        .filter(([whole, rest = ""]) => {
          const reason = whole.startsWith("@ts") ? rest : (/(?:--|:)\s*(.*)$/.exec(rest)?.[1] ?? "");
          return reason.replace("*/", "").trim().split(/\s+/).filter(Boolean).length < 3;
        })
        .map((match) => `${file.path}:${file.text.slice(0, match.index).split("\n").length}`);
      return [
        ...never,
        ...silent.map((place) => `${place} switches a check off: say why on the same line, after " -- ".`),
      ];
    });
}

/** Written in parts, because this file is one of those that are searched. */
const FOREIGN = [["", "work", ""].join("/"), ["", "tmp", "brief"].join("/"), ["registry", "npmjs"].join(".")];

export function noForeignPlaces({ files }: Tree): string[] {
  return files.flatMap((file) =>
    FOREIGN.filter((word) => file.text.includes(word)).map(
      (word) => `${file.path} names ${word}: paths and hosts of one machine do not belong into the repository.`,
    ),
  );
}
