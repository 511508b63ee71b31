/** Looks for each planted bug: first with the seed that caught it before, then with all from the first on. */
import { join } from "node:path";
import { runSeeds, WIDTH } from "./crew.ts";
import type { Told } from "./life.ts";
import { type Mutant, MUTANTS } from "./mutants.ts";

export interface Hunted {
  name: string;
  caught: Told | null;
  seeds: number;
}

const PLANT = join(import.meta.dirname, "plant.ts");
/** What is not caught by then counts as missed. */
const MOST_SEEDS = 200;

export interface Hunt {
  told(hunted: Hunted): void;
  /** Only with the seeds that are known to catch. */
  remembered?: boolean;
  signal?: AbortSignal;
}

export async function catchAll({ told, remembered = false, signal }: Hunt): Promise<void> {
  const left = [...MUTANTS];
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (let one = left.shift(); one && !signal?.aborted; one = left.shift()) {
        told(await hunt(one, remembered, signal));
      }
    }),
  );
}

async function hunt(mutant: Mutant, remembered: boolean, signal: AbortSignal | undefined): Promise<Hunted> {
  const seeds = mutant.seed === undefined ? [] : [mutant.seed];
  if (!remembered) for (let seed = 1; seed <= MOST_SEEDS; seed++) seeds.push(seed);
  let caught: Told | null = null;
  let tried = 0;
  await runSeeds({
    next: () => (caught ? null : (seeds[tried++] ?? null)),
    told: (one) => {
      if (one.broken !== null) caught ??= one;
    },
    imports: [PLANT],
    mutant: mutant.name,
    width: 1,
    ...(signal && { signal }),
  });
  return { name: mutant.name, caught, seeds: Math.min(tried, seeds.length) };
}
