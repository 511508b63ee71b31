// What every counter of the farm works with: a request, an answer, the seal and the memory.
import type { Instant, Millis } from "../../../core/door.ts";
import { seconds } from "./days.ts";
import { asJson, asLine, lineKey } from "./line.ts";
import type { Line } from "./line.ts";
import type { FarmMemory, Json } from "./memory.ts";
import type { Seal } from "./seal.ts";
import { isWord, WORDS } from "./words.ts";

/** One HTTP request, its path counted from where the farm is mounted. Names of headers in lower case. */
export interface FarmRequest {
  method: string;
  path: string;
  query: Readonly<Record<string, string | undefined>>;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

/** "never": the caller is kept waiting until it leaves. */
export type Reply = { status: number; body: Json; after?: Millis } | "never";

export interface Office {
  memory: FarmMemory;
  seal: Seal;
  seed: string;
  key: string;
  now: Instant;
  /** Real time, for signatures alone. */
  wall: Instant;
  /** Told when a line's post is to be looked at; absent: nobody carries it. */
  ring?: (line: string, at: Instant) => Promise<void>;
}

export const say = (body: Json): Reply => ({ status: 200, body: { reply: body } });

/** `again`: when it is worth asking again. A code that is not published has no sentence either. */
export function refuse(code: string, more: { words?: string; again?: Instant } = {}): Reply {
  const [status, sentence] = isWord(code) ? WORDS[code] : [500, "?"];
  const again = more.again === undefined ? undefined : seconds(more.again);
  return { status, body: { fault: { code, words: more.words ?? sentence, again } } };
}

export type Fields = { readonly [name: string]: Json | undefined };

/** The body as an object; null for anything else. */
export function fieldsOf(request: Pick<FarmRequest, "body">): Fields | null {
  try {
    const json = JSON.parse(request.body === "" ? "{}" : request.body) as Json;
    return asFields(json);
  } catch {
    return null;
  }
}

export const asFields = (json: Json): Fields | null =>
  typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Fields) : null;

export const textOf = (json: Json | undefined): string => (typeof json === "string" ? json : "");

export const textsOf = (json: Json | undefined): string[] =>
  Array.isArray(json) ? (json as Json[]).filter((one) => typeof one === "string") : [];

/** One atomic step on a line; null: the farm remembers no such line, and still does not afterwards. */
export function onLine(
  office: Office,
  ref: string,
  turn: (line: Line | null) => { line: Line | null; reply: Reply },
): Promise<Reply> {
  return office.memory.change(lineKey(ref), (document) => {
    const before = asLine(document);
    const { line, reply } = turn(before);
    // The same object goes back as it came, so that a memory can see that there is nothing to write.
    return { document: line === before || line === null ? document : asJson(line), answer: reply };
  });
}
