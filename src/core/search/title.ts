/** How well a typed text fits one name of a bank. */
import type { Meanings, Vocabulary } from "./vocabulary.ts";
import { COMMON, FULL } from "./word-weights.ts";

export interface Typed extends Meanings {
  text: string;
}

/** A word that few names have. Of those that were typed, at least half have to be found. */
export const tells = ({ weight }: Pick<Typed, "weight">): boolean => weight === FULL;

/** A word that tells less is no part of the initials. */
const LITTLE = 0.1;
const BY_INITIALS = 0.8;
/** What the words of a place weigh while none was typed: enough to let a name without any be first. */
const AHEAD = 0.005;

/** The places of the words that initials are made of. */
const spelt = (title: readonly number[], vocabulary: Vocabulary): number[] =>
  title.flatMap((word, at) => (vocabulary.weight(word) > LITTLE ? [at] : []));

const firstLetters = (title: readonly number[], places: readonly number[], vocabulary: Vocabulary): string =>
  String.fromCharCode(...places.map((at) => vocabulary.initial(title[at] as number)));

/** First National Bank of Ashton is fnba. */
export const initialsOf = (title: readonly number[], vocabulary: Vocabulary): string =>
  firstLetters(title, spelt(title, vocabulary), vocabulary);

/**
 * From 0 to 1. Mostly it is how much of what was typed is found in the name; then how much of the name was typed, where
 * what tells little counts for almost nothing; and whether it stands in the same order.
 */
export function fit(typed: readonly Typed[], title: readonly number[], vocabulary: Vocabulary): number {
  // A bit for each word of the title that is spoken for: names have fewer words than a number has bits.
  let [taken, wanted, found, covered, steps, rising, last, open] = [0, 0, 0, 0, 0, 0, -1, 0];
  for (const { text, near, weight } of typed) {
    wanted += weight;
    let [best, place] = [0, -1];
    for (let at = 0; at < title.length; at++) {
      const nearness = (taken >>> at) & 1 ? 0 : (near.get(title[at] as number) ?? 0);
      if (nearness > best) [best, place] = [nearness, at];
    }
    // Who types both initials and the words behind them means one bank, so initials take no word away.
    const run = best < BY_INITIALS ? initialsRun(text, title, vocabulary) : null;
    // All that was typed, for all of the name: as good as an alias.
    if (run?.whole && typed.length === 1) return 1;
    if (run) [best, place] = [BY_INITIALS, run.places[0] as number];
    else if (place >= 0) taken |= 1 << place;
    if (weight === FULL) open += place < 0 ? 1 : -1;
    if (place < 0) continue;
    found += weight * best;
    for (const at of run?.places ?? [place]) covered += vocabulary.weight(title[at] as number) ** 2 * best;
    steps++;
    if (place > last) rising++;
    last = place;
  }
  if (found === 0 || open > 0) return 0;
  // Who has typed "first national bank" so far has left the place for later, and has not left it out.
  const ahead = typed.some(tells) ? 1 : AHEAD;
  const all = title.reduce((sum, word, at) => {
    const weight = vocabulary.weight(word);
    return sum + weight ** 2 * (weight >= COMMON && !((taken >>> at) & 1) ? ahead : 1);
  }, 0);
  const share = covered / all;
  return (found / wanted) * (0.74 + 0.2 * Math.min(1, share) + 0.06 * (rising / steps));
}

/** The places of the words whose first letters were typed: fnb, cu, hccu. Two letters say it of common words alone. */
function initialsRun(
  text: string,
  title: readonly number[],
  vocabulary: Vocabulary,
): { places: readonly number[]; whole: boolean } | null {
  if (text.length < 2 || text.length > title.length) return null;
  const places = spelt(title, vocabulary);
  const start = firstLetters(title, places, vocabulary).indexOf(text);
  if (start < 0) return null;
  const run = places.slice(start, start + text.length);
  if (text.length === 2 && run.some((at) => vocabulary.weight(title[at] as number) === FULL)) return null;
  return { places: run, whole: run.length === places.length };
}
