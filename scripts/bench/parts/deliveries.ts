// Events to deliver, endpoints to deliver them to, and the same posts without a gateway.

import { Agent, request } from "undici";
import { type BenchGateway, each } from "./gateway.ts";
import type { Receiver } from "./receiver.ts";

/** As many as a lane has under way at once. */
export const SLOTS = 8;

/** Links that are begun and deleted: two events each, and no work for the banks. */
export async function makeEvents(gateway: BenchGateway, count: number): Promise<void> {
  await each(Math.ceil(count / 2), 8, async (n) => {
    const { id } = await gateway.ask("POST", "/bank-linking/connect/start", { externalCustomerId: `customer ${n}` });
    await gateway.ask("DELETE", `/bank-linking/connections/${String(id)}`);
  });
}

export async function makeEndpoint(gateway: BenchGateway, url: string): Promise<string> {
  const { id } = await gateway.ask("POST", "/notifications/webhooks", { name: "bench", url });
  return String(id);
}

/** Milliseconds from the order to send everything once more until it has all been received. */
export async function timeReplay(
  gateway: BenchGateway,
  receiver: Receiver,
  endpoints: readonly string[],
  events: number,
): Promise<number> {
  const all = receiver.expect(events * endpoints.length);
  const began = performance.now();
  const range = { from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
  await Promise.all(endpoints.map((id) => gateway.ask("POST", `/notifications/webhooks/${id}/replay`, range)));
  await all;
  return performance.now() - began;
}

/** The peer: the same number of posts of the same size, so many at once, and nothing else. */
export async function timeBare(receiver: Receiver, count: number, atOnce: number, bytes: number): Promise<number> {
  const agent = new Agent({ connections: atOnce, pipelining: 1 });
  const body = "x".repeat(bytes);
  const all = receiver.expect(count);
  const began = performance.now();
  await each(count, atOnce, async () => {
    const answer = await request(`${receiver.url}/bare`, { method: "POST", body, dispatcher: agent });
    await answer.body.dump();
  });
  await all;
  const took = performance.now() - began;
  await agent.close();
  return took;
}
