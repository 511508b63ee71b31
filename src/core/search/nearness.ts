/** How near a typed word is to a word of the directory: 1 is the same, 0 is another. */

const LONGEST = 64;
/** Three rows of the table of edits, made once: this is asked some thousand times a search. */
const room = (): Uint8Array => new Uint8Array(LONGEST + 8);
let [before, last, row] = [room(), room(), room()];

/**
 * Edits between two words, where swapping two neighbours is one; more than `most` is told as `most + 1`. With
 * `beginning`, `word` may go on behind: the edits to its nearest beginning.
 */
export function edits(typed: string, word: string, most: number, beginning = false): number {
  const over = most + 1;
  if (typed.length > LONGEST) return typed === word ? 0 : over;
  const width = Math.min(word.length, typed.length + most);
  if (width + most < typed.length || (!beginning && word.length > width)) return over;
  for (let j = 0; j <= width; j++) last[j] = j;
  for (let i = 1; i <= typed.length; i++) {
    const letter = typed.charCodeAt(i - 1);
    const previous = i > 1 ? typed.charCodeAt(i - 2) : -1;
    // What lies further from the diagonal than `most` can't come back.
    const from = Math.max(1, i - most);
    const to = Math.min(width, i + most);
    row.fill(over, 0, width + 1);
    if (from === 1) row[0] = i;
    let least = over;
    for (let j = from; j <= to; j++) {
      const other = word.charCodeAt(j - 1);
      let best = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1);
      best = Math.min(best, (last[j - 1] as number) + (letter === other ? 0 : 1));
      if (j > 1 && previous === other && letter === word.charCodeAt(j - 2)) {
        best = Math.min(best, (before[j - 2] as number) + 1);
      }
      row[j] = best;
      if (best < least) least = best;
    }
    if (least > most && (row[0] as number) > most) return over;
    [before, last, row] = [last, row, before];
  }
  let found = last[width] as number;
  if (beginning) for (let j = 0; j <= width; j++) found = Math.min(found, last[j] as number);
  return Math.min(found, over);
}

/** How many slips a word of this length is forgiven. */
export const forgiven = (length: number): number => (length < 4 ? 0 : length < 6 ? 1 : 2);

/** Whether `typed` leaves letters out of `word`, keeping its first: natl, bk, svgs. */
export function shortens(typed: string, word: string): boolean {
  if (typed.length < 2 || typed.length >= word.length || typed[0] !== word[0]) return false;
  let at = 0;
  for (const letter of word) if (letter === typed[at]) at++;
  return at === typed.length;
}

/** `common` words may be shortened; the word that is still being typed may be a beginning with a slip. */
export function nearness(typed: string, word: string, common: boolean, unfinished: boolean): number {
  if (typed === word) return 1;
  const share = typed.length / word.length;
  if (word.startsWith(typed)) return unfinished ? 0.9 : 0.8 + 0.1 * share;
  const most = forgiven(typed.length);
  if (most > 0) {
    const slips = edits(typed, word, most);
    if (slips <= most) {
      const first = typed[0] === word[0] ? 0 : 0.06;
      return Math.max(0.5, 1 - (1.25 * slips) / Math.max(typed.length, word.length) - first);
    }
  }
  if (common && shortens(typed, word)) return 0.72;
  if (typed.length >= 3 && word.includes(typed)) return 0.62 + 0.1 * share;
  if (typed.length >= 5 && word.length > typed.length && typed[0] === word[0] && edits(typed, word, 1, true) === 1) {
    return (unfinished ? 0.68 : 0.6) + 0.1 * share;
  }
  return 0;
}
