// The farm on a loopback port of its own, with a clock in the test's hand.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Instant } from "../../../src/core/door.ts";
import type { Answer, Call, Incoming, Linked, StartLink } from "../../../src/providers/provider.ts";
import { login } from "../../../src/providers/sandbox/control.ts";
import type { Customer } from "../../../src/providers/sandbox/control.ts";
import { createFarm } from "../../../src/providers/sandbox/farm/farm.ts";
import type { FarmParts } from "../../../src/providers/sandbox/farm/farm.ts";
import { forgetfulMemory } from "../../../src/providers/sandbox/farm/memory.ts";
import { signLetter } from "../../../src/providers/sandbox/farm/post-key.ts";
import { sandbox } from "../../../src/providers/sandbox/sandbox.ts";

export const KEY = "farm-key-of-this-test";

export async function mount(parts: Partial<FarmParts> = {}) {
  const clock = { at: Date.UTC(2026, 10, 22, 10) };
  const now = (): Instant => clock.at;
  const farm = createFarm({ memory: forgetfulMemory(), clock: { now }, seed: "one", key: KEY, ...parts });
  /** Resolves each time the farm has decided never to answer. */
  let held = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://farm");
      const headers = request.headers as Record<string, string>;
      const query = Object.fromEntries(url.searchParams);
      const body = Buffer.concat(chunks).toString();
      farm.handle({ method: request.method ?? "", path: url.pathname, query, headers, body }).then(
        (answer) => {
          if (answer === "never") return held.resolve();
          response.writeHead(answer.status, answer.headers).end(answer.body);
        },
        // The answer is lost: whatever happened has happened.
        () => response.destroy(),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { baseUrl, key: KEY };
  const call: Call = { fetch: (url, init) => fetch(url, init), now, wall: now };
  const provider = sandbox(settings);

  const start: StartLink = {
    connectionId: "con_1",
    customerId: "cus_1",
    institutionRef: "bank-copper-mesa",
    products: provider.products,
    optionalProducts: [],
    countries: ["US", "GB"],
  };

  return {
    call,
    clock,
    provider,
    settings,
    start,
    /** As the farm posts it, now. */
    hook({ ref }: { ref: string }): Incoming {
      const url = "https://gateway.example/provider-webhooks/sandbox";
      const body = JSON.stringify({ letter: `lt_${clock.at}`, line: ref, news: "entries", happened: 1 });
      const signature = signLetter({ seed: "one", key: KEY }, clock.at, url, body, false);
      return { method: "POST", url, headers: { "x-farm-post": signature }, body: Buffer.from(body), at: clock.at };
    },
    nextHeld(): Promise<void> {
      held = Promise.withResolvers();
      return held.promise;
    },
    /** A whole link, as a customer walks it. */
    async link(institutionRef = "bank-copper-mesa", customer: Partial<Customer> = {}) {
      const session = sure(await provider.startLink.run(call, { ...start, institutionRef }));
      const proof = sure(await login(call, settings, session, { username: "mira", ...customer }));
      return heldBy(sure(await provider.finishLink.run(call, { state: session.state, proof })));
    },
    async repair(held: ReturnType<typeof heldBy>, customer: Partial<Customer> = {}) {
      const session = sure(await provider.startRepair.run(call, { ...start, ...held }));
      const proof = sure(await login(call, settings, session, { username: "mira", ...customer }));
      return provider.finishRepair.run(call, { ...held, state: session.state, proof });
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export type Mounted = Awaited<ReturnType<typeof mount>>;

const heldBy = (linked: Linked) => ({ ...linked, products: ["BALANCES", "TRANSACTIONS"] as const });

export function sure<Facts>(answer: Answer<Facts>): Facts {
  if (!answer.ok) throw new Error(`Refused: ${JSON.stringify(answer.trouble)}`);
  return answer.facts;
}

/** Reads pages from a cursor to the end. */
export async function walk({ provider, call }: Mounted, credential: string, cursor: string | null) {
  const held = { ref: "", credential, products: provider.products };
  const pages = [];
  let at = cursor;
  for (;;) {
    const page = sure(await provider.readTransactions.run(call, { ...held, cursor: at }));
    pages.push(page);
    at = page.cursor;
    if (!page.more) return { pages, cursor: at, added: pages.flatMap((one) => one.added) };
  }
}
