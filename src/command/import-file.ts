/**
 * The items of an import's file: NDJSON, a JSON array, or CSV with a head line; and customers, as `bowline export` has
 * them. What can't be read is told by its place in the file and never by its content: there are credentials in it.
 */
import { StartRefused } from "../config.ts";
import { homeOf } from "../core/ids.ts";
import { EXPORTED } from "../store/export.ts";
import type { Json } from "./ask-gateway.ts";
import { entriesOf, linesOf, rowsOf, type Text, textOf } from "./file-parts.ts";

/** `nothing`: what an export has besides, and nobody takes in. */
export type Kind = "connection" | "customer" | "nothing";

export interface FileItem {
  /** Its place: 1 is the first. */
  item: number;
  kind: Kind;
  /** Null where it can't be read; `problem` says why. */
  body: Json | null;
  problem: string | null;
}

type Read = Omit<FileItem, "item">;

/** The names that a column or a field may have, and ours. */
const NAMES: Readonly<Record<string, string>> = {
  access_token: "accessToken",
  item_id: "providerConnectionId",
  institution_id: "institutionId",
  institution_name: "institutionName",
};
const KNOWN = [
  "externalCustomerId",
  "serviceProvider",
  "accessToken",
  "providerConnectionId",
  "institution",
  "institutionId",
  "institutionName",
  "products",
];

/** One after another: no more than one of them is in memory. */
export async function* readItems(path: string): AsyncGenerator<FileItem> {
  let item = 0;
  for await (const read of readAll(path)) yield { item: ++item, ...read };
  if (item === 0) throw new StartRefused(`${path} has nothing to import in it; write one connection a line.`);
}

async function* readAll(path: string): AsyncGenerator<Read> {
  const text = textOf(path);
  let head = "";
  while (head.trim() === "") {
    const { value, done } = await text.next();
    if (done === true) throw new StartRefused(`${path} is empty; write one connection a line.`);
    head += value;
  }
  const whole = (async function* (): Text {
    yield head;
    yield* text;
  })();
  const [first] = head.trimStart();
  if (first === "[") yield* entries(path, whole);
  else if (first === "{") yield* lines(whole);
  else yield* csv(path, whole);
}

async function* entries(path: string, text: Text): AsyncGenerator<Read> {
  const wrong = () => new StartRefused(`${path} begins like a JSON array and is none; mend its JSON.`);
  for await (const entry of entriesOf(text, wrong)) {
    const found = parsed(entry);
    if (found === undefined) throw wrong();
    yield itemOf(found);
  }
}

async function* lines(text: Text): AsyncGenerator<Read> {
  for await (const line of linesOf(text)) {
    if (line === null) yield unread("is longer than any connection is");
    else if (line.trim() !== "") yield itemOf(parsed(line));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unread = (problem: string): Read => ({ kind: "connection", body: null, problem });

function itemOf(found: unknown): Read {
  if (typeof found !== "object" || found === null || Array.isArray(found))
    return unread("is no JSON object; write one connection a line");
  const { kind, ...told } = found as Record<string, unknown>;
  if (kind === "customer") return customerOf(told);
  if (typeof kind === "string" && ([...EXPORTED, "end"] as readonly string[]).includes(kind))
    return { kind: "nothing", body: null, problem: null };
  return connectionOf(kind === undefined ? told : found);
}

/** As `POST /accounts/customers` takes it. One that is deleted is nobody any more. */
function customerOf({ id, externalCustomerId, type, person, deletedAt }: Record<string, unknown>): Read {
  if (deletedAt !== null && deletedAt !== undefined) return { kind: "nothing", body: null, problem: null };
  if (typeof id !== "string" || homeOf("customer", id) === null)
    return { kind: "customer", body: null, problem: "is a customer without the id that it was exported with" };
  const body = { ...(person as object | null), externalId: externalCustomerId ?? null, type: type ?? null };
  return { kind: "customer", problem: null, body: { exportedId: id, ...body } };
}

function connectionOf(found: object): Read {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(found)) {
    const ours = NAMES[name] ?? name;
    // A field that nobody reads is a mistyped one: its name alone is told.
    if (!KNOWN.includes(ours)) return unread(`has a field ${JSON.stringify(name.slice(0, 40))} that nobody knows`);
    if (value !== null && value !== "") body[ours] = value;
  }
  const { institutionId, institutionName, products, ...rest } = body;
  return {
    kind: "connection",
    problem: null,
    body: {
      ...rest,
      ...(institutionId !== undefined && {
        institution: { id: institutionId, name: institutionName ?? institutionId },
      }),
      ...(products !== undefined && { products: listOf(products) }),
    },
  };
}

/** In a cell of CSV, products have a blank, a semicolon or a bar between. */
const listOf = (products: unknown): unknown =>
  typeof products === "string" ? products.split(/[\s;|,]+/).filter(Boolean) : products;

async function* csv(path: string, text: Text): AsyncGenerator<Read> {
  let head: readonly string[] | null = null;
  for await (const cells of rowsOf(text)) {
    if (head) {
      const names: readonly string[] = head;
      yield cells.length === names.length
        ? connectionOf(Object.fromEntries(names.map((name, column) => [name, cells[column]])))
        : unread(`has ${cells.length} cells, and the head line ${names.length}`);
      continue;
    }
    head = cells;
    if (!head.includes("externalCustomerId"))
      throw new StartRefused(
        `${path} is neither NDJSON nor a JSON array, and as CSV its head line lacks externalCustomerId; ` +
          "write externalCustomerId,serviceProvider,accessToken first.",
      );
  }
}
