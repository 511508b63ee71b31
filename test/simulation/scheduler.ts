/**
 * Virtual time: a heap of moments, taken one at a time. Between two of them everything that can go on without time, a
 * database or a network goes on to its end; so a seed tells the whole story, and the same seed tells it again.
 */
import type { Instant, Millis } from "../../src/core/door.ts";
import type { Dice } from "../search/dice.ts";

/** Whoever can die or stall: of the dead nothing happens any more, of the stalled nothing until it goes on. */
export interface Life {
  alive: boolean;
  stalledUntil: Instant;
}

interface Moment {
  at: Instant;
  /** Among moments of one instant chance decides. */
  order: number;
  life: Life | null;
  /** A look whether there is work: put off for as long as there is none. */
  idle: boolean;
  over: boolean;
  run: () => void | Promise<void>;
}

export interface Scheduler {
  now(): Instant;
  /** Answers how to call it off. */
  after(ms: Millis, life: Life | null, run: Moment["run"], idle?: boolean): () => void;
  /** Resolves after so much virtual time; of nobody's, so nothing keeps it from being. */
  sleep(ms: Millis): Promise<void>;
  /** Runs what comes until then, or until `enough`. */
  until(end: Instant, enough?: () => boolean): Promise<void>;
  /** How many moments were run. */
  steps(): number;
}

export interface SchedulerParts {
  start: Instant;
  dice: Dice;
  /** When something will be due that no moment stands for; Infinity: nothing will. */
  nextDue(): Promise<Instant>;
}

export function createScheduler({ start, dice, nextDue }: SchedulerParts): Scheduler {
  const heap: Moment[] = [];
  let now = start;
  let steps = 0;

  const isBefore = (a: Moment, b: Moment) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(moment: Moment): void {
    let at = heap.push(moment) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!isBefore(moment, heap[up] as Moment)) break;
      heap[at] = heap[up] as Moment;
      at = up;
    }
    heap[at] = moment;
  }

  function pop(): Moment | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && isBefore(heap[down + 1] as Moment, heap[down] as Moment)) down += 1;
      if (!isBefore(heap[down] as Moment, last)) break;
      heap[at] = heap[down] as Moment;
      at = down;
    }
    heap[at] = last;
    return first;
  }

  /** A look that would find nothing waits for the next thing that happens or falls due. */
  async function putOff(moment: Moment): Promise<boolean> {
    const due = await nextDue();
    if (due <= moment.at) return false;
    const others = heap.reduce((least, { at, idle, over }) => (idle || over ? least : Math.min(least, at)), Infinity);
    const to = Math.min(due, others);
    if (to <= moment.at || to === Infinity) return false;
    push({ ...rebind(moment), at: to + dice.below(250), order: dice.below(2 ** 30) });
    return true;
  }

  // The one that is called off must be the one in the heap.
  const moved = new WeakMap<Moment, Moment>();
  function rebind(moment: Moment): Moment {
    const next = { ...moment };
    moved.set(moment, next);
    moment.over = true;
    return next;
  }

  const scheduler: Scheduler = {
    now: () => now,
    steps: () => steps,
    after(ms, life, run, idle = false) {
      const first: Moment = { at: now + Math.max(0, ms), order: dice.below(2 ** 30), life, idle, over: false, run };
      push(first);
      return () => {
        let one: Moment | undefined = first;
        while (one) {
          one.over = true;
          one = moved.get(one);
        }
      };
    },
    sleep: (ms) => new Promise((resolve) => void scheduler.after(ms, null, resolve)),
    async until(end, enough = () => false) {
      while (!enough()) {
        const moment = heap[0];
        if (moment === undefined || moment.at > end) break;
        pop();
        if (moment.over || moment.life?.alive === false) continue;
        if (moment.life && moment.life.stalledUntil > moment.at) {
          push({ ...rebind(moment), at: moment.life.stalledUntil });
          continue;
        }
        if (moment.idle && (await putOff(moment))) continue;
        now = Math.max(now, moment.at);
        steps += 1;
        moment.over = true;
        await moment.run();
        await settled();
      }
      if (!enough()) now = Math.max(now, end);
    },
  };
  return scheduler;
}

/** Every promise that needs neither time nor a wire has run to its end. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
