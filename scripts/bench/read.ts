// GET of a connection, over HTTP, beside a bare node:http server that runs the same statement and prints its row.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openDatabase } from "../../src/store/database.ts";
import { getListedConnection } from "../../src/store/lists/connections.ts";
import { KEY, startGateway } from "./parts/gateway.ts";
import { openLoad } from "./parts/load.ts";
import type { Report } from "./parts/report.ts";

export const name = "read";

const AT_ONCE = 16;

export async function run(report: Report, small: boolean): Promise<void> {
  const [count, rounds, connections] = small ? [50, 1, 2] : [4000, 7, 100];
  const gateway = await startGateway();
  const db = openDatabase(gateway.sql.options, () => undefined);
  const load = openLoad();
  const bare = createServer((request, response) => {
    void getListedConnection(db, request.url?.slice(1) ?? "").then((row) => {
      response.writeHead(row ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(row));
    });
  });
  try {
    await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
    const peer = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`;
    const ids: string[] = [];
    for (let n = 0; n < connections; n++) {
      const { id } = await gateway.ask("POST", "/sandbox/connections", { externalCustomerId: `customer ${n}` });
      ids.push(String(id));
    }
    const get = (base: string) => ({
      asks: ids.map((id) => ({ method: "GET" as const, url: `${base}/${id}` })),
      count,
      atOnce: AT_ONCE,
      headers: { authorization: `Bearer ${KEY}` },
    });
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      const rates = [await load.time(get(peer)), await load.time(get(`${gateway.url}/bank-linking/connections`))];
      report.progress(
        `round ${round} of ${rounds}: ${rates.map((ms) => Math.round((count / ms) * 1000)).join(", ")}/s`,
      );
      // The first round warms both up.
      if (round === 0) continue;
      theirs.push((count / (rates[0] ?? NaN)) * 1000);
      ours.push((count / (rates[1] ?? NaN)) * 1000);
    }
    const same = { name: "node:http, same statement", value: theirs };
    report.ratio(`GET of a connection, ${AT_ONCE} at once`, ours, "/s", same, { atLeast: 0.6 });
  } finally {
    await load.close();
    bare.close();
    await db.close();
    await gateway.stop();
  }
}
