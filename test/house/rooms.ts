// Which room may see which. Everything flows down; type imports count, because they too tie two files together.

import { inFolder, isCode, isTest, places, type SourceFile, type Tree } from "./tree.ts";

/** Rooms of one line never see each other; every line sees the lines below it, except as FORBIDDEN says. */
const LINES = [
  ["http", "jobs"],
  ["actions"],
  ["webhooks", "queue", "providers"],
  ["store", "postgres"],
  ["core"],
] as const;

const FORBIDDEN: Record<string, { sees: readonly string[]; because: string }> = {
  providers: { sees: ["store"], because: "a provider, the farm included, keeps nothing and decides nothing" },
};

/** Rooms whose code runs in a browser: they get one part of the core, which imports no package, and the HTTP API. */
const BROWSER = ["widget", "dashboard", "reference"];
const BROWSER_SEES = "src/core/status/";

/** The commands of `bowline`: like main.ts they choose parts, and nobody else sees them. */
const COMMANDS = "command";

/** Only what starts a gateway, or a test run, brings up a database of its own. */
const DATABASE = "postgres";

const roomOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? "";
const lineOf = (room: string): number => LINES.findIndex((line) => (line as readonly string[]).includes(room));

export function direction({ files }: Tree): string[] {
  return files.filter(inFolder("src")).flatMap((file) => file.files.flatMap((to) => wrongWay(file.path, to) ?? []));
}

function wrongWay(from: string, to: string): string | null {
  const [room, other] = [roomOf(from), roomOf(to)];
  const says = (why: string): string => `${from} imports ${to}: ${why}.`;
  if (!to.startsWith("src/")) return says("the source sees nothing outside of src/; move what it needs into a room");
  if (room === "" && other === COMMANDS && from !== "src/main.ts") return says("only main.ts has commands");
  if (room === "" || room === COMMANDS) return null;
  if (BROWSER.includes(room)) {
    if (other === room || to.startsWith(BROWSER_SEES)) return null;
    return says(`the browser's rooms see ${BROWSER_SEES} and the HTTP API only`);
  }
  if (other === "") return says(`only src/*.ts sees src/*.ts; hand it to ${room} as an argument`);
  if (lineOf(room) < 0) return says(`${room} is no known room; give it its line in test/house/rooms.ts`);
  if (lineOf(other) < 0) return says(`${other} is no room that code on the server may see`);
  if (other === room)
    return strangers(from, to) ? says("one provider never sees another; share it in src/providers") : null;
  if (other === DATABASE) return says("only main and the test runner bring up a database; take a pool as an argument");
  if (FORBIDDEN[room]?.sees.includes(other)) return says(FORBIDDEN[room].because);
  if (lineOf(other) === lineOf(room))
    return says(`${room} and ${other} are neighbours; what both need goes further down`);
  return lineOf(other) < lineOf(room) ? says(`${room} lies below ${other}; imports go down`) : null;
}

/** Two providers' own folders. */
function strangers(from: string, to: string): boolean {
  const flat = /^src\/providers\/([^/]+)\//;
  const [one, other] = [flat.exec(from)?.[1], flat.exec(to)?.[1]];
  return one !== undefined && other !== undefined && one !== other;
}

/** Files that lead back to themselves, each circle told once. */
export function circles({ files }: Tree): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) {
      found.push(`${[...way.slice(start), path].join(" → ")}: a circle; move what both need into a file of its own.`);
      return;
    }
    if (done.has(path)) return;
    for (const to of byPath.get(path)?.files ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

/** Whoever reads a clock or rolls a die by itself cannot be replayed. */
const TIME_AND_CHANCE = new RegExp(
  [
    /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/,
    /\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|"(?:node:)?timers/,
    /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|Fill|FillSync)\b|\bgetRandomValues\b/,
  ]
    .map(({ source }) => source)
    .join("|"),
);
const HAVE_TIME = ["src/door.ts", "src/stopping.ts"];

export function timeAndChance({ files }: Tree): string[] {
  return files
    .filter((file) => inFolder("src")(file) && !HAVE_TIME.includes(file.path) && !BROWSER.includes(roomOf(file.path)))
    .flatMap((file) => places(file, TIME_AND_CHANCE))
    .map((place) => `${place} reads a clock, sets a timer or rolls a die: ask the Door that it is handed.`);
}

const CORE_PACKAGES = ["zod"];
/** A call; a method's declaration names its parameters' types. */
const OUTSIDE = /(?<![.\w])fetch\((?!\w+\??:)|\bprocess\.|\bglobalThis\b|\bconsole\./;

export function pureCore({ files }: Tree): string[] {
  return files.filter(inFolder("src/core")).flatMap((file) => {
    const allowed = inFolder("src/core/status")(file) ? [] : CORE_PACKAGES;
    const imports = file.packages
      .filter((name) => !allowed.includes(name))
      .map((name) => `${file.path} imports ${name}: core may import ${allowed.join(", ") || "no package at all"}.`);
    const reaches = places(file, OUTSIDE).map(
      (place) => `${place} reaches outside: core only computes; pass the value in.`,
    );
    return [...imports, ...reaches];
  });
}

/** Where the program, its scripts and its tests begin: what none of them leads to is dead. */
const ENTRY = new RegExp(
  [
    /^src\/main\.ts$|^scripts\/(?:bench\/)?[^/]+\.(?:ts|mjs)$|\.test\.ts$/,
    /^test\/(?:simulation\/(?:simulate|worker|plant)|killing\/kill|soak\/soak|fleet\/mortal)\.ts$/,
    /^src\/(?:widget|dashboard|reference)\/.*(?:page\.tsx|embed\.ts|returned\.ts)$/,
  ]
    .map(({ source }) => source)
    .join("|"),
);
/** Found in the source although only tests run it: it is part of what a provider's author is given. */
const FOR_TESTS = ["src/providers/conformance.ts"];
const TEST_RUN = /^scripts\/test(-\w+)?\.ts$/;

export function everyFileUsed({ files }: Tree): string[] {
  const code = files.filter(isCode);
  const entries = code.filter((file) => ENTRY.test(file.path));
  const all = led(code, entries);
  const forTests = ({ path }: SourceFile): boolean => isTest({ path }) || TEST_RUN.test(path);
  const program = led(code, [
    ...entries.filter((file) => !forTests(file)),
    ...code.filter(({ path }) => FOR_TESTS.includes(path)),
  ]);
  return code.flatMap(({ path }) => {
    if (!all.has(path)) return `${path} is imported by nobody: use it or remove it.`;
    if (path.startsWith("src/") && !program.has(path)) {
      return `${path} is imported by tests only: use it in the program, or move it to test/.`;
    }
    return [];
  });
}

function led(code: SourceFile[], entries: SourceFile[]): Set<string> {
  const byPath = new Map(code.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const queue = entries.map(({ path }) => path);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    queue.push(...(byPath.get(path)?.files ?? []));
  }
  return seen;
}
