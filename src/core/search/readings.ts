/** The ways in which a typed text may be meant: as it stands, with words put together, or taken apart. */
import type { Vocabulary } from "./vocabulary.ts";

const MOST = 6;

const WINDS: Readonly<Record<string, string>> = { n: "north", s: "south", e: "east", w: "west" };

/** The text as it stands comes first. */
export function readings(words: readonly string[], vocabulary: Vocabulary): string[][] {
  const found: string[][] = [[...words]];
  for (let at = 0; at + 1 < words.length && found.length < MOST; at++) {
    const [one = "", other = ""] = words.slice(at, at + 2);
    const joined = `${WINDS[one] ?? one}${other}`;
    if (joined.length >= 5 && vocabulary.knows(joined)) {
      found.push([...words.slice(0, at), joined, ...words.slice(at + 2)]);
    }
  }
  const apart = words.map((word) => (vocabulary.has(word) ? null : takeApart(word, vocabulary)) ?? [word]);
  if (apart.some((parts) => parts.length > 1)) found.push(apart.flat());
  return found;
}

/** Longer than any word of a name, so that a long text costs no square of its length. */
const LONGEST_PART = 24;

/** Into words of the directory, few and long ones; null where that is not possible. */
function takeApart(word: string, vocabulary: Vocabulary): string[] | null {
  if (word.length < 6) return null;
  const best: ({ parts: string[]; cost: number } | undefined)[] = [{ parts: [], cost: 0 }];
  for (let end = 1; end <= word.length; end++) {
    for (let start = Math.max(0, end - LONGEST_PART); start < end; start++) {
      const before = best[start];
      const part = word.slice(start, end);
      // Single letters fit anywhere and say nothing.
      if (!before || part.length < 2 || !vocabulary.has(part)) continue;
      const cost = before.cost + 1 + 2 / part.length;
      const held = best[end];
      if (!held || cost < held.cost) best[end] = { parts: [...before.parts, part], cost };
    }
  }
  return best[word.length]?.parts ?? null;
}
