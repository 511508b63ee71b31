// A receiver of webhooks in a process of its own, so that receiving costs the sender nothing: answers 200 at once, or
// never where the path says so, and tells when as many have come as were asked for.

import { fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

export interface Receiver {
  url: string;
  /** Resolves when so many more have come. */
  expect(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const child = fork(fileURLToPath(import.meta.url));
  const told = () => new Promise<unknown>((resolve) => child.once("message", resolve));
  const port = (await told()) as number;
  return {
    url: `http://127.0.0.1:${port}`,
    async expect(count) {
      child.send(count);
      await told();
    },
    async close() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let left = Infinity;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url?.startsWith("/never")) return;
      response.writeHead(200).end();
      if (--left === 0) process.send?.("all");
    });
  });
  process.on("message", (count: number) => {
    left = count;
  });
  process.on("disconnect", () => process.exit(0));
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}
