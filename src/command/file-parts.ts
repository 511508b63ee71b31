/**
 * The parts of a file, one after another: lines, the entries of a JSON array, rows of CSV. No more of it is in memory
 * than the part at hand, however long the file is.
 */
import { createReadStream } from "node:fs";
import { StartRefused } from "../config.ts";

export type Text = AsyncGenerator<string>;

/** Longer than any connection is. What is longer is no part of anything, and is told so. */
export const LONGEST = 1024 * 1024;

export async function* textOf(path: string): Text {
  try {
    let isFirst = true;
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
      yield isFirst ? String(chunk).replace(/^\uFEFF/, "") : String(chunk);
      isFirst = false;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StartRefused(`${path} can't be read (${code}); name a file to import.`);
  }
}

/** Null: a line that is too long to be one. */
export async function* linesOf(text: Text): AsyncGenerator<string | null> {
  let rest = "";
  let isTooLong = false;
  for await (const chunk of text) {
    const parts = `${rest}${chunk}`.split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      yield isTooLong ? null : part;
      isTooLong = false;
    }
    if (rest.length > LONGEST) [rest, isTooLong] = ["", true];
  }
  if (rest !== "" || isTooLong) yield isTooLong ? null : rest;
}

/** The entries of an array, each as it is written. Throws `wrong` where it is none. */
export async function* entriesOf(text: Text, wrong: () => Error): AsyncGenerator<string> {
  let entry = "";
  let depth = 0;
  let [inText, isEscaped, isOver, isEmpty] = [false, false, false, true];
  for await (const chunk of text) {
    for (const letter of chunk) {
      if (isOver || depth === 0) {
        if (letter.trim() === "") continue;
        if (isOver || letter !== "[") throw wrong();
        depth = 1;
        continue;
      }
      if (inText) {
        inText = isEscaped || letter !== '"';
        isEscaped = !isEscaped && letter === "\\";
      } else if (letter === '"') inText = true;
      else if (letter === "[" || letter === "{") depth++;
      else if (letter === "]" || letter === "}") depth--;
      if (depth === 0 && letter !== "]") throw wrong();
      isOver = depth === 0;
      if (!isOver && (inText || depth > 1 || letter !== ",")) {
        entry += letter;
        if (entry.length > LONGEST) throw wrong();
        continue;
      }
      // An array may be empty, and no entry of it may.
      if (entry.trim() !== "") yield entry;
      else if (!isOver || !isEmpty) throw wrong();
      [entry, isEmpty] = ["", false];
    }
  }
  if (!isOver) throw wrong();
}

/** As RFC 4180 has it: quotes around what has a comma, a quote (doubled) or a line's end in it. */
export async function* rowsOf(text: Text): AsyncGenerator<string[]> {
  let row = [""];
  let [quoted, wasQuote] = [false, false];
  const isRow = () => row.length > 1 || row[0] !== "";
  const add = (letter: string) => {
    row[row.length - 1] += letter;
  };
  for await (const chunk of text) {
    for (const letter of chunk) {
      // Doubled, it is a quote itself; alone, it ends what it began.
      if (letter === '"' && wasQuote) add('"');
      if (letter === '"') [quoted, wasQuote] = [!quoted, quoted];
      else {
        wasQuote = false;
        if (!quoted && letter === ",") row.push("");
        else if (!quoted && letter === "\n") {
          if (isRow()) yield row.map((cell) => cell.trim());
          row = [""];
        } else if (quoted || letter !== "\r") add(letter);
      }
      if (row.length === 1 && (row[0] ?? "").length > LONGEST) row = [""];
    }
  }
  if (isRow()) yield row.map((cell) => cell.trim());
}
