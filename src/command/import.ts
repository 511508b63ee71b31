/** `bowline import FILE`: takes over connections that were linked elsewhere, however many, and however often begun. */
import { appendFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { StartRefused } from "../config.ts";
import { type Answered, askGateway, type Json, sentenceOf } from "./ask-gateway.ts";
import { type Command, type Given, Mistyped, optionOf } from "./command.ts";
import { linesOf, textOf } from "./file-parts.ts";
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
    "accessToken, and may have providerConnectionId, institutionId with institutionName, and products. Customers, as " +
    "`bowline export` writes them, come in with what is known of the person; the rest of an export is passed over. " +
    "Each connection is first opened at its provider with the credential given: what does not open is refused and " +
    "nothing comes of it. What " +
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
    // Once through, before anything is asked: a file that is none is refused whole, and how much there is, is known.
    let count = 0;
    for await (const { kind } of readItems(path)) if (kind !== "nothing") count++;
    if (count === 0) throw new StartRefused(`${path} has nothing to import in it; write one connection a line.`);
    // One that is not there now ends the command at once; one that goes away later is waited for.
    await askGateway(given.config, given.door, { method: "GET", path: "/health" });
    const done = out === undefined ? new Set<string>() : await doneIn(out);
    return bringAll(given, { path, count, done, out, dryRun });
  },
};

interface Work {
  path: string;
  count: number;
  done: ReadonlySet<string>;
  out: string | undefined;
  dryRun: boolean;
}

const customerIn = ({ body }: FileItem): unknown => body?.["externalCustomerId"] ?? body?.["externalId"] ?? null;

/** The place in the file and the customer: another file with the same outcomes is not taken for this one. */
const markOf = (one: FileItem): string => JSON.stringify([one.item, customerIn(one)]);

async function doneIn(path: string): Promise<Set<string>> {
  const marks = new Set<string>();
  if (!existsSync(path)) return marks;
  let whole = 0;
  for await (const line of linesOf(textOf(path))) {
    const end = whole + Buffer.byteLength(line ?? "") + 1;
    // A kill may have left half a line: what comes next must not be added to it.
    if (end > statSync(path).size) {
      truncateSync(path, whole);
      break;
    }
    whole = end;
    const told = parsed(line ?? "");
    if (told && DONE.includes(String(told["outcome"])))
      marks.add(JSON.stringify([told["item"], told["externalCustomerId"] ?? null]));
  }
  return marks;
}

function parsed(line: string): Json | null {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null;
  }
}

async function bringAll(given: Given, { path, count, done, out, dryRun }: Work): Promise<number> {
  const counts = new Map<string, number>();
  const items = readItems(path);
  let [finished, skipped] = [0, 0];
  const show = () => process.stderr.write(`\r${bar(finished, count)} ${finished} of ${count}`);
  const lane = async (): Promise<void> => {
    for (;;) {
      const { value: next, done: isOver } = await items.next();
      if (isOver === true) return;
      if (next.kind === "nothing") continue;
      if (done.has(markOf(next))) skipped++;
      else {
        const told = await bring(given, next, dryRun);
        const line = `${JSON.stringify(told)}\n`;
        if (out === undefined) process.stdout.write(line);
        else appendFileSync(out, line, { mode: 0o600 });
        const outcome = String(told["outcome"]);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
      finished++;
      show();
    }
  };
  show();
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } catch (error) {
    // What ends the command has a line of its own, below the bar.
    given.say("");
    throw error;
  }
  const words = [...counts].map(([outcome, number]) => `${number} ${outcome}`);
  if (skipped > 0) words.push(`${skipped} done before`);
  given.say(`\n${words.join(", ")}.`);
  return (counts.get("refused") ?? 0) + (counts.get("failed") ?? 0) > 0 ? 1 : 0;
}

/** Every line has the same fields, whatever came of it. */
const unknown = { connectionId: null, serviceProviderConnectionId: null, institutionName: null, products: [] };

async function bring(given: Given, one: FileItem, dryRun: boolean): Promise<Json> {
  const { item, body, problem, kind } = one;
  const isCustomer = kind === "customer";
  const whose = {
    item,
    externalCustomerId: customerIn(one),
    ...(isCustomer ? { kind, customerId: null } : { serviceProvider: body && (body["serviceProvider"] ?? "PLAID") }),
  };
  const nothing = isCustomer ? {} : { ...unknown, webhook: "untouched" };
  const ended = (outcome: string, code: unknown, message: unknown): Json => ({
    ...whose,
    ...nothing,
    outcome,
    code,
    message,
  });
  if (body === null) return ended("refused", "BAD_REQUEST", `Item ${item} ${problem}.`);
  const answer = isCustomer ? await bringCustomer(given, body, dryRun) : await bringConnection(given, body, dryRun);
  if ("good" in answer) return { ...whose, code: null, message: null, ...answer.good };
  const { status, body: told } = answer;
  const code = told["code"] ?? `HTTP_${status}`;
  // The gateway was sent a list of one; the file has a list of its own.
  const message =
    sentenceOf(told)
      ?.replace(/^\[connections\.0\.?/, "[")
      .replace("[]", `[item ${item}]`) ?? null;
  return ended(mayPass(answer) ? "failed" : "refused", code, message);
}

type Brought = Answered | { good: Json };

async function bringConnection(given: Given, body: Json, dryRun: boolean): Promise<Brought> {
  const path = "/bank-linking/connections/import";
  const answer = await patiently(given, { method: "POST", path, body: { connections: [body], dryRun } });
  const [good] = (answer.body["connections"] as Json[] | undefined) ?? [];
  return answer.status === 200 && good ? { good } : answer;
}

/** By the application's own name for it, and one without a name by its id where it comes from. */
async function bringCustomer(given: Given, { exportedId, ...body }: Json, dryRun: boolean): Promise<Brought> {
  const path = "/accounts/customers";
  const name = body["externalId"];
  const found =
    typeof name === "string"
      ? await patiently(given, { method: "GET", path: `${path}?externalId=${encodeURIComponent(name)}` })
      : null;
  if (found && found.status !== 200) return found;
  const [known] = (found?.body["customers"] as Json[] | undefined) ?? [];
  if (dryRun) return { good: { customerId: known?.["id"] ?? null, outcome: known ? "already" : "would import" } };
  // A name finds who is there; without one only the key keeps a repeated import from making another.
  const headers = typeof name === "string" ? {} : { "idempotency-key": `import of ${String(exportedId)}` };
  const made = await patiently(given, { method: "POST", path, body, headers });
  if (made.status !== 200) return made;
  return { good: { customerId: made.body["id"], outcome: known ? "already" : "imported" } };
}

const mayPass = ({ status }: Pick<Answered, "status">): boolean => status === 429 || status >= 500;

/** A limit, or what is away, is waited for. */
async function patiently(given: Given, asked: Parameters<typeof askGateway>[2]): Promise<Answered> {
  for (let tries = 1; ; tries++) {
    const answer = await answered(given, asked, tries);
    if (!mayPass(answer) || tries >= TRIES) return answer;
    await given.door.wait(Math.min(LONGEST_WAIT, (answer.retryAfter ?? 1) * 1000));
  }
}

/** A gateway that is started anew meanwhile is waited for. */
async function answered(given: Given, asked: Parameters<typeof askGateway>[2], tries: number): Promise<Answered> {
  try {
    return await askGateway(given.config, given.door, asked);
  } catch (error) {
    if (!(error instanceof StartRefused) || error.cause === undefined || tries === TRIES) throw error;
    return { status: 503, retryAfter: 1, body: { code: "NO_GATEWAY", message: error.message } };
  }
}
