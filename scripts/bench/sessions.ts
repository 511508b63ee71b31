// Widget sessions begun over HTTP, beside the statements of the same transaction run bare: written down once as the
// gateway asks them, then asked again with other ids, so many at once as the gateway is asked.

import pg from "pg";
import { mintStartIds, type StartIds, startLink } from "../../src/actions/start-link.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import { homeOf } from "../../src/core/ids.ts";
import { realDoor } from "../../src/door.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { each, KEY, startGateway } from "./parts/gateway.ts";
import { openLoad } from "./parts/load.ts";
import { nearest } from "./parts/peer.ts";
import type { Report } from "./parts/report.ts";

export const name = "sessions";

const AT_ONCE = 16;

interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

export async function run(report: Report, small: boolean): Promise<void> {
  const [count, rounds] = small ? [20, 1] : [2000, 7];
  const gateway = await startGateway();
  const load = openLoad();
  const pool = new pg.Pool({ ...gateway.sql.options, max: AT_ONCE });
  pool.on("error", () => undefined);
  const salt = Buffer.from("of the benchmark");
  const parts = { door: realDoor(), salt };
  try {
    const model = mintStartIds(parts as unknown as Gateway, "model");
    const statements = await written(pool, parts, model);
    report.progress(`${statements.length} statements between begin and commit`);
    const bare = async (n: string) => replay(pool, statements, model, mintStartIds(parts as unknown as Gateway, n), n);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      const began = performance.now();
      await each(count, AT_ONCE, (n) => bare(`bare ${round} ${n}`));
      const bareTook = performance.now() - began;
      const took = await load.time({
        asks: Array.from({ length: count }, (_, n) => ({
          method: "POST",
          url: `${gateway.url}/bank-linking/connect/start`,
          body: JSON.stringify({ externalCustomerId: `customer ${round} ${n}` }),
        })),
        count,
        atOnce: AT_ONCE,
        headers: { authorization: `Bearer ${KEY}` },
      });
      const [mine, other] = [(count / took) * 1000, (count / bareTook) * 1000];
      report.progress(`round ${round} of ${rounds}: ${Math.round(mine)}/s, bare ${Math.round(other)}/s`);
      // The first round warms both up.
      if (round === 0 && !small) continue;
      ours.push(mine);
      theirs.push(other);
    }
    const same = { name: "the same transaction bare", value: theirs };
    report.ratio(`sessions begun, ${AT_ONCE} at once`, ours, "/s", same, { atLeast: 0.5 });
    report.ratio(`sessions begun, ${AT_ONCE} at once`, ours, "/s", nearest("sessionsPerSecond"));
  } finally {
    await load.close();
    await pool.end();
    await gateway.stop();
  }
}

/** What one start asks inside its transaction. */
async function written(pool: pg.Pool, parts: Pick<Gateway, "door" | "salt">, ids: StartIds): Promise<Statement[]> {
  const statements: Statement[] = [];
  const real = openDatabase(pool.options, () => undefined);
  const db: Database = {
    ...real,
    tx: (step, work) =>
      real.tx(step, (sql) => {
        const spied = <Answer>(ask: (text: string, values?: readonly unknown[]) => Promise<Answer>) => {
          return (text: string, values: readonly unknown[] = []) => {
            statements.push({ name: `bare ${statements.length}`, text, values: [...values] });
            return ask(text, values);
          };
        };
        return work({ rows: spied(sql.rows), row: spied(sql.row), run: spied(sql.run) } as typeof sql);
      }),
  };
  const ring = { keys: [{ name: "bench", key: Buffer.alloc(32) }] };
  const request = { products: ["TRANSACTIONS"], optionalProducts: [], regions: [], allowRedirect: true } as const;
  const stand = { ...parts, db, ring } as unknown as Gateway;
  await startLink(stand, { ...request, externalCustomerId: "model", institutionId: null, redirectUrl: null }, ids);
  await real.close();
  return statements;
}

async function replay(pool: pg.Pool, statements: readonly Statement[], model: StartIds, ids: StartIds, name: string) {
  const swapped = new Map<unknown, unknown>([
    ["model", name],
    [homeOf("customer", model.customer), homeOf("customer", ids.customer)],
    ...(Object.keys(ids) as (keyof StartIds)[]).map((key) => [model[key], ids[key]] as const),
  ]);
  const client = await pool.connect();
  try {
    await client.query("begin");
    for (const { values, ...statement } of statements)
      await client.query({ ...statement, values: values.map((value) => swapped.get(value) ?? value) });
    await client.query("commit");
  } finally {
    client.release();
  }
}
