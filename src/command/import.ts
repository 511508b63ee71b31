/** `bowline import FILE`: takes over connections that were linked elsewhere, however many, and however often begun. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { StartRefused } from "../config.ts";
import { askGateway, type Json, sentenceOf } from "./ask-gateway.ts";
import { type Command, type Given, Mistyped, optionOf } from "./command.ts";
import { type FileItem, readItems } from "./import-file.ts";
import { bar } from "./progress.ts";

/** Side by side: each waits for its provider most of the time, and providers count requests by the minute. */
const LANES = 4;
/** A limit, or a provider that is away, is waited for so often. */
const TRIES = 5;
const LONGEST_WAIT = 60_000;

const DONE = ["imported", "already"];

export const importFile: Command = {
  takes: "FILE [--dry-run] [--out FILE]",
  needs: "a running gateway",
  count: [1, 1],
  does: "Takes over connections that were linked elsewhere, from a file",
  tells:
    "FILE is NDJSON, a JSON array, or CSV with a head line; each item has externalCustomerId, serviceProvider, " +
    "accessToken, and may have providerConnectionId, institutionId with institutionName, and products. Each is first " +
    "opened at its provider with the credential given: what does not open is refused and nothing comes of it. What " +
    "opens becomes a connection, its provider's webhooks are turned to this gateway, and it is read at once.\n" +
    "The outcome of each item is one line of JSON: imported, already (it is here), would import, refused, or failed " +
    "(not asked to an end: run it again). It may be killed and run again at any time: each item comes in once. With " +
    "--out, items whose line says imported or already are not even asked about again. Credentials are in no line.",
  options: {
    "dry-run": { value: null, means: "Says of each what would happen, after asking its provider; changes nothing." },
    out: { value: "FILE", means: "Outcomes go there, added to what it has, instead of to standard output." },
  },
  examples: [
    ["bowline import items.ndjson --dry-run", "What would happen; the last line on standard error counts it."],
    ["bowline import items.ndjson --out outcomes.ndjson", "And when it was stopped, the same once more."],
    [
      'echo \'{"externalCustomerId":"c1","serviceProvider":"PLAID","accessToken":"access-…"}\' > one.ndjson',
      "A file of one item.",
    ],
  ],
  async run(given) {
    const [path = ""] = given.args;
    const out = optionOf(given, "out");
    const dryRun = given.options["dry-run"] === true;
    if (dryRun && out !== undefined && existsSync(out))
      throw new Mistyped(`${out} is there already, and a dry run adds nothing to it; leave --out away.`);
    const items = readItems(path);
    const done = out === undefined ? new Set<string>() : doneIn(out);
    const left = items.filter((one) => !done.has(markOf(one)));
    return bringAll(given, { items, left, out, dryRun });
  },
};

interface Work {
  items: readonly FileItem[];
  left: readonly FileItem[];
  out: string | undefined;
  dryRun: boolean;
}

/** The place in the file and the customer: another file with the same outcomes is not taken for this one. */
const markOf = ({ item, body }: FileItem): string => JSON.stringify([item, body?.["externalCustomerId"] ?? null]);

function doneIn(path: string): Set<string> {
  if (!existsSync(path)) return new Set();
  const text = readFileSync(path, "utf8");
  // A kill may have left half a line: what comes next must not be added to it.
  if (text !== "" && !text.endsWith("\n")) writeFileSync(path, text.slice(0, text.lastIndexOf("\n") + 1));
  const marks = text.split("\n").flatMap((line) => {
    const told = line === "" ? null : parsed(line);
    return told && DONE.includes(String(told["outcome"]))
      ? [JSON.stringify([told["item"], told["externalCustomerId"] ?? null])]
      : [];
  });
  return new Set(marks);
}

function parsed(line: string): Json | null {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null;
  }
}

async function bringAll(given: Given, { items, left, out, dryRun }: Work): Promise<number> {
  const counts = new Map<string, number>();
  const queue = [...left];
  let finished = items.length - left.length;
  const skipped = finished;
  const show = () => process.stderr.write(`\r${bar(finished, items.length)} ${finished} of ${items.length}`);
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const told = await bring(given, next, dryRun);
      const line = `${JSON.stringify(told)}\n`;
      if (out === undefined) process.stdout.write(line);
      else appendFileSync(out, line, { mode: 0o600 });
      const outcome = String(told["outcome"]);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      finished++;
      show();
    }
  };
  show();
  await Promise.all(Array.from({ length: LANES }, lane));
  const words = [...counts].map(([outcome, count]) => `${count} ${outcome}`);
  if (skipped > 0) words.push(`${skipped} done before`);
  given.say(`\n${words.join(", ")}.`);
  return (counts.get("refused") ?? 0) + (counts.get("failed") ?? 0) > 0 ? 1 : 0;
}

async function bring(given: Given, { item, body, problem }: FileItem, dryRun: boolean): Promise<Json> {
  const whose = { item, externalCustomerId: body?.["externalCustomerId"] ?? null };
  if (body === null) return { ...whose, outcome: "refused", code: "BAD_REQUEST", message: `Item ${item} ${problem}.` };
  for (let tries = 1; ; tries++) {
    const asked = {
      method: "POST" as const,
      path: "/bank-linking/connections/import",
      body: { connections: [body], dryRun },
    };
    const { status, retryAfter, body: told } = await answered(given, asked, tries);
    const [outcome] = (told["connections"] as Json[] | undefined) ?? [];
    if (status === 200 && outcome) return { ...whose, ...outcome };
    const code = told["code"] ?? `HTTP_${status}`;
    const message = sentenceOf(told);
    const mayPass = status === 429 || status >= 500;
    if (!mayPass) return { ...whose, outcome: "refused", code, message };
    if (tries >= TRIES) return { ...whose, outcome: "failed", code, message };
    await given.door.wait(Math.min(LONGEST_WAIT, (retryAfter ?? 1) * 1000));
  }
}

/** A gateway that is started anew meanwhile is waited for; one that was never there ends the command at once. */
async function answered(given: Given, asked: Parameters<typeof askGateway>[2], tries: number) {
  try {
    return await askGateway(given.config, given.door, asked);
  } catch (error) {
    if (!(error instanceof StartRefused) || error.cause === undefined || tries === TRIES) throw error;
    return { status: 503, retryAfter: 1, body: { code: "NO_GATEWAY", message: error.message } };
  }
}
