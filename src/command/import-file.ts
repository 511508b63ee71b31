/**
 * The items of an import's file: NDJSON, a JSON array, or CSV with a head line. What can't be read is told by its place
 * in the file and never by its content: there are credentials in it.
 */
import { readFileSync } from "node:fs";
import { StartRefused } from "../config.ts";
import type { Json } from "./ask-gateway.ts";

export interface FileItem {
  /** Its place: 1 is the first. */
  item: number;
  /** Null where it can't be read; `problem` says why. */
  body: Json | null;
  problem: string | null;
}

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

export function readItems(path: string): FileItem[] {
  const text = textOf(path).replace(/^\uFEFF/, "");
  if (text.trim() === "") throw new StartRefused(`${path} is empty; write one connection a line.`);
  if (text.trimStart().startsWith("[")) return arrayOf(path, text).map((one, at) => itemOf(one, at + 1));
  if (text.trimStart().startsWith("{")) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line, at) => itemOf(parsed(line), at + 1));
  }
  return csv(path, text);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new StartRefused(`${path} can't be read (${(error as NodeJS.ErrnoException).code}); name a file to import.`);
  }
}

function arrayOf(path: string, text: string): unknown[] {
  const found = parsed(text);
  if (!Array.isArray(found)) throw new StartRefused(`${path} begins like a JSON array and is none; mend its JSON.`);
  return found as unknown[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function itemOf(found: unknown, item: number): FileItem {
  if (typeof found !== "object" || found === null || Array.isArray(found))
    return { item, body: null, problem: "is no JSON object; write one connection a line" };
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(found)) {
    const ours = NAMES[name] ?? name;
    // A field that nobody reads is a mistyped one: its name alone is told.
    if (!KNOWN.includes(ours))
      return { item, body: null, problem: `has a field ${JSON.stringify(name.slice(0, 40))} that nobody knows` };
    if (value !== null && value !== "") body[ours] = value;
  }
  const { institutionId, institutionName, products, ...rest } = body;
  return {
    item,
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

function csv(path: string, text: string): FileItem[] {
  const [head = [], ...rows] = rowsOf(text);
  if (!head.includes("externalCustomerId"))
    throw new StartRefused(
      `${path} is neither NDJSON nor a JSON array, and as CSV its head line lacks externalCustomerId; ` +
        "write externalCustomerId,serviceProvider,accessToken first.",
    );
  return rows.map((cells, at) =>
    cells.length === head.length
      ? itemOf(Object.fromEntries(head.map((name, column) => [name, cells[column]])), at + 1)
      : { item: at + 1, body: null, problem: `has ${cells.length} cells, and the head line ${head.length}` },
  );
}

/** As RFC 4180 has it: quotes around what has a comma, a quote (doubled) or a line's end in it. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    const row = rows.at(-1) ?? [];
    const last = row.length - 1;
    if (quoted && letter === '"' && text[at + 1] === '"') {
      row[last] += '"';
      at++;
    } else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === ",") row.push("");
    else if (!quoted && letter === "\n") rows.push([""]);
    else if (quoted || letter !== "\r") row[last] += letter;
  }
  return rows.filter((row) => row.length > 1 || row[0] !== "").map((row) => row.map((cell) => cell.trim()));
}
