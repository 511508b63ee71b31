/**
 * The application: it asks whichever process answers, and asks again with the same idempotency key until it is told
 * yes or no. So whatever it was told is known, and nothing that it asked is left in doubt.
 */
import { setTimeout as wait } from "node:timers/promises";
import { KEY } from "./outside.ts";

export interface Said {
  status: number;
  body: Record<string, unknown>;
  /** How often it had to be asked. */
  times: number;
}

export interface Client {
  ask(method: string, path: string, body?: object, key?: string): Promise<Said>;
  /** Why something had to be asked again, and how often. */
  again: Map<string, number>;
  /** What is asked now, since when, and why again. */
  waiting: Map<object, string>;
}

const PATIENCE = 120_000;
const ANSWER = 25_000;
const PAUSE = 100;

/** Of a link nobody can tell by these whether it was done; what a crash used up of a bank's is begun anew. */
const OF_A_LINK: readonly unknown[] = ["PROVIDER_REFUSED", "TOO_EARLY", "SESSION_OVER"];

const isDoubtful = (path: string, status: number, code: unknown): boolean =>
  status >= 500 || (path === "/sandbox/connections" && OF_A_LINK.includes(code));

export function createClient(doors: () => readonly string[]): Client {
  const again = new Map<string, number>();
  const waiting = new Map<object, string>();
  let turn = 0;

  async function once(method: string, url: string, body?: object, key?: string): Promise<Omit<Said, "times">> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body && { "content-type": "application/json" }),
        ...(key && { "idempotency-key": key }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Said["body"]) };
  }

  return {
    again,
    waiting,
    async ask(method, path, body, key) {
      const self = {};
      waiting.set(self, `${method} ${path}`);
      try {
        return await insist(self, method, path, body, key);
      } finally {
        waiting.delete(self);
      }
    },
  };

  async function insist(self: object, method: string, path: string, body?: object, key?: string): Promise<Said> {
    const end = performance.now() + PATIENCE;
    for (let times = 1; ; times++) {
      const all = doors();
      const door = all[turn++ % all.length] ?? "";
      let why: string;
      try {
        const said = await once(method, door + path, body, key);
        if (!isDoubtful(path, said.status, said.body["code"])) return { ...said, times };
        why = `${said.status} ${String(said.body["code"])}`;
      } catch (error) {
        why = (error as Error).name === "TimeoutError" ? "no answer in time" : "a lost connection";
      }
      waiting.set(self, `${method} ${path}: ${why}`);
      again.set(why, (again.get(why) ?? 0) + 1);
      if (performance.now() > end) throw new Error(`${method} ${path} was in vain ${times} times: ${why}`);
      await wait(PAUSE);
    }
  }
}
