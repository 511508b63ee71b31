// Chance that can be had again: every run of a fuzz says its seed, and a failing one the line that replays it.
import type { TestContext } from "node:test";
import fc from "fast-check";

const { BOWLINE_FUZZ_SEED, BOWLINE_FUZZ_PATH, BOWLINE_FUZZ_TIMES } = process.env;
/** One seed for every run of the suite, so that red and green mean the same to everybody; a variable draws others. */
export const SEED = Number(BOWLINE_FUZZ_SEED ?? 20_261_123);
/** How often as many cases are drawn. */
export const TIMES = Number(BOWLINE_FUZZ_TIMES ?? 1);
/** One case is run again, and what is told of all of them does not apply. */
export const isReplay = BOWLINE_FUZZ_PATH !== undefined;

/** More failures than these are of the same few causes. */
const MOST = 12;

/**
 * `runs` cases of one property, all of them whatever fails; each failure is told once, with its first case.
 * `word`: a part of the test file's path, for the line that replays.
 */
export async function fuzz<T>(
  t: TestContext,
  word: string,
  runs: number,
  one: fc.Arbitrary<T>,
  holds: Holds<T>,
  told: (one: T) => unknown = (one) => one,
) {
  const failures = new Map<string, string>();
  let at = Number(BOWLINE_FUZZ_PATH ?? 0);
  const survives = async (value: T): Promise<boolean> => {
    const path = at++;
    try {
      await holds(value);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const cause = why.replace(/[0-9a-f]{8,}|\d+/g, "…").slice(0, 300);
      const again = `BOWLINE_FUZZ_SEED=${SEED} BOWLINE_FUZZ_PATH=${path} npm test -- ${word}`;
      if (!failures.has(cause))
        failures.set(cause, `${why}\nreplay: ${again}\ncase: ${fc.stringify(told(value)).slice(0, 1500)}`);
    }
    return failures.size < MOST;
  };
  const numRuns = isReplay ? 1 : Math.ceil(runs * TIMES);
  const path = BOWLINE_FUZZ_PATH;
  const { numRuns: ran } = await fc.check(fc.asyncProperty(one, survives), {
    seed: SEED,
    numRuns,
    ...(path !== undefined && { path }),
    endOnFailure: true,
  });
  t.diagnostic(`${word}: ${ran} cases, seed ${SEED}`);
  if (failures.size > 0) throw new Error(`${failures.size} failures\n\n${[...failures.values()].join("\n\n")}`);
}

type Holds<T> = (one: T) => Promise<void>;

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
