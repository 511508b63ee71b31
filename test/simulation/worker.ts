/** A process that runs seeds for `simulate.ts`, one after the other, on a database of its own. */
import { openGround } from "./ground.ts";
import { live, type Told } from "./life.ts";

export type Order = { seed: number; keepLog: boolean };

const ground = await openGround();
process.on("message", ({ seed, keepLog }: Order) => {
  void (async () => {
    await ground.level();
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
    process.send?.(told);
  })();
});
process.on("disconnect", () => void ground.end().then(() => process.exit(0)));
process.send?.("ready");
