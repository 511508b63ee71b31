/** A process that runs seeds for `simulate.ts`, one after the other, on a database of its own. */
import { openGround } from "./ground.ts";
import { live, type Told } from "./life.ts";

export type Order = { seed: number; keepLog: boolean };

const ground = await openGround();
/** What nobody hears would end a gateway: of a seed it is the end, too. */
let unheard: Error | null = null;
process.on("unhandledRejection", (error: Error) => void (unheard ??= error));
process.on("message", ({ seed, keepLog }: Order) => {
  void (async () => {
    await ground.level(seed);
    const told: Told = await live(seed, ground.bank, keepLog).catch((error: Error) => ({
      seed,
      broken: `the simulation itself failed: ${error.stack}`,
      hash: "",
      milliseconds: 0,
      steps: 0,
      log: [],
      deaths: 0,
      counts: { events: 0, deliveries: 0, letters: 0, connections: 0 },
    }));
    if (unheard) told.broken ??= `an error that nobody heard: ${unheard.stack}`;
    unheard = null;
    process.send?.(told);
  })();
});
process.on("disconnect", () => void ground.end().then(() => process.exit(0)));
process.send?.("ready");
