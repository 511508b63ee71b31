// A receiver on loopback: keeps what it gets, and answers as it is told.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { kept } from "../canary.ts";

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  json: {
    eventType: string;
    eventId: string;
    profileId: string | null;
    accountId: string;
    version: string;
    timestamp: string;
    payload: Record<string, unknown>;
  };
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export type Answer = Reply | "never" | "hang up";

type Answerer = (received: Received, count: number) => Answer | Promise<Answer>;

export async function openReceiver(answer: Answerer = () => ({ status: 200 })) {
  const received: Received[] = [];
  const state = { answer, underWay: 0, mostUnderWay: 0 };
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    state.underWay++;
    state.mostUnderWay = Math.max(state.mostUnderWay, state.underWay);
    response.on("close", () => state.underWay--);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      kept("webhook", "an endpoint", `${JSON.stringify(request.headers)} ${body}`);
      const one: Received = { headers: request.headers, body, json: JSON.parse(body) as Received["json"] };
      received.push(one);
      for (const look of waiting) look();
      void Promise.resolve(state.answer(one, received.length)).then((reply) => {
        if (reply === "never") return;
        if (reply === "hang up") return void request.socket.destroy();
        response.writeHead(reply.status, reply.headers).end(reply.body ?? "");
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks?for=test`,
    received,
    state,
    setAnswer: (next: typeof answer) => {
      state.answer = next;
    },
    /** Resolves when so many have come. */
    async until(count: number): Promise<void> {
      if (received.length >= count) return;
      await new Promise<void>((resolve) => {
        const look = () => {
          if (received.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
