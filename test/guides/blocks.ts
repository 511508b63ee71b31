// The fenced blocks of a page, and what is to be done with each: put into a file, run, or held against what the block
// before it printed. One that can't be run says why, in a comment right above it, and the test prints that.

export const RUN = ["sh", "bash", "js", "ts", "json", "text"] as const;
type Language = (typeof RUN)[number];

export interface Block {
  language: Language;
  line: number;
  text: string;
  /** Said above the block: `<!-- not run: why -->`. */
  notRun: string | null;
  /** Its first line names the file that it is the whole of: `// receive.mjs`. */
  file: string | null;
  /** What it is expected to print: the `json` or `text` block after it. */
  answer: Block | null;
}

const FENCE = /^( *)```(\w*)\s*$/;
const NOT_RUN = /^ *<!-- not run: (.+) -->$/;
const FILE = /^(?:\/\/|#) (\S+\.(?:mjs|m?ts|sh|json))$/;
const RUNNABLE: readonly string[] = ["sh", "bash", "js", "ts"];

export function blocksOf(page: string): Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = "", language = ""] = FENCE.exec(lines[at] ?? "") ?? [];
    if (!FENCE.test(lines[at] ?? "")) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === "```");
    if (end < 0) throw new Error(`The block at line ${at + 1} has no end.`);
    const body = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const notRun = NOT_RUN.exec(lines[at - 1] ?? "")?.[1] ?? null;
    if (isRun(language)) {
      const text = `${body.join("\n")}\n`;
      const block: Block = { language, line: at + 1, text, notRun, file: null, answer: null };
      if (isAnswer(block)) take(blocks, block);
      else blocks.push({ ...block, file: FILE.exec(body[0] ?? "")?.[1] ?? null });
    }
    at = end;
  }
  return blocks;
}

const isRun = (language: string): language is Language => (RUN as readonly string[]).includes(language);
const isAnswer = ({ language, notRun }: Block): boolean => notRun === null && !RUNNABLE.includes(language);

function take(blocks: Block[], answer: Block): void {
  const last = blocks.at(-1);
  if (last === undefined || last.answer !== null || last.file !== null || !RUNNABLE.includes(last.language))
    throw new Error(`Line ${answer.line}: no block that prints something stands before this ${answer.language}.`);
  last.answer = answer;
}
