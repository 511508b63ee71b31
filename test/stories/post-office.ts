/**
 * Stands where the farm's letters go, between the farm and the gateway: it keeps each and passes it on, or does not, as
 * the test has it. Its address is the gateway's public one, so what is signed is what is checked.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { startGateway, type TestGateway } from "./gateway.ts";

export interface Letter {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** What it says, as the farm wrote it. */
  says: { letter: string; line: string; news: string };
  /** What the gateway answered; 0: it was not passed on. */
  status: number;
}

export interface PostOffice {
  letters: Letter[];
  /** False: everything is kept here, and the farm is told that it arrived. */
  isOpen: boolean;
  /** Hands a letter to the gateway, as it was or changed. */
  hand(letter: Pick<Letter, "path" | "headers" | "body">): Promise<number>;
}

export interface Opened {
  url: string;
  post: PostOffice;
  /** Letters are for this gateway from now on. */
  serves(gateway: { url: string }): void;
  close(): Promise<void>;
}

export async function openPostOffice(): Promise<Opened> {
  let gateway = "";
  const post: PostOffice = {
    letters: [],
    isOpen: true,
    hand: async ({ path, headers, body }) =>
      (await fetch(`${gateway}${path}`, { method: "POST", headers, body })).status,
  };
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const headers = headersOf(request);
      const letter = { path: request.url ?? "", headers, body, says: JSON.parse(body) as Letter["says"], status: 0 };
      post.letters.push(letter);
      if (post.isOpen) letter.status = await post.hand(letter);
      response.writeHead(letter.status || 200).end();
    })().catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    post,
    serves: ({ url }) => {
      gateway = url;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export async function postedGateway(): Promise<TestGateway & { post: PostOffice }> {
  const office = await openPostOffice();
  const gateway = await startGateway({ BOWLINE_PUBLIC_URL: office.url });
  office.serves(gateway);
  return {
    ...gateway,
    post: office.post,
    stop: async () => {
      await gateway.stop();
      await office.close();
    },
  };
}

/** The farm's own, and what a body needs. */
const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      /^(x-|content-type)/.test(name) ? [[name, String(value)]] : [],
    ),
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}
