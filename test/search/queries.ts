// 300 queries as people type them: each begins as a part of one bank's name, its initials or its address, and then
// suffers what fingers, phones and habits do to it. Made once from a seed; the search has no part in it.

import { type Dice, dice } from "./dice.ts";
import { initialsOf, type Listed, spoken } from "./directory.ts";
import type { Land } from "./places.ts";

export interface Query {
  text: string;
  kind: string;
  /** The bank that was meant. */
  ref: string;
  /** What the application told of the customer's country, if it did. */
  country?: string;
}

const SEED = 4_711;
export const GENERATED = 300;

interface Draft {
  /** What was to be typed, in words without fault. The last one may be a beginning. */
  words: string[];
  text: string;
  unfinished?: true;
}

type Maker = (bank: Listed, dice: Dice) => Draft | null;

const landOf = (bank: Listed): Land => (bank.countries[0] ?? "US") as Land;
const wordsOf = (bank: Listed): string[] => spoken(bank.name, landOf(bank));
const said = (words: string[], text = words.join(" ")): Draft => ({ words, text });

const LITTLE = ["of", "in", "and", "the", "de", "di", "w", "d", "eg", "na"];
/** Left out by people in a hurry. */
const KINDS =
  `bank banco banque banca credit union federal savings association company trust building society cooperative
  caisse caja cassa popular`.split(/\s+/);

const SHORT: Readonly<Record<string, string>> = {
  national: "natl",
  first: "1st",
  saint: "st",
  mount: "mt",
  fort: "ft",
  bank: "bk",
  savings: "svgs",
  community: "comm",
  association: "assn",
  federal: "fed",
  county: "co",
  company: "co",
  municipal: "muni",
  employees: "emp",
  farmers: "frmrs",
  citizens: "citz",
  firefighters: "ff",
  and: "&",
  north: "n",
  south: "s",
  west: "w",
};

const PHRASES: readonly (readonly [string, string])[] = [
  ["federal credit union", "fcu"],
  ["credit union", "cu"],
  ["building society", "bs"],
  ["first national bank", "fnb"],
  ["savings and loan", "s&l"],
  ["federal savings bank", "fsb"],
];

const NEAR: Readonly<Record<string, string>> = Object.fromEntries(
  ["qwertyuiop", "asdfghjkl", "zxcvbnm"].flatMap((row) =>
    [...row].map((key, at) => [key, `${row[at - 1] ?? ""}${row[at + 1] ?? ""}`]),
  ),
);

function slip(word: string, dice: Dice): string {
  // Few people miss the first letter.
  const at = dice.chance(8) ? 0 : 1 + dice.below(word.length - 1);
  const letter = word.charAt(at);
  const before = word.slice(0, at);
  const after = word.slice(at + 1);
  switch (dice.weighed([["near", 4] as const, ["lost", 4] as const, ["twice", 2] as const, ["swapped", 3] as const])) {
    case "near":
      return before + dice.pick([...(NEAR[letter] || "e")]) + after;
    case "lost":
      return before + after;
    case "twice":
      return before + letter + letter + after;
    case "swapped":
      return after === ""
        ? before.slice(0, -1) + letter + before.slice(-1)
        : before + after[0] + letter + after.slice(1);
  }
}

/** One slip in one word of at least four letters, the long ones more often. */
function misspelt(words: readonly string[], dice: Dice): string[] {
  const letters = words.flatMap((word, at) => (word.length > 3 ? Array.from(word, () => at) : []));
  if (letters.length === 0) return [...words];
  const hit = dice.pick(letters);
  return words.map((word, at) => (at === hit ? slip(word, dice) : word));
}

function shortened(words: readonly string[], dice: Dice): string {
  let text = words.join(" ");
  for (const [long, short] of PHRASES) if (dice.chance(70)) text = text.replace(long, short);
  return text
    .split(" ")
    .map((word) => (SHORT[word] && dice.chance(60) ? SHORT[word] : word))
    .join(" ");
}

/** Most of the words, the place among them. */
function kept(bank: Listed, dice: Dice): string[] {
  const words = wordsOf(bank).filter((word) => !LITTLE.includes(word));
  const fewer = words.filter((word) => !KINDS.includes(word) || dice.chance(35));
  return fewer.length > 0 ? fewer : words;
}

const typed = (bank: Listed, dice: Dice): string =>
  dice.pick([bank.name, bank.name.toLowerCase(), bank.name.toUpperCase(), `  ${bank.name.toLowerCase()} `]);

const PATHS = ["", "", "/", "/login", "/personal/banking?utm_source=mail", "/en/home.html#top"];
const HOSTS = ["", "", "www.", "www.", "online.", "secure.", "m."];

const MAKERS: readonly (readonly [string, Maker, number])[] = [
  ["the whole name", (bank, dice) => said(wordsOf(bank), typed(bank, dice)), 10],
  [
    "a beginning",
    (bank, dice) => {
      const text = wordsOf(bank).join(" ");
      const cut = text.slice(0, Math.max(5, Math.ceil(text.length * (0.35 + dice.below(50) / 100)))).trim();
      return { words: cut.split(" "), text: cut, unfinished: true };
    },
    14,
  ],
  [
    "one slip",
    (bank, dice) => {
      const words = dice.chance(60) ? kept(bank, dice) : wordsOf(bank);
      return said(words, misspelt(words, dice).join(" "));
    },
    18,
  ],
  [
    "two slips",
    (bank, dice) => {
      const words = dice.chance(40) ? kept(bank, dice) : wordsOf(bank);
      if (words.join("").length < 12) return null;
      return said(words, misspelt(misspelt(words, dice), dice).join(" "));
    },
    8,
  ],
  [
    "abbreviated",
    (bank, dice) => {
      const words = wordsOf(bank).filter((word) => word === "and" || !LITTLE.includes(word) || dice.chance(50));
      const text = shortened(words, dice);
      return text === words.join(" ") ? null : said(words, text);
    },
    13,
  ],
  [
    "abbreviated, with a slip",
    (bank, dice) => {
      const words = wordsOf(bank);
      const text = shortened(words, dice);
      return text === words.join(" ") ? null : said(words, misspelt(text.split(" "), dice).join(" "));
    },
    4,
  ],
  [
    "initials",
    (bank, dice) => {
      const text = initialsOf(bank.name);
      return text.length < 3 ? null : said([text], dice.chance(50) ? text : text.toUpperCase());
    },
    5,
  ],
  [
    "an address",
    ({ domain }, dice) => {
      if (domain === null) return null;
      const host = dice.pick(HOSTS) + domain;
      return said([domain], dice.chance(55) ? `https://${host}${dice.pick(PATHS)}` : host + dice.pick(["", "", "/"]));
    },
    12,
  ],
  ["words left out", (bank, dice) => said(kept(bank, dice)), 8],
  [
    "words in another order",
    (bank, dice) => {
      const words = kept(bank, dice);
      const turn = 1 + dice.below(Math.max(1, words.length - 1));
      return words.length < 2 ? null : said([...words.slice(turn), ...words.slice(0, turn)]);
    },
    4,
  ],
  [
    "spaces where none belong, or none",
    (bank, dice) => {
      const words = kept(bank, dice);
      const long = words.filter((word) => word.length > 7)[0];
      const text = words.join(" ");
      if (dice.chance(60)) return said(words, words.join(dice.pick(["", "-", "."])));
      return long ? said(words, text.replace(long, `${long.slice(0, 4)} ${long.slice(4)}`)) : null;
    },
    4,
  ],
];

/** What the directory holds, by word: enough to tell whether a query means anything in particular. */
function reader(directory: readonly Listed[]) {
  const texts = directory.map((bank) => ({
    bank,
    words: new Set([...wordsOf(bank), ...bank.aliases.flatMap((alias) => spoken(alias)), initialsOf(bank.name)]),
  }));
  const fits = ({ words, unfinished }: Draft, has: ReadonlySet<string>): boolean =>
    words.every((word, at) =>
      unfinished && at === words.length - 1 ? [...has].some((other) => other.startsWith(word)) : has.has(word),
    );
  /**
   * Whether somebody who knows the directory by heart could answer: of the banks that the faultless words fit, the one
   * that was meant is among the three most popular. Initials that forty banks share mean none of them.
   */
  return (draft: Draft, meant: Listed, country: string | undefined): boolean =>
    draft.words[0]?.includes(".") ||
    texts.filter(
      ({ bank, words }) =>
        bank.rank > meant.rank && (!country || bank.countries.includes(country)) && fits(draft, words),
    ).length < 3;
}

export function makeQueries(directory: readonly Listed[]): Query[] {
  const roll = dice(SEED);
  const answerable = reader(directory);
  const byRank = directory.toSorted((a, b) => b.rank - a.rank);
  const made: Query[] = [];
  while (made.length < GENERATED) {
    // Half of the people look for one of the 2,000 that most people look for.
    const bank = roll.chance(50) ? (byRank[roll.below(2_000)] as Listed) : roll.pick(directory);
    const [kind, make] = roll.weighed(MAKERS.map((maker) => [maker, maker[2]] as const));
    const country = roll.chance(30) ? bank.countries[0] : undefined;
    const draft = make(bank, roll);
    if (draft && draft.text.trim() !== "" && answerable(draft, bank, country)) {
      made.push({ text: draft.text, kind, ref: bank.ref, ...(country !== undefined && { country }) });
    }
  }
  return made;
}
