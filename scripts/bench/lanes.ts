// What healthy endpoints get while another one hangs, beside what they get without it.

import { makeEndpoint, makeEvents, timeReplay } from "./parts/deliveries.ts";
import { startGateway } from "./parts/gateway.ts";
import { openReceiver } from "./parts/receiver.ts";
import type { Report } from "./parts/report.ts";

export const name = "lanes";

export async function run(report: Report, small: boolean): Promise<void> {
  const [events, rounds] = small ? [20, 1] : [800, 5];
  const gateway = await startGateway({ BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  const receiver = await openReceiver();
  const set = (id: string, status: string) => gateway.ask("PATCH", `/notifications/webhooks/${id}`, { status });
  try {
    const endpoints = [
      await makeEndpoint(gateway, `${receiver.url}/a`),
      await makeEndpoint(gateway, `${receiver.url}/b`),
    ];
    const dead = await makeEndpoint(gateway, `${receiver.url}/never`);
    await set(dead, "DISABLED");
    const first = receiver.expect(events * endpoints.length);
    await makeEvents(gateway, events);
    await first;
    const beside: number[] = [];
    const without: number[] = [];
    const time = () => timeReplay(gateway, receiver, endpoints, events);
    for (let round = 0; round < rounds; round++) {
      without.push((events * endpoints.length) / (await time()));
      await set(dead, "ACTIVE");
      const range = { from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
      await gateway.ask("POST", `/notifications/webhooks/${dead}/replay`, range);
      beside.push((events * endpoints.length) / (await time()));
      await set(dead, "DISABLED");
      report.progress(`round ${round + 1} of ${rounds}`);
    }
    const perSecond = (all: readonly number[]) => all.map((rate) => rate * 1000);
    const peer = { name: "without it", value: perSecond(without) };
    report.ratio("delivered beside an endpoint that hangs", perSecond(beside), "/s", peer, { atLeast: 0.9 });
  } finally {
    await gateway.stop();
    await receiver.close();
  }
}
