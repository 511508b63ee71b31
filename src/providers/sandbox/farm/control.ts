/**
 * The desk behind the counters: here a line is told how its bank shall answer from now on. For demonstrations and
 * tests; it changes answers and nothing else.
 */
import { accountAt } from "./accounts.ts";
import { lineRef, ownerOf, troubleFor } from "./line.ts";
import type { Line, Standing } from "./line.ts";
import { onLine, refuse, say, textOf, textsOf } from "./office.ts";
import type { Fields, Office, Reply } from "./office.ts";
import type { Tidings } from "./letter.ts";
import { ringFor, write } from "./post.ts";

/** `row` as the troubles' table has it, or any `code` at all; `accounts`, `ends` (seconds) where they make sense. */
export function setTrouble(office: Office, ref: string, asked: Fields): Promise<Reply> {
  return onKnownLine(office, ref, (line) => {
    const accounts = textsOf(asked["accounts"]);
    const unknown = accounts.find((one) => !shared(office, line).includes(one));
    if (unknown !== undefined) {
      return { line, reply: refuse("BANK-1101", { words: `accounts: ${unknown} is none of this line's.` }) };
    }
    const trouble = asked["code"] === undefined ? byRow(asked, accounts) : byCode(textOf(asked["code"]), accounts);
    if (trouble === null) {
      const why = accounts.length > 0 ? "cannot be some accounts' alone" : "can be caused by no bank";
      const words = `row: ${textOf(asked["row"])} ${why}.`;
      return { line, reply: refuse("BANK-1101", { words }) };
    }
    return { line: told(office, ref, { ...line, trouble }, "trouble"), reply: say({ set: true }) };
  });
}

export function clearTrouble(office: Office, ref: string): Promise<Reply> {
  return onKnownLine(office, ref, (line) => {
    const { trouble: _, ...rest } = line;
    return { line: told(office, ref, rest, "mended"), reply: say({ set: false }) };
  });
}

function told(office: Office, ref: string, line: Line, tidings: Tidings): Line {
  const owner = ownerOf(office.seed, line);
  return owner === null ? line : write(owner, ref, line, tidings, office.now);
}

/** Whose login it is. */
export const tellLine = (office: Office, ref: string): Promise<Reply> =>
  onKnownLine(office, ref, (line) => ({ line, reply: say({ house: line.house, user: line.user }) }));

function byRow(asked: Fields, accounts: readonly string[]): Standing | null {
  const ends = asked["ends"];
  return troubleFor(textOf(asked["row"]), accounts, typeof ends === "number" ? ends * 1000 : undefined);
}

const byCode = (code: string, accounts: readonly string[]): Standing =>
  accounts.length === 0
    ? { answers: { kind: "code", code }, heals: "bank" }
    : { answers: { kind: "accounts", code }, heals: "bank", accounts };

function shared(office: Office, line: Line): string[] {
  const owner = ownerOf(office.seed, line);
  return owner === null ? [] : line.picked.map((place) => accountAt(owner, place).ref);
}

async function onKnownLine(
  office: Office,
  ref: string,
  turn: (line: Line) => { line: Line; reply: Reply },
): Promise<Reply> {
  const reply = await onLine(office, ref, (line) => {
    const own = line !== null && ref === lineRef(office.seed, office.key, line.house, line.user, line.label);
    if (!own || line.grants === line.ended) return { line, reply: refuse("BANK-4040") };
    return turn(line);
  });
  await ringFor(office, ref);
  return reply;
}
