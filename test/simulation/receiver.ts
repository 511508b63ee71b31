/** The application's endpoint, and the operator's: they take what comes, fail at times, and remember what they took. */
import type { Instant } from "../../src/core/door.ts";
import type { Receiver, World } from "./world.ts";

const HOUR = 3_600_000;

export function openReceiver(world: World): Receiver {
  const taken = new Map<string, Set<string>>();
  const { dice, scheduler, mix } = world;
  /** The hours in which it is down. */
  const from: Instant = scheduler.now() + dice.below(mix.stormy);
  const to: Instant = from + dice.below(8) * HOUR;

  return {
    taken,
    take(url, headers, body) {
      world.watch.posted(url, headers, body);
      const { receiverFails, receiverDown } = world.faults;
      const isDown = receiverDown && scheduler.now() >= from && scheduler.now() < to;
      if (isDown || dice.chance(receiverFails)) {
        const way = dice.below(4);
        // It has it, and does not say so: the event comes once more.
        if (way === 0) return null;
        return { status: way === 1 ? 500 : way === 2 ? 302 : 429, headers: {}, body: "" };
      }
      const known = taken.get(url) ?? new Set();
      taken.set(url, known.add(headers["webhook-id"] ?? ""));
      return { status: 200, headers: {}, body: "" };
    },
  };
}
