/** What a command of `bowline` is. The table of all of them stands in main.ts; help is written from these fields. */
import { parseArgs } from "node:util";
import { type Config, readConfig } from "../config.ts";
import type { Door } from "../core/door.ts";
import { realDoor } from "../door.ts";
import type { MovableClock } from "../queue/advance.ts";

/** What it works on, so that the help can say what has to be there. */
export type Needs = "nothing" | "settings" | "a running gateway" | "the database" | "an idle database";

export interface Command {
  /** The arguments after the name: `FILE [--dry-run]`. */
  takes: string;
  needs: Needs;
  /** One line for the list. */
  does: string;
  /** What has to be known, in a few sentences. */
  tells: string;
  /** What may be typed, and what it does. */
  examples: readonly (readonly [typed: string, does: string])[];
  /** By name: what stands for its value, null where it has none; and what it is for. */
  options?: Readonly<Record<string, { value: string | null; means: string }>>;
  /** How many arguments there are, options aside. */
  count: readonly [least: number, most: number];
  run(given: Given): Promise<number>;
}

export interface Given {
  args: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
  config: Config;
  door: Door & MovableClock;
  /** Progress and trouble: standard error. */
  say(sentence: string): void;
  /** What a script may want to read: standard output. */
  tell(line: string): void;
}

/** Told in one sentence, and the exit status is 2: the command was not typed as it has to be. */
export class Mistyped extends Error {
  override name = "Mistyped";
}

export const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

/** The option's text; undefined where it was not given. */
export function optionOf({ options }: Pick<Given, "options">, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export async function runCommand(name: string, command: Command, rest: string[]): Promise<number> {
  const { args, options } = parsed(name, command, rest);
  const [least, most] = command.count;
  if (args.length < least || args.length > most) throw mistyped(name, command, "takes other arguments");
  return command.run({
    args,
    options,
    config: readConfig(process.env),
    door: realDoor(),
    say,
    tell: (line) => void process.stdout.write(`${line}\n`),
  });
}

function parsed(name: string, command: Command, rest: string[]) {
  const known = Object.entries(command.options ?? {}).map(([option, { value }]) => {
    const type = value === null ? ("boolean" as const) : ("string" as const);
    return [option, { type }] as const;
  });
  try {
    const { positionals, values } = parseArgs({
      args: rest,
      options: Object.fromEntries(known),
      allowPositionals: true,
    });
    return { args: positionals, options: values as Given["options"] };
  } catch (error) {
    const [first = ""] = (error as Error).message.split(". ");
    throw mistyped(name, command, `was not understood (${first})`);
  }
}

const mistyped = (name: string, { takes }: Command, what: string): Mistyped =>
  new Mistyped(
    `\`bowline ${name}\` ${what}: type \`bowline ${`${name} ${takes}`.trim()}\`; \`bowline help ${name}\` says more.`,
  );
