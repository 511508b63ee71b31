// Deliveries per second, end to end (claimed, signed, guarded, sent, answered, recorded), beside a bare loop of posts.

import { makeEndpoint, makeEvents, SLOTS, timeBare, timeReplay } from "./parts/deliveries.ts";
import { startGateway } from "./parts/gateway.ts";
import { openReceiver } from "./parts/receiver.ts";
import type { Report } from "./parts/report.ts";

export const name = "deliveries";

const ENDPOINTS = 4;
const BODY = 640;

export async function run(report: Report, small: boolean): Promise<void> {
  const [events, rounds] = small ? [40, 1] : [1000, 5];
  const gateway = await startGateway({ BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  const receiver = await openReceiver();
  try {
    report.progress(`${events} events for ${ENDPOINTS} endpoints`);
    const endpoints: string[] = [];
    for (let n = 0; n < ENDPOINTS; n++) endpoints.push(await makeEndpoint(gateway, `${receiver.url}/${n}`));
    const first = receiver.expect(events * ENDPOINTS);
    await makeEvents(gateway, events);
    await first;
    const total = events * ENDPOINTS;
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round++) {
      bare.push(total / (await timeBare(receiver, total, ENDPOINTS * SLOTS, BODY)));
      ours.push(total / (await timeReplay(gateway, receiver, endpoints, events)));
      report.progress(`round ${round + 1} of ${rounds}: ${rates(ours, bare)}`);
    }
    const perSecond = (all: readonly number[]) => all.map((rate) => rate * 1000);
    const peer = { name: "bare undici loop", value: perSecond(bare) };
    report.ratio(`delivered, ${ENDPOINTS * SLOTS} at once`, perSecond(ours), "/s", peer, { atLeast: 0.5 });
  } finally {
    await gateway.stop();
    await receiver.close();
  }
}

const rates = (ours: readonly number[], bare: readonly number[]) =>
  `${Math.round((ours.at(-1) ?? 0) * 1000)}/s, bare ${Math.round((bare.at(-1) ?? 0) * 1000)}/s`;
