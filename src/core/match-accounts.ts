/**
 * Tells the accounts of a connection again after a relink, when the provider has new ids for all of them.
 *
 * One account before and one now are the same where something that outlives a link says so and nothing else claims
 * either of them: the provider's persistent id, the account's number, or all that the customer knows it by (the last
 * digits, type, currency and name together). What only may be the same (two alike, a changed name, missing digits) is
 * never guessed: it becomes a question. Two persistent ids that differ are two accounts, whatever else they share.
 */
import type { AccountType } from "./account.ts";

export interface Traits {
  /** Ours of an account before, a key of the question's of one now. */
  id: string;
  persistentRef: string | null;
  /** Keyed hash of the account's numbers. */
  numberHash: string | null;
  type: AccountType;
  mask: string | null;
  /** Null: not told, as where an account does not answer. */
  currency: string | null;
  name: string;
}

/** Which of these is which? */
export interface Question {
  before: string[];
  now: string[];
}

export interface Matching {
  pairs: { before: string; now: string }[];
  questions: Question[];
}

type Tie = (before: Traits, now: Traits) => boolean;
interface Group {
  before: readonly Traits[];
  now: readonly Traits[];
}

const isSame = (a: string | null, b: string | null) => a !== null && a === b;
const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
const plain = (name: string) => name.trim().toLowerCase().replaceAll(/\s+/g, " ");

const isOther: Tie = (a, b) => differ(a.persistentRef, b.persistentRef);
const isOfOneKind: Tie = (a, b) => a.type === b.type && !differ(a.currency, b.currency);
const hasOneName: Tie = (a, b) => plain(a.name) === plain(b.name);
const hasOneNumber: Tie = (a, b) => isSame(a.numberHash, b.numberHash) && !isOther(a, b);
const looksSame: Tie = (a, b) => isSame(a.mask, b.mask) && isOfOneKind(a, b) && hasOneName(a, b);

/** From the strongest word to the weakest. One number may stand for an account in each of several currencies. */
const SURE: readonly Tie[] = [
  (a, b) => isSame(a.persistentRef, b.persistentRef),
  (a, b) => hasOneNumber(a, b) && looksSame(a, b),
  hasOneNumber,
  (a, b) => looksSame(a, b) && !isOther(a, b) && !differ(a.numberHash, b.numberHash),
];

/** Worth a question, and never an answer. */
const mayBe: Tie = (a, b) =>
  isOfOneKind(a, b) &&
  !isOther(a, b) &&
  (isSame(a.mask, b.mask) || ((a.mask === null || b.mask === null) && hasOneName(a, b)));

/** The order of the lists plays no part, and neither does which of them is called "before". */
export function matchAccounts(before: readonly Traits[], now: readonly Traits[]): Matching {
  const pairs: Matching["pairs"] = [];
  const questions: Question[] = [];
  let rest: Group = { before, now };
  for (const tie of SURE) {
    for (const group of tied(rest, tie)) {
      const [one, other] = [group.before[0], group.now[0]];
      const isPair = group.before.length === 1 && group.now.length === 1;
      if (isPair && one && other) pairs.push({ before: one.id, now: other.id });
      else questions.push(asked(group));
      rest = without(rest, group);
    }
  }
  questions.push(...tied(rest, mayBe).map(asked));
  const byFirst = (a: Question, b: Question) => compare(a.before[0] ?? "", b.before[0] ?? "");
  return { pairs: pairs.sort((a, b) => compare(a.before, b.before)), questions: questions.sort(byFirst) };
}

/** All of them at once: asked where a relink has nothing in common with what was there, as with another login. */
export const askedWhole = (before: readonly Traits[], now: readonly Traits[]): Question => asked({ before, now });

const asked = ({ before, now }: Group): Question => ({
  before: before.map(({ id }) => id).sort(compare),
  now: now.map(({ id }) => id).sort(compare),
});

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const without = (all: Group, group: Group): Group => ({
  before: all.before.filter((one) => !group.before.includes(one)),
  now: all.now.filter((one) => !group.now.includes(one)),
});

/** Who hangs together by the tie, directly or through others. Whoever is tied to nobody is in no group. */
function tied(all: Group, tie: Tie): Group[] {
  const groups: Group[] = [];
  let left: Group = all;
  for (const seed of all.before) {
    if (!left.before.includes(seed)) continue;
    let group: Group = { before: [seed], now: [] };
    for (let size = 0; size !== group.before.length + group.now.length; ) {
      size = group.before.length + group.now.length;
      const { before } = group;
      const now = left.now.filter((other) => before.some((one) => tie(one, other)));
      group = { before: left.before.filter((one) => one === seed || now.some((other) => tie(one, other))), now };
    }
    if (group.now.length > 0) groups.push(group);
    left = without(left, group);
  }
  return groups;
}
