/** A client of the simulated gateway: it asks until it is answered, as one does who sends an idempotency key. */
import type { Gateway } from "../../src/actions/gateway.ts";
import { Refusal } from "../../src/core/refusal.ts";
import { DatabaseAway } from "../../src/store/database.ts";
import { Broken, type World } from "./world.ts";

export type Ask = <T>(what: string, call: (gateway: Gateway) => Promise<T>) => Promise<T>;

/** Of whichever process lives, until one answers. A refusal is an answer; what is neither breaks the seed. */
export const askOf =
  (world: World): Ask =>
  async (what, call) => {
    const { dice, scheduler } = world;
    for (;;) {
      const machine = await world.anyMachine();
      world.trace(`client: ${what}`);
      const tried = call(machine.gateway).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      const late = scheduler.sleep(60_000).then(() => null);
      const ended = await Promise.race([tried, machine.dead.then(() => null), late]);
      if (ended && "value" in ended) return ended.value;
      const error = ended?.error;
      if (error instanceof Refusal && !LATER.has(error.code)) throw error;
      // Some give up.
      if (error instanceof Refusal && dice.chance(30)) throw error;
      const isOurs = error === undefined || error instanceof Refusal || error instanceof DatabaseAway;
      if (!isOurs && (error as Error).name !== "LeaseLost") {
        world.breaks(new Broken(`${what} threw: ${(error as Error).stack}`));
        throw error;
      }
      await scheduler.sleep(500 + dice.below(20_000));
    }
  };

/** Ask again. */
const LATER: ReadonlySet<string> = new Set(["TOO_EARLY", "PROVIDER_UNAVAILABLE"]);

export function isRefused(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}
