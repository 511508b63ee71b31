/**
 * A gate on the road between a gateway and its farm: it counts who passes, and a test may answer in the farm's place or
 * change what the farm answered. The gateway knows nothing of it but its address.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { startGateway, type Json, type TestGateway } from "./gateway.ts";

export interface Passing {
  /** As the farm's list of counters has it: `GET /line/accounts`. */
  counter: string;
  headers: Record<string, string>;
  body: string;
}

export interface Reply {
  status: number;
  body: Json;
}

/** Stands in the way of one passing; `pass` lets it through to the farm. */
export type Turn = (passing: Passing, pass: () => Promise<Reply>) => Promise<Reply>;

export interface Gate {
  /** Everything that passed, or wanted to, oldest first. */
  passed: Passing[];
  /** From now on this stands in the way; null: nothing does. */
  turn: Turn | null;
  /** At the desk where a bank is told how to answer: whatever is done here, the gateway is not told. */
  desk(method: "PUT" | "DELETE", line: string, body?: Json): Promise<void>;
}

/** A fault as the farm tells it. */
export const fault = (status: number, code: string, more: Json = {}): Reply => ({
  status,
  body: { fault: { code, words: "the gate says so", ...more } },
});

export const onLine = ({ counter }: Passing): boolean => / \/line(\/|$)/.test(counter);

/** The gateway reaches its farm through the gate alone. */
export async function gatedGateway(env: Record<string, string> = {}): Promise<TestGateway & { gate: Gate }> {
  const port = await freePort();
  const farm = `http://127.0.0.1:${port}/farm`;
  const gate: Gate = {
    passed: [],
    turn: null,
    desk: async (method, line, body) => {
      const key = gate.passed.at(-1)?.headers["x-farm-key"] ?? "";
      const text = body && JSON.stringify(body);
      const { status } = await pass(`${farm}/control/lines/${line}/trouble`, method, { "x-farm-key": key }, text);
      if (status !== 200) throw new Error(`the desk answered ${status}`);
    },
  };
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname: asked, search } = new URL(request.url ?? "/", farm);
      const pathname = asked.replace(/^\/farm/, "");
      const passing: Passing = {
        counter: `${request.method} ${pathname}`,
        headers: headersOf(request),
        body: await bodyOf(request),
      };
      gate.passed.push(passing);
      const through = () => pass(`${farm}${pathname}${search}`, request.method ?? "GET", passing.headers, passing.body);
      const { status, body } = await (gate.turn ? gate.turn(passing, through) : through());
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // What goes wrong here goes wrong on purpose, and for weeks: it would fill the log.
  const BOWLINE_LOG_LEVEL = process.env["BOWLINE_TEST_LOG"] ?? "fatal";
  const own = { BOWLINE_PORT: String(port), BOWLINE_SANDBOX_URL: url, BOWLINE_LOG_LEVEL };
  const gateway = await startGateway({ ...own, ...env });
  return {
    ...gateway,
    gate,
    stop: async () => {
      await gateway.stop();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function pass(url: string, method: string, headers: Record<string, string>, body?: string): Promise<Reply> {
  const response = await fetch(url, { method, headers, ...(body && { body }) });
  return { status: response.status, body: (await response.json()) as Json };
}

/** The farm's own headers alone: the others are the transport's. */
const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith("x-") ? [[name, String(value)]] : [])),
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
