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
  signal?: AbortSignal;
}

export async function catchAll({ told, signal }: Hunt): Promise<void> {
  const left = [...MUTANTS];
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (let one = left.shift(); one && !signal?.aborted; one = left.shift()) {
        told(await hunt(one, signal));
      }
    }),
  );
}

async function hunt(mutant: Mutant, signal: AbortSignal | undefined): Promise<Hunted> {
  const all = Array.from({ length: MOST_SEEDS }, (_, at) => at + 1);
  const seeds = mutant.seed === undefined ? all : [mutant.seed, ...all];
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
