/** How a start and a stop wait: for a database that is late, for an answer in time, for the next look. */
import type { Door, Millis } from "./core/door.ts";
import { type Database, DatabaseAway } from "./store/database.ts";

const AGAIN = 1000;

/** Tries until the database is there; says once that it is waited for. What the database refuses is not waited for. */
export async function patient(
  prepare: () => Promise<void>,
  say: (sentence: string) => void,
  door: Door,
  asked: AbortSignal,
): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      await orAborted(prepare, asked);
      if (told) say("The database is there.");
      return;
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw error;
      const cause = (error.cause ?? error) as NodeJS.ErrnoException;
      const why = `The database can't be reached (${cause.message || cause.code}); waiting for it.`;
      if (!told) say(`${why} Check DATABASE_URL if it should be there.`);
      await door.wait(AGAIN, asked);
    }
  }
}

async function orAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const reject = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", reject, { once: true });
  return Promise.race([work(), aborted.promise]).finally(() => signal.removeEventListener("abort", reject));
}

/** What `work` answers, or null where it takes longer. */
export async function inTime<T>(work: Promise<T>, ms: Millis, door: Door): Promise<T | null> {
  const over = new AbortController();
  const late = door.wait(ms, over.signal).then(
    () => null,
    () => null,
  );
  return Promise.race([work, late]).finally(() => over.abort());
}

/** Again and again until the signal, whatever comes of it: for what the next time makes good. */
export async function repeat(work: () => Promise<void>, pause: Millis, door: Door, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work().catch(() => undefined);
    await door.wait(pause, signal).catch(() => undefined);
  }
}

/** Until the installation is prepared, the database counts as away for everybody else. */
export function gated(db: Database, isOpen: () => boolean): Database {
  const check = () => {
    if (!isOpen()) throw new DatabaseAway("the database is not prepared yet");
  };
  return {
    rows: async (text, values) => {
      check();
      return db.rows(text, values);
    },
    row: async (text, values) => {
      check();
      return db.row(text, values);
    },
    run: async (text, values) => {
      check();
      return db.run(text, values);
    },
    tx: async (name, work) => {
      check();
      return db.tx(name, work);
    },
    close: db.close,
  };
}

/** One call after another, in the order in which they came: two steps of the clock are the sum of both. */
export function inTurn<In, Out>(work: (input: In) => Promise<Out>): (input: In) => Promise<Out> {
  let last: Promise<unknown> = Promise.resolve();
  return (input) => {
    const mine = last.then(() => work(input));
    last = mine.catch(() => undefined);
    return mine;
  };
}
