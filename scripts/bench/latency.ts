// From the instant of an event, inside the transaction that causes it, to its first try; beside one bare post.

import { makeEndpoint, makeEvents, timeBare } from "./parts/deliveries.ts";
import { startGateway } from "./parts/gateway.ts";
import { openReceiver } from "./parts/receiver.ts";
import { median, quantile, type Report } from "./parts/report.ts";

export const name = "latency";

export async function run(report: Report, small: boolean): Promise<void> {
  const events = small ? 4 : 300;
  const gateway = await startGateway({ BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8" });
  const receiver = await openReceiver();
  try {
    await makeEndpoint(gateway, `${receiver.url}/a`);
    const bare: number[] = [];
    for (let n = 0; n < events / 2; n++) {
      // One after another: what is waited for is the way, not a queue.
      const both = receiver.expect(2);
      await makeEvents(gateway, 2);
      await both;
      bare.push(await timeBare(receiver, 1, 1, 640));
    }
    const { rows } = await gateway.sql.query<{ ms: number }>(
      `select extract(epoch from min(a.at) - e.at)::float8 * 1000 as ms
         from attempt a join event e on e.home = a.home and e.id = a.event_id group by e.id, e.at`,
    );
    const waits = rows.map(({ ms }) => ms);
    const peer = { name: "one bare post, p50", value: median(bare) };
    report.ratio("commit to first try, p50", median(waits), "ms", peer);
    report.ratio("commit to first try, p99", quantile(waits, 0.99), "ms", peer);
  } finally {
    await gateway.stop();
    await receiver.close();
  }
}
