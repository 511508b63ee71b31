/** The real door: this machine's clock, its randomness and its network. The only file that has them. */
import { randomFillSync } from "node:crypto";
import { lookup } from "node:dns/promises";
import { Agent, fetch as undiciFetch } from "undici";
import type { Door, Millis } from "./core/door.ts";
import type { MovableClock } from "./queue/advance.ts";

/** The library's types and the platform's describe the same things in two ways. */
const send = undiciFetch as unknown as (url: string, init: object) => Promise<Response>;

export function realDoor(): Door & MovableClock {
  let offset: Millis = 0;
  const wall = () => Date.now();
  // Idle sockets are kept a moment only: a provider that closes them first would look like one that is down.
  const agent = new Agent({ keepAliveTimeout: 4_000, connections: 64, connect: { timeout: 10_000 } });
  return {
    now: () => wall() + offset,
    wall,
    // Never backwards: an offset that was read before another was written may arrive after it.
    setOffset: (millis) => {
      offset = Math.max(offset, millis);
    },
    random: openPool(),
    // The library's own fetch: the one built into Node is an older copy of it, and can't be given this agent.
    fetch: (url, init) => send(url, { redirect: "manual", ...init, dispatcher: agent }),
    wait,
  };
}

/** Asked for a few bytes at a time, and often: the source is read for many at once, and no byte of it stays here. */
function openPool(): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(4096);
  let used = pool.length;
  return (bytes) => {
    if (bytes > pool.length) return randomFillSync(new Uint8Array(bytes));
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const taken = pool.slice(used, used + bytes);
    pool.fill(0, used, (used += bytes));
    return taken;
  };
}

/** All addresses of a host, as this machine resolves it. */
export const resolveHost = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

function wait(ms: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal));
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      if (signal) reject(reasonOf(signal));
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

const reasonOf = ({ reason }: AbortSignal): Error => (reason instanceof Error ? reason : new Error(String(reason)));
