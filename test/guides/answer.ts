// What a guide shows against what was printed. `…` stands for whatever differs each time: within a text, as the last
// entry of a list, or as a line. An answer in JSON may have more fields than the guide shows.

import type { Block } from "./blocks.ts";

/** Null: it is as the guide says. */
export function differs(answer: Block, printed: string): string | null {
  if (answer.language === "text") return textDiffers(answer.text, printed);
  let said: unknown;
  try {
    said = JSON.parse(printed);
  } catch {
    return `no JSON was printed, but: ${printed}`;
  }
  return jsonDiffers(JSON.parse(answer.text), said, "the answer");
}

function jsonDiffers(shown: unknown, said: unknown, where: string): string | null {
  if (typeof shown === "string" && shown.includes("…")) {
    return typeof said === "string" && like(shown).test(said) ? null : unlike(shown, said, where);
  }
  if (Array.isArray(shown)) {
    const open = shown.at(-1) === "…";
    const wanted: unknown[] = open ? shown.slice(0, -1) : shown;
    if (!Array.isArray(said) || said.length < wanted.length) return unlike(shown, said, where);
    if (!open && said.length > wanted.length) return unlike(shown, said, where);
    return first(wanted.map((one, index) => jsonDiffers(one, said[index], `${where}[${index}]`)));
  }
  if (typeof shown === "object" && shown !== null) {
    if (typeof said !== "object" || said === null) return unlike(shown, said, where);
    const fields = said as Record<string, unknown>;
    return first(Object.entries(shown).map(([key, one]) => jsonDiffers(one, fields[key], `${where}.${key}`)));
  }
  return Object.is(shown, said) ? null : unlike(shown, said, where);
}

/** The lines in their order; a line `…` passes over any number of others. */
function textDiffers(shown: string, printed: string): string | null {
  const pattern = shown
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "…" ? "(?:.*\\n)*?" : `${source(line.trimEnd())}[ \\t]*\\n`))
    .join("");
  return new RegExp(`^${pattern}$`).test(`${printed.trimEnd()}\n`)
    ? null
    : `the guide shows\n${shown}\nand not\n${printed}`;
}

const source = (text: string): string => text.split("…").map(literal).join(".*?");
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const like = (text: string): RegExp => new RegExp(`^${source(text)}$`, "s");
const first = (found: (string | null)[]): string | null => found.find((one) => one !== null) ?? null;
const unlike = (shown: unknown, said: unknown, where: string): string =>
  `${where}: the guide shows ${JSON.stringify(shown)}, printed was ${JSON.stringify(said)}`;
