/** A name that stands in one cell of a list: on a terminal, with tabs between, as in a log. */

/** Signs that no eye sees and that move, cut or turn around what stands beside them. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

export const NOT_ONE_LINE = "has a tab, a line's end or another control character in it";

/** The beginning of a text from outside. A pair that the cut goes through could be kept nowhere. */
export const beginning = (text: string, most: number): string => text.slice(0, most).toWellFormed();

export const isOneLine = (text: string): boolean => !UNSEEN.test(text);
