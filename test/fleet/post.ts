/** Carries what the fake banks write to whichever of the gateway's processes takes it, and remembers what was taken. */
import type { Clock } from "../../src/core/door.ts";
import type { Farm } from "../../src/providers/sandbox/farm/farm.ts";

export interface Post {
  ring(line: string, at: number): Promise<void>;
  open(farm: Farm): void;
  /** The banks' own numbers of the letters that the gateway answered with a 2xx. */
  taken: Set<string>;
  /** How long each of them took to be answered, in milliseconds of real time; the latest ones. */
  took: number[];
  refused: Map<number, number>;
  end(): Promise<void>;
}

const LOOK = 50;
const AT_ONCE = 8;

export function openPost({ now }: Pick<Clock, "now">, doors: () => readonly string[]): Post {
  const rung = new Map<string, number>();
  const taken = new Set<string>();
  const took: number[] = [];
  const refused = new Map<number, number>();
  const inHand = new Set<Promise<void>>();
  let farm: Farm | null = null;
  let turn = 0;
  let isOver = false;

  const ring = async (line: string, at: number): Promise<void> => {
    rung.set(line, Math.min(at, rung.get(line) ?? Infinity));
  };

  async function send(url: string, init: RequestInit): Promise<Response> {
    const all = doors();
    const door = all[turn++ % all.length] ?? "";
    const since = performance.now();
    const response = await fetch(door + new URL(url).pathname, { ...init, signal: AbortSignal.timeout(10_000) });
    if (response.ok) {
      taken.add((JSON.parse(init.body as string) as { letter: string }).letter);
      took.push(performance.now() - since);
    } else refused.set(response.status, (refused.get(response.status) ?? 0) + 1);
    return response;
  }

  async function carry(line: string): Promise<void> {
    const next = await farm?.post(line, send);
    if (typeof next === "number") await ring(line, next);
  }

  function look(): void {
    const due = now();
    for (const [line, at] of rung) {
      if (inHand.size >= AT_ONCE) return;
      if (at > due) continue;
      rung.delete(line);
      const carried = carry(line).finally(() => inHand.delete(carried));
      inHand.add(carried);
    }
  }

  const clock = setInterval(look, LOOK);
  return {
    ring,
    open: (given) => {
      farm = given;
    },
    taken,
    took,
    refused,
    async end() {
      if (!isOver) clearInterval(clock);
      isOver = true;
      await Promise.all(inHand);
    },
  };
}
