/** The front door: the table of commands. Each is a file of `command/`; without a command, everything is served. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { audit } from "./command/audit.ts";
import { backup } from "./command/backup.ts";
import { check } from "./command/check.ts";
import { type Command, Mistyped, runCommand, say } from "./command/command.ts";
import { compact } from "./command/compact.ts";
import { demo } from "./command/demo.ts";
import { explain } from "./command/explain.ts";
import { exportAll } from "./command/export.ts";
import { helpOf, nearest, overview } from "./command/help.ts";
import { importFile } from "./command/import.ts";
import { keys } from "./command/keys.ts";
import { migrate } from "./command/migrate.ts";
import { replay } from "./command/replay.ts";
import { restore } from "./command/restore.ts";
import { api, serveAll, worker } from "./command/serve.ts";
import { trigger } from "./command/trigger.ts";
import { StartRefused } from "./config.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: serveAll,
  api,
  worker,
  demo,
  explain,
  trigger,
  replay,
  import: importFile,
  export: exportAll,
  keys,
  audit,
  check,
  migrate,
  backup,
  restore,
  compact,
};

async function main([name = "serve", ...rest]: string[]): Promise<number> {
  if (["help", "--help", "-h"].includes(name)) return help(rest[0]);
  if (["version", "--version"].includes(name)) return version();
  if (rest.includes("--help") || rest.includes("-h")) return help(name);
  return runCommand(name, commandOf(name), rest);
}

function help(name: string | undefined): number {
  process.stdout.write(`${name === undefined ? overview(COMMANDS) : helpOf(name, commandOf(name))}\n`);
  return 0;
}

function version(): number {
  const { version: number } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as Package;
  process.stdout.write(`${number}\n`);
  return 0;
}

interface Package {
  version: string;
}

function commandOf(name: string): Command {
  const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (found) return found;
  const near = nearest(name, ["help", "version", ...Object.keys(COMMANDS)]);
  const mend =
    near === null ? "`bowline help` lists them" : `did you mean \`${near}\`? \`bowline help\` lists them all`;
  throw new Mistyped(`"${name}" is no command; ${mend}.`);
}

// Who reads standard output may stop: `bowline export | head`. There is nobody left to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  // What a person can mend is told in a sentence; anything else is a bug, and is shown whole.
  const isTold = error instanceof StartRefused || error instanceof Mistyped || (error as Error).name === "StartRefusal";
  say(isTold ? (error as Error).message : ((error as Error).stack ?? String(error)));
  process.exit(error instanceof Mistyped ? 2 : 1);
}
