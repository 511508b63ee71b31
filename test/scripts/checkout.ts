// A checkout in small: our run.mjs, a lock file of three packages, and an npm that only plays.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const RUN = new URL("../../scripts/run.mjs", import.meta.url);
const PLATFORM = `node-${process.platform}-${process.arch}`;

/** Notes its arguments, then makes node_modules as the real one does: its record last. */
const NPM = `
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
const how = process.env.PLAY ?? "well";
if (how === "fails") process.exit(7);
if (how === "hangs") {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1000);
  console.error("hanging");
} else {
  rmSync("node_modules", { recursive: true, force: true });
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  delete packages[""];
  if (how === "leaves out") delete packages["node_modules/used"];
  for (const path in packages) {
    mkdirSync(path + "/bin", { recursive: true });
    writeFileSync(path + "/package.json", "{}");
    if (path.includes("/node-")) writeFileSync(path + "/bin/node", process.env.PINNED ?? "", { mode: 0o755 });
  }
  writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }));
}
`;

/** Says what it was given, and goes on until it is told to stop, if it is given "wait". */
const PROGRAM = `
const told = { args: process.argv.slice(2), marked: process.env.MARK ?? null };
if (process.argv[2] === "wait") {
  const timer = setInterval(() => {}, 1000);
  process.on("SIGTERM", () => (clearInterval(timer), console.log("stopped"), (process.exitCode = 3)));
}
console.log(JSON.stringify(told));
`;

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface Checkout {
  folder: string;
  /** `how`: as npm has it, whose end is not the end of what it started. */
  start(args: string[], env?: Record<string, string>, how?: "beneath a shell"): Started;
  /** What npm was called with, a line a call. */
  npmCalls(): string[];
}

export interface Started {
  process: ChildProcess;
  /** Resolves as soon as the words are printed; rejects if the process ends without. */
  prints(words: string): Promise<void>;
  end: Promise<{ status: number | null; out: string; err: string }>;
}

/** With the version of the Node that runs the tests, unless another is to be pinned. */
export function checkout(version = process.versions.node): Checkout {
  const folder = mkdtempSync(join(tmpdir(), "bowline-checkout-"));
  folders.push(folder);
  mkdirSync(join(folder, "scripts"));
  mkdirSync(join(folder, "src"));
  cpSync(RUN, join(folder, "scripts", "run.mjs"));
  writeFileSync(join(folder, "npm-cli.js"), NPM);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const file of ["scripts/tool.ts", "src/main.ts"]) writeFileSync(join(folder, file), PROGRAM);
  const packages = {
    "": { optionalDependencies: { [PLATFORM]: version, "node-other-os": version } },
    [`node_modules/${PLATFORM}`]: { version, optional: true, os: [process.platform], cpu: [process.arch] },
    "node_modules/node-other-os": { version, optional: true, os: ["other"] },
    "node_modules/used": { version: "1.0.0" },
    "node_modules/tool": { version: "1.0.0", dev: true },
  };
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages }));
  return {
    folder,
    start: (args, env = {}, how) => start(folder, args, env, how),
    npmCalls: () => {
      try {
        return readFileSync(join(folder, "npm.log"), "utf8").trim().split("\n");
      } catch {
        return [];
      }
    },
  };
}

function start(folder: string, args: string[], extra: Record<string, string>, how?: "beneath a shell"): Started {
  const env = {
    PATH: process.env["PATH"] ?? "",
    npm_execpath: join(folder, "npm-cli.js"),
    npm_node_execpath: process.execPath,
    ...extra,
  };
  const line = [process.execPath, "scripts/run.mjs", ...args] as const;
  const [command, ...rest] = how ? ["sh", "-c", '"$@"; exit', "sh", ...line] : line;
  const child = spawn(command, rest, { cwd: folder, env });
  let [out, err] = ["", ""];
  const waiting: (() => void)[] = [];
  const turn = (): void => {
    for (const look of waiting.splice(0)) look();
  };
  child.stdout.on("data", (chunk: Buffer) => ((out += String(chunk)), turn()));
  child.stderr.on("data", (chunk: Buffer) => ((err += String(chunk)), turn()));
  let over = false;
  const end = once(child, "close").then(([status]) => {
    over = true;
    turn();
    return { status: status as number | null, out, err };
  });
  return {
    process: child,
    end,
    async prints(words) {
      while (!`${out}${err}`.includes(words)) {
        if (over) throw new Error(`It ended without printing "${words}": ${out}${err}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
