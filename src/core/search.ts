/**
 * Finds names by what people type: half a word, two words run together, the wrong letter. A directory of banks is
 * small, so its words are compared one by one; the same word in a thousand names is compared once.
 */

export interface Findable {
  name: string;
  /** Larger is more popular: decides among names that fit equally well. */
  rank: number;
  /** Another way to say it, like the address of its site. */
  alias?: string | null;
}

export interface Directory<T extends Findable> {
  entries: readonly { item: T; words: readonly string[]; joined: string; initials: string }[];
  words: readonly string[];
}

/** Small letters without marks; everything that is no letter or digit parts words. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

export function directoryOf<T extends Findable>(items: readonly T[]): Directory<T> {
  const entries = items.map((item) => {
    const name = wordsOf(item.name);
    const alias = wordsOf((item.alias ?? "").replace(/\.\w+$/, ""));
    const initials = name.map((word) => word.charAt(0)).join("");
    return { item, words: [...new Set([...name, ...alias])], joined: name.join(""), initials };
  });
  return { entries, words: [...new Set(entries.flatMap(({ words }) => words))] };
}

/** The best fits first; without a word to look for, the popular ones. */
export function find<T extends Findable>(directory: Directory<T>, typed: string, most: number): T[] {
  const wanted = wordsOf(typed).slice(0, 8);
  if (wanted.length === 0) {
    return directory.entries
      .map(({ item }) => item)
      .toSorted((a, b) => b.rank - a.rank || a.name.localeCompare(b.name, "en"))
      .slice(0, most);
  }
  const fits = wanted.map((word) => new Map(directory.words.map((other) => [other, likeness(word, other)])));
  const joined = wanted.join("");
  const scored = directory.entries.flatMap((entry) => {
    const each = fits.map((fit) => Math.max(0, ...entry.words.map((word) => fit.get(word) ?? 0)));
    const strange = each.filter((score) => score === 0).length;
    const byWords = strange > Math.floor(wanted.length / 3) ? 0 : sum(each) / each.length;
    const score = Math.max(byWords, asOne(joined, entry));
    return score > 0 ? [{ item: entry.item, score }] : [];
  });
  return scored
    .toSorted((a, b) => b.score - a.score || b.item.rank - a.item.rank || a.item.name.localeCompare(b.item.name, "en"))
    .slice(0, most)
    .map(({ item }) => item);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Typed without spaces, or as initials. */
function asOne(typed: string, { joined, initials }: { joined: string; initials: string }): number {
  if (typed.length < 2) return 0;
  if (joined.startsWith(typed)) return 0.95;
  return initials.length > 1 && initials === typed ? 0.7 : 0;
}

/** 1 for the same word, less for its beginning, less for a slip of the finger, 0 for another word. */
function likeness(typed: string, word: string): number {
  if (typed === word) return 1;
  if (word.startsWith(typed)) return 0.9;
  const slips = slipsAllowed(typed.length);
  if (slips === 0) return 0;
  const whole = distance(typed, word, slips);
  // While somebody types, the word has only its beginning.
  const begun = word.length > typed.length ? distance(typed, word.slice(0, typed.length), slips) : Infinity;
  const scores = [0.75 - 0.15 * whole, 0.7 - 0.15 * begun];
  return Math.min(whole, begun) > slips ? 0 : Math.max(...scores);
}

const slipsAllowed = (length: number): number => (length < 4 ? 0 : length < 8 ? 1 : 2);

/** How many letters are wrong, missing, too many, or changed places; more than `most` is not counted out. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(at(old, j) + 1, at(row, j - 1) + 1, at(old, j - 1) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(older, j - 2) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return Infinity;
    older = old;
    old = row;
  }
  return at(old, b.length);
}

const at = (row: readonly number[], place: number): number => row[place] ?? Infinity;
