// Requests from a process of its own, so that asking costs the answerer nothing: so many, so many at once, and how long
// it all took. An answer of another status than the one that is wanted breaks the benchmark.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Agent, request } from "undici";
import { each } from "./gateway.ts";

export interface Asking {
  /** One after the other; begun again where `count` is more. */
  asks: { method: "GET" | "POST"; url: string; body?: string }[];
  count: number;
  atOnce: number;
  headers?: Record<string, string>;
}

export interface Load {
  /** Milliseconds from the first request to the last answer. */
  time(asking: Asking): Promise<number>;
  close(): Promise<void>;
}

export function openLoad(): Load {
  const child = fork(fileURLToPath(import.meta.url));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    time: (asking) =>
      new Promise((resolve, reject) => {
        child.once("message", (told: number | string) =>
          typeof told === "number" ? resolve(told) : reject(new Error(told)),
        );
        child.send(asking);
      }),
    async close() {
      child.disconnect();
      await ended;
    },
  };
}

async function run({ asks, count, atOnce, headers = {} }: Asking): Promise<number> {
  const agent = new Agent({ connections: atOnce, pipelining: 1 });
  try {
    const began = performance.now();
    await each(count, atOnce, async (n) => {
      const { url, method, body } = asks[n % asks.length] as Asking["asks"][0];
      const own = body === undefined ? {} : { body, headers: { ...headers, "content-type": "application/json" } };
      const answer = await request(url, { method, headers, ...own, dispatcher: agent });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${method} ${url}: ${answer.statusCode} ${text}`);
    });
    return performance.now() - began;
  } finally {
    await agent.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on("message", (asking: Asking) => {
    run(asking).then(
      (took) => process.send?.(took),
      (error: unknown) => process.send?.(String(error)),
    );
  });
  process.on("disconnect", () => process.exit(0));
}
