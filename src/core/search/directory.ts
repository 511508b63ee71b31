/**
 * All institutions in memory, and which of them a typed text means: by name, alias, initials or address, with slips of
 * the finger, words left out, put together or shortened. Nothing is counted: what an institution scores depends on the
 * text, its own names and which words there are at all, so pages keep their order while banks come and go.
 */
import { hostOf, hostsAbove, labelOf, spellings, wordsOf } from "./fold.ts";
import type { Standing } from "./ranking.ts";
import { readings } from "./readings.ts";
import { fit, initialsOf, tells, type Typed } from "./title.ts";
import { createVocabulary } from "./vocabulary.ts";
import { FULL } from "./word-weights.ts";

export interface Entry {
  id: string;
  name: string;
  /** Larger is more popular. */
  rank: number;
}

/** What it is found by. */
export interface FoundBy {
  names: readonly string[];
  /** Host names, as `hostOf` writes them. */
  hosts: readonly string[];
}

export interface Hit<E extends Entry> extends Standing {
  entry: E;
}

export interface Directory<E extends Entry> {
  /** Adds an institution, or replaces the one of the same id. */
  put(entry: E, by: FoundBy): void;
  remove(id: string): void;
  /** In no order; `ranked` gives them one. */
  find(text: string, wanted?: (entry: E) => boolean): Hit<E>[];
  readonly size: number;
  /** Places of what was replaced or removed; they are not used again. */
  readonly waste: number;
}

/** Of a name; `fit` counts them off in the bits of a number. */
const MOST_WORDS = 30;
/** Who pastes a page means nothing in particular. */
const MOST_TYPED = 12;
const STEP = 0.05;
/** So much of what was typed has to be found. */
const LEAST = 0.5;
const BY_HOST = 2;
const BY_LABEL = 0.95;

/** Places of institutions by a key. Most keys have one place, and an array for each would be most of the memory. */
type Places<Key> = Map<Key, number | number[]>;

export function createDirectory<E extends Entry>(): Directory<E> {
  const vocabulary = createVocabulary();
  const labels = createVocabulary();
  const entries: (E | null)[] = [];
  /** Of each institution, its names: their words' numbers. */
  const titles: number[][][] = [];
  const placeOf = new Map<string, number>();
  const byWord: Places<number> = new Map();
  const byLabel: Places<number> = new Map();
  const byHost: Places<string> = new Map();
  const byInitials: Places<string> = new Map();

  function remove(id: string): void {
    const place = placeOf.get(id);
    if (place === undefined) return;
    // The lists keep the place, which leads to nothing any more.
    entries[place] = null;
    titles[place] = [];
    placeOf.delete(id);
  }

  function put(entry: E, { names, hosts }: FoundBy): void {
    remove(entry.id);
    const place = entries.length;
    const named = names
      .flatMap(spellings)
      .filter((words) => words.length > 0)
      .map((words) => words.slice(0, MOST_WORDS).map(vocabulary.add));
    entries.push(entry);
    titles.push(named);
    placeOf.set(entry.id, place);
    for (const word of new Set(named.flat())) push(byWord, word, place);
    for (const initials of new Set(named.map((name) => initialsOf(name, vocabulary))))
      push(byInitials, initials, place);
    for (const host of hosts) {
      push(byHost, host, place);
      push(byLabel, labels.add(labelOf(host)), place);
    }
  }

  /** The best score of each institution that is worth a look, by its place. */
  function scores(text: string): Float32Array {
    const best = new Float32Array(entries.length);
    const raise = (place: number, score: number): void => {
      if (score > (best[place] as number)) best[place] = score;
    };
    const host = hostOf(text);
    const typedWords = [...new Set(wordsOf(text))].slice(0, MOST_TYPED);
    const hit = host && hostsAbove(host).find((above) => byHost.has(above));
    if (hit) for (const place of at(byHost, hit)) raise(place, BY_HOST);
    const words = host ? [labelOf(host)] : typedWords;
    const joined = words.join("");
    if (joined.length > 3) {
      for (const [label, near] of labels.meanings(joined, true).near) {
        for (const place of at(byLabel, label)) raise(place, near * BY_LABEL);
      }
    }
    const known = new Map<string, Typed>();
    const meant = (word: string, unfinished: boolean): Typed => {
      const key = unfinished ? `${word} ` : word;
      const made = known.get(key) ?? { text: word, ...vocabulary.meanings(word, unfinished) };
      known.set(key, made);
      return made;
    };
    // An address that is none: "first.national.ashton".
    for (const reading of [...readings(words, vocabulary), ...(host ? [typedWords] : [])]) {
      const typed = reading.map((word, place) => meant(word, place === reading.length - 1));
      for (const place of worthALook(typed)) {
        for (const title of titles[place] ?? []) raise(place, fit(typed, title, vocabulary));
      }
    }
    return best;
  }

  /** Whoever has a word that tells something; where none was typed, whoever has enough of the others. */
  function worthALook(typed: readonly Typed[]): Set<number> {
    const telling = typed.filter(tells);
    const places = new Set<number>();
    for (const { text } of typed) for (const place of at(byInitials, text)) places.add(place);
    for (const { near } of telling) {
      for (const word of near.keys()) {
        if (vocabulary.weight(word) === FULL) for (const place of at(byWord, word)) places.add(place);
      }
    }
    if (telling.length > 0) return places;
    const sums = new Float32Array(entries.length);
    let needed = 0;
    for (const { near, weight } of typed) {
      needed += weight * LEAST;
      const most = new Map<number, number>();
      for (const [word, nearness] of near) {
        for (const place of at(byWord, word)) if (nearness > (most.get(place) ?? 0)) most.set(place, nearness);
      }
      for (const [place, nearness] of most) sums[place] = (sums[place] as number) + weight * nearness;
    }
    sums.forEach((sum, place) => {
      if (sum > 0 && sum >= needed) places.add(place);
    });
    return places;
  }

  return {
    put,
    remove,
    find(text, wanted = () => true) {
      const hits: Hit<E>[] = [];
      scores(text).forEach((score, place) => {
        if (score < LEAST) return;
        const entry = entries[place];
        if (!entry || !wanted(entry)) return;
        hits.push({ entry, score: Math.round(score / STEP), rank: entry.rank, name: entry.name, id: entry.id });
      });
      return hits;
    },
    get size() {
      return placeOf.size;
    },
    get waste() {
      return entries.length - placeOf.size;
    },
  };
}

function at<Key>(places: Places<Key>, key: Key): readonly number[] {
  const found = places.get(key);
  return found === undefined ? [] : typeof found === "number" ? [found] : found;
}

function push<Key>(places: Places<Key>, key: Key, place: number): void {
  const found = places.get(key);
  if (found === undefined) places.set(key, place);
  else if (typeof found === "number") places.set(key, [found, place]);
  else found.push(place);
}
