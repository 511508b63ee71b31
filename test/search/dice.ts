// Chance that can be had again: the same seed rolls the same numbers on every machine and for ever.

export interface Dice {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number;
  /** True so often out of a hundred. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** One of the pairs' first parts, as often as its second part says among all. */
  weighed<T>(from: readonly (readonly [T, number])[]): T;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  // Mulberry32: 32 bits of state are plenty for test data, and it is one line of whole-number arithmetic.
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(roll() * limit);
  return {
    below,
    chance: (percent) => roll() * 100 < percent,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    weighed(from) {
      let left = roll() * from.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [one, weight] of from) if ((left -= weight) < 0) return one;
      return (from.at(-1) as (typeof from)[number])[0];
    },
  };
}
