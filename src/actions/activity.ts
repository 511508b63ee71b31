/**
 * The activity log's pen. What passes is noted in memory and written in batches behind it: nobody waits for the log,
 * and where more happens than it can take, lines are dropped and counted. It holds so many lines and no more, and masks
 * them when it writes them.
 */
import type { Noted, Recorder } from "../core/activity.ts";
import { type Home, homeOf } from "../core/ids.ts";
import { type Line, saveActivities } from "../store/activity.ts";
import { homeFor, mint, randomHome } from "../store/home.ts";
import type { Gateway } from "./gateway.ts";

/** Lines in memory; beyond them the next is dropped. */
export const MOST = 2_000;
/** What their bodies weigh together, in characters. */
export const MOST_WEIGHT = 8_000_000;
/** One write, and how long it waits for company: so many a second at most. */
const BATCH = 250;
const MOMENT = 150;

/** What the database's column holds. */
const MOST_TURNS = 2 ** 31;

type Parts = Pick<Gateway, "db" | "door" | "salt" | "log">;

/** `parts` is asked when it is written: the salt may come later than the pen. */
export function openRecorder(parts: () => Parts, ended: (how: "written" | "dropped", lines: number) => void): Recorder {
  const waiting: (Noted & { turn: number })[] = [];
  let turn = 0;
  let weight = 0;
  let writing: Promise<void> | null = null;
  let hurry = new AbortController();

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      await parts()
        .door.wait(MOMENT, hurry.signal)
        .catch(() => undefined);
      const batch = waiting.splice(0, BATCH);
      weight -= batch.reduce((sum, noted) => sum + noted.weight, 0);
      await write(batch);
    }
  }

  async function write(batch: readonly (Noted & { turn: number })[]): Promise<void> {
    const { db, log } = parts();
    try {
      await saveActivities(
        db,
        batch.map((noted) => lineOf(parts(), noted)),
      );
      ended("written", batch.length);
    } catch (error) {
      // A line that is not there is a small loss; a gateway that waits for its log is a great one.
      ended("dropped", batch.length);
      log.warn({ err: error, lines: batch.length }, "Lines of the activity log were not written");
    }
  }

  return {
    add(noted) {
      if (waiting.length >= MOST || weight + noted.weight > MOST_WEIGHT) return ended("dropped", 1);
      turn = (turn + 1) % MOST_TURNS;
      waiting.push({ ...noted, turn });
      weight += noted.weight;
      writing ??= writeAll().finally(() => {
        writing = null;
      });
    },
    async written() {
      hurry.abort();
      while (writing !== null) await writing;
      hurry = new AbortController();
    },
  };
}

function lineOf({ door, salt }: Parts, noted: Noted & { turn: number }): Line {
  const { connectionId = "", customerId = "", accountId = "", providerConnectionId = "", sessionId = "" } = noted;
  const { externalCustomerId } = noted;
  const home: Home =
    homeOf("connection", connectionId) ??
    homeOf("customer", customerId) ??
    homeOf("account", accountId) ??
    homeOf("providerConnection", providerConnectionId) ??
    homeOf("session", sessionId) ??
    (externalCustomerId === undefined ? randomHome(door) : homeFor(salt, "customer", externalCustomerId));
  return { ...noted, home, id: mint(door, "activity", home), detail: noted.detail() };
}
