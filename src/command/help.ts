/** `bowline help`, written from the table of commands, and the nearest name to one that nobody has. */
import type { Command } from "./command.ts";

export type Commands = Readonly<Record<string, Command>>;

const WIDTH = 96;

export function overview(commands: Commands): string {
  const names = Object.keys(commands);
  const wide = Math.max(...names.map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(wide)}  ${does}`);
  return [
    "bowline keeps bank connections alive: one gateway between an application and the services that link banks.",
    "",
    "  bowline COMMAND [arguments]        without a command: serve",
    "  bowline help COMMAND               what it takes, what it needs, and an example",
    "  bowline version                    which version this is",
    "",
    ...lines,
    "",
    "A first quarter of an hour, on fake banks:",
    "",
    "  bowline serve                      in one terminal; prints the address and an API key",
    "  export BOWLINE_API_KEY=bow_…       in another: the key that was shown",
    "  bowline demo                       fills it with customers in every state there is",
    "  bowline explain con_…              says of one of them how it is, why, and what happens next",
    "",
    "Settings come from the environment: docs/config.md lists them.",
  ].join("\n");
}

export function helpOf(name: string, { takes, needs, tells, examples, options = {} }: Command): string {
  const lines = [`bowline ${`${name} ${takes}`.trim()}`, "", ...wrapped(tells), "", ...NEEDS[needs]];
  const rows = Object.entries(options).map(
    ([option, { value, means }]) => [`  --${option}${value === null ? "" : ` ${value}`}`, means] as const,
  );
  const wide = Math.max(0, ...rows.map(([left]) => left.length));
  if (rows.length > 0) lines.push("", ...rows.map(([left, means]) => `${left.padEnd(wide)}  ${means}`));
  lines.push("", examples.length > 1 ? "Examples:" : "Example:");
  for (const [typed, does] of examples) lines.push("", `  ${typed}`, ...wrapped(does, "      "));
  return lines.join("\n");
}

const NEEDS: Record<Command["needs"], readonly string[]> = {
  nothing: ["It needs neither a running gateway nor its database."],
  settings: ["It is the gateway itself: its settings come from the environment, and docs/config.md lists them."],
  "a running gateway": [
    "It speaks to a running gateway over its API: BOWLINE_URL says where (unset: BOWLINE_HOST and BOWLINE_PORT of",
    "this machine), BOWLINE_API_KEY is one of its keys.",
  ],
  "the database": [
    "It works on the database, so it runs where the gateway's settings are: BOWLINE_DATA, or DATABASE_URL with",
    "BOWLINE_SECRET_KEYS. The gateway may run meanwhile, or not.",
  ],
  "an idle database": [
    "It works on the database, so it runs where the gateway's settings are: BOWLINE_DATA, or DATABASE_URL with",
    "BOWLINE_SECRET_KEYS. No gateway may run on it meanwhile.",
  ],
};

function wrapped(text: string, indent = ""): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && indent.length + line.length + word.length >= WIDTH) {
        lines.push(indent + line);
        line = "";
      }
      line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(indent + line);
  }
  return lines;
}

/** By how many letters have to be put in, left out, changed or swapped; null where none is near. */
export function nearest(typed: string, names: readonly string[]): string | null {
  const [best] = names
    .map((name) => ({ name, steps: name.startsWith(typed) ? 1 : distance(typed, name) }))
    .sort((a, b) => a.steps - b.steps);
  return best && best.steps <= Math.max(2, Math.floor(typed.length / 3)) ? best.name : null;
}

function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(change, swap, (rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}
