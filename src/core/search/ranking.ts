/** The order of what a search found, and one page of it: without sorting the thousands that nobody will turn to. */

export interface Standing {
  /** Whole steps: what differs by less is the same to people, and the more popular one comes first. */
  score: number;
  rank: number;
  name: string;
  id: string;
}

/** Negative where `a` comes first. */
export function order(a: Standing, b: Standing): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.rank !== b.rank) return b.rank - a.rank;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export interface Ranked<S extends Standing> {
  /** Best first, also where the page ends before a place. */
  page: S[];
  /** How many more lie on the side that was asked for. */
  remaining: number;
}

/** The `limit` that come next after `place`, or the last ones before it. */
export function ranked<S extends Standing>(
  found: readonly S[],
  place: { side: "before" | "after"; at: Standing } | null,
  limit: number,
): Ranked<S> {
  const backward = place?.side === "before";
  const nearer = backward ? (a: S, b: S) => order(b, a) : order;
  const beyond = place
    ? found.filter((one) => (backward ? order(one, place.at) < 0 : order(one, place.at) > 0))
    : found;
  const page: S[] = [];
  for (const one of beyond) {
    const last = page.at(-1);
    if (page.length === limit && last && nearer(one, last) > 0) continue;
    page.splice(whereIn(page, one, nearer), 0, one);
    if (page.length > limit) page.pop();
  }
  return { page: backward ? page.reverse() : page, remaining: beyond.length - page.length };
}

function whereIn<S>(sorted: readonly S[], one: S, order: (a: S, b: S) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(sorted[middle] as S, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
