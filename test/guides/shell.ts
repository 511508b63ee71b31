// The terminal of somebody who follows a guide: one shell from its first block to its last, so that what a block sets
// is there in the next, in a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { ROOT } from "../../scripts/imports.ts";
import type { Block } from "./blocks.ts";

/** Nobody waits longer for a line that he has copied. */
const PATIENCE = 240_000;

export interface Terminal {
  folder: string;
  /** What the block printed on its standard output. */
  run(block: Block): Promise<{ status: number; printed: string; errors: string }>;
  close(): Promise<void>;
}

/** `folder`: where it stands; absent, an empty one that goes with it. */
export function openTerminal(env: Record<string, string>, folder = emptyFolder()): Terminal {
  const { PATH = "", HOME = "" } = process.env;
  const path = [dirname(process.execPath), join(ROOT, "node_modules", ".bin"), PATH].join(":");
  const shell = spawn("bash", ["--noprofile", "--norc"], {
    cwd: folder,
    env: { PATH: path, HOME, LANG: "C.UTF-8", ...env },
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const output = keep(shell.stdout);
  const errors = keep(shell.stderr);
  const ends = keep(shell.stdio[3] as Readable);
  const over = new Promise<void>((resolve) => shell.once("close", () => resolve()));
  let count = 0;
  shell.stdin.write(MANNERS);

  return {
    folder,
    async run(block) {
      if (block.file !== null) {
        mkdirSync(dirname(join(folder, block.file)), { recursive: true });
        writeFileSync(join(folder, block.file), block.text);
        return { status: 0, printed: "", errors: "" };
      }
      count += 1;
      const end = new RegExp(`^${count} (\\d+)$`, "m");
      output.empty();
      errors.empty();
      shell.stdin.write(`${commandOf(block)}\necho "${count} $?" >&3\n`);
      const status = Number((await within(ends.until(end), block, shell))[1]);
      // What was written before the end is in the pipe, and is read before anything that comes later.
      shell.stdin.write(`echo "end ${count}"; echo "end ${count}" >&2\n`);
      const last = new RegExp(`^([^]*?)end ${count}\\n`);
      const [, printed = ""] = await within(output.until(last), block, shell);
      const [, told = ""] = await within(errors.until(last), block, shell);
      return { status, printed, errors: told };
    },
    async close() {
      end(shell);
      await over;
      if (folder.startsWith(join(tmpdir(), PREFIX))) rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PREFIX = "bowline-guide-";

/** A call that is refused fails its block, and npm runs where the gateway is; a reader sees and does both. */
const MANNERS = `
set -o pipefail
curl() { command curl --fail-with-body "$@"; }
npx() { node "\${CHECKOUT:-${ROOT}}/scripts/$1.mjs" "\${@:2}"; }
npm() { (cd "\${CHECKOUT:-${ROOT}}" && command npm "$@"); }
`;

/** Packages are found there, as in a project that has installed them. */
function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // A database that is not root's has to get through.
  chmodSync(folder, 0o711);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** JavaScript and TypeScript are run as modules; the shell's variables are in `process.env` where it exported them. */
function commandOf({ language, text }: Block): string {
  if (language === "sh" || language === "bash") return `{\n${text}}`;
  return `node --input-type=module${language === "ts" ? "-typescript" : ""} - <<'THE_END'\n${text}THE_END`;
}

/** The whole group: what a block left running in the background, too. */
function end(shell: ChildProcess): void {
  try {
    process.kill(-shell.pid!, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function within<Value>(value: Promise<Value>, block: Block, shell: ChildProcess): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      end(shell);
      reject(new Error(`The block at line ${block.line} did not end in ${PATIENCE / 1000} s.`));
    }, PATIENCE);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

function keep(stream: Readable) {
  let text = "";
  let closed = false;
  let look: () => void = () => undefined;
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  stream.on("close", () => {
    closed = true;
    look();
  });
  return {
    empty: () => {
      text = "";
    },
    until: (pattern: RegExp): Promise<RegExpMatchArray> =>
      new Promise((resolve, reject) => {
        look = () => {
          const found = text.match(pattern);
          if (found) resolve(found);
          else if (closed) reject(new Error(`The shell ended; it had said: ${text}`));
        };
        look();
      }),
  };
}
