// Chance that can be had again: every run of a fuzz says its seed, and a failing one the line that replays it.
import type { TestContext } from "node:test";
import fc from "fast-check";

const { BOWLINE_FUZZ_SEED, BOWLINE_FUZZ_CASE, BOWLINE_FUZZ_TIMES } = process.env;
/** One seed for every run of the suite, so that red and green mean the same to everybody; a variable draws others. */
export const SEED = Number(BOWLINE_FUZZ_SEED ?? 20_261_123);
/** How often as many cases are drawn. */
export const TIMES = Number(BOWLINE_FUZZ_TIMES ?? 1);
/** One case is run again, and what is told of all of them does not apply. */
export const isReplay = BOWLINE_FUZZ_CASE !== undefined;

/** More failures than these are of the same few causes. */
const MOST = 12;
/** So many cases are drawn at once, and let go before the next. */
const BLOCK = 100;

/**
 * `runs` cases of one property, all of them whatever fails; each failure is told once, with its first case.
 * `word`: a part of the test file's path, for the line that replays.
 */
export async function fuzz<T>(
  t: TestContext,
  word: string,
  runs: number,
  one: () => fc.Arbitrary<T>,
  holds: (one: T) => Promise<void>,
  shown: (one: T) => unknown = (value) => value,
): Promise<void> {
  const failures = new Map<string, string>();
  const first = Number(BOWLINE_FUZZ_CASE ?? 0);
  const end = isReplay ? first + 1 : Math.ceil(runs * TIMES);
  let drawn: T[] = [];
  let at = first;
  for (; at < end && failures.size < MOST; at++) {
    if (at === first || at % BLOCK === 0) {
      // What draws keeps all that it drew, so each block has one of its own.
      drawn = fc.sample(one(), { seed: SEED + Math.floor(at / BLOCK), numRuns: BLOCK });
    }
    const value = drawn[at % BLOCK] as T;
    try {
      await holds(value);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const cause = why.replace(/[0-9a-f]{8,}|\d+/g, "…").slice(0, 300);
      const again = `BOWLINE_FUZZ_SEED=${SEED} BOWLINE_FUZZ_CASE=${at} npm test -- ${word}`;
      const told = fc.stringify(shown(value)).slice(0, 1500);
      if (!failures.has(cause)) failures.set(cause, `${why}\nreplay: ${again}\ncase: ${told}`);
    }
  }
  t.diagnostic(`${word}: ${at - first} cases, seed ${SEED}`);
  if (failures.size > 0) throw new Error(`${failures.size} failures\n\n${[...failures.values()].join("\n\n")}`);
}

/** No answer takes so long, however busy the machine. */
const PATIENCE = 10_000;

/** What has to come, or the sentence that it did not. */
export async function inTime<T>(coming: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`nothing came in ${PATIENCE / 1000} s`)), PATIENCE);
  });
  return Promise.race([coming, late]).finally(() => clearTimeout(timer));
}
