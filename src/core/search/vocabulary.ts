/** All words of a directory, each once, and which of them a typed word may mean. */
import { edits, forgiven, nearness } from "./nearness.ts";
import { COMMON, FULL, weightOf } from "./word-weights.ts";

export interface Meanings {
  /** By the word's number. */
  near: ReadonlyMap<number, number>;
  /** What the typed word tells: as much as the word that it is nearest to. */
  weight: number;
}

export interface Vocabulary {
  /** Its number; a new one if need be. */
  add(word: string): number;
  has(word: string): boolean;
  /** Has it, or one that differs by a single slip. */
  knows(word: string): boolean;
  /** What a word tells of which bank is meant. */
  weight(number: number): number;
  /** Its first letter, as a code. */
  initial(number: number): number;
  meanings(typed: string, unfinished: boolean): Meanings;
}

/** Letters as bits, so that words without enough letters in common are passed over without a look. */
function lettersOf(word: string): number {
  let bits = 0;
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    bits |= 1 << (code >= 97 && code <= 122 ? code - 97 : 26 + (code % 6));
  }
  return bits;
}

function count(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** As near as a word is to what it is shortened to, and a little less. */
const SHORTENED = 0.7;

export function createVocabulary(): Vocabulary {
  const numbers = new Map<string, number>();
  const words: string[] = [];
  let letters = new Int32Array(1024);
  let lengths = new Uint16Array(1024);
  let weights = new Float32Array(1024);

  function grow(): void {
    const size = words.length * 2;
    const [wider, longer, heavier] = [new Int32Array(size), new Uint16Array(size), new Float32Array(size)];
    wider.set(letters);
    longer.set(lengths);
    heavier.set(weights);
    [letters, lengths, weights] = [wider, longer, heavier];
  }

  /** Numbers of the words that may differ from `typed` by no more than `most` slips, or go on behind it. */
  function* candidates(typed: string, most: number, longest: number): Generator<number> {
    const bits = lettersOf(typed);
    const least = typed.length - most;
    for (let number = 0; number < words.length; number++) {
      if (count(bits & ~(letters[number] as number)) > most) continue;
      const length = lengths[number] as number;
      if (length >= least && length <= longest) yield number;
    }
  }

  return {
    add(word) {
      const known = numbers.get(word);
      if (known !== undefined) return known;
      const number = words.length;
      if (number === letters.length) grow();
      numbers.set(word, number);
      words.push(word);
      letters[number] = lettersOf(word);
      lengths[number] = word.length;
      weights[number] = weightOf(word);
      return number;
    },
    has: (word) => numbers.has(word),
    knows(word) {
      if (numbers.has(word)) return true;
      if (forgiven(word.length) < 2) return false;
      for (const number of candidates(word, 1, word.length + 1)) {
        if (edits(word, words[number] as string, 1) === 1) return true;
      }
      return false;
    },
    weight: (number) => weights[number] as number,
    initial: (number) => words[number]?.charCodeAt(0) ?? 0,
    meanings(typed, unfinished) {
      const near = new Map<number, number>();
      const most = Math.max(forgiven(typed.length), typed.length >= 5 ? 1 : 0);
      let [best, weight, shared] = [0, FULL, FULL];
      for (const number of candidates(typed, most, Infinity)) {
        const word = words[number] as string;
        const tells = weights[number] as number;
        const found = nearness(typed, word, tells < FULL, unfinished);
        if (found === 0) continue;
        near.set(number, found);
        if (found > best || (found === best && tells > weight)) [best, weight] = [found, tells];
        if (found > SHORTENED && tells < shared) shared = tells;
      }
      // What means nothing here can't tell one bank from another.
      if (near.size === 0) return { near, weight: COMMON };
      // A single letter is anything's beginning; two or three are mostly what somebody made of a longer word.
      const told = typed.length > 1 ? weight : COMMON;
      return { near, weight: typed.length < 4 ? Math.min(told, shared) : told };
    },
  };
}
