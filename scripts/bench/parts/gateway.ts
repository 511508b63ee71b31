// A gateway in this process, as `npm start` makes it, with the built-in database in a folder that goes away after.

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { readConfig } from "../../../src/config.ts";
import { realDoor } from "../../../src/door.ts";
import { serve } from "../../../src/serve.ts";
import { openSite } from "../../../src/site.ts";

export type Json = Record<string, unknown>;

export interface BenchGateway {
  url: string;
  sql: pg.Pool;
  ask(method: string, path: string, body?: Json): Promise<Json>;
  stop(): Promise<void>;
}

export const KEY = "a-key-of-the-benchmarks";

export async function startGateway(env: Record<string, string> = {}): Promise<BenchGateway> {
  const folder = mkdtempSync(join(tmpdir(), "bowline-bench-"));
  // As root, the database runs as a user of its own, who has to pass.
  chmodSync(folder, 0o711);
  const config = readConfig({
    BOWLINE_RATE_LIMIT: "0",
    BOWLINE_PORT: "0",
    BOWLINE_DATA: join(folder, "data"),
    BOWLINE_API_KEY: KEY,
    BOWLINE_LOG_LEVEL: "error",
    ...env,
  });
  const quiet = () => undefined;
  const door = realDoor();
  const site = await openSite(config, door, quiet);
  const running = await serve(config, "serve", site, door, quiet);
  const sql = new pg.Pool({ ...site.connection, max: 4 });
  // A session that is still closing when the database goes is told so, and nobody needs to know.
  sql.on("error", quiet);
  return {
    url: running.url ?? "",
    sql,
    async ask(method, path, body) {
      const answer = await fetch(`${running.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${KEY}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      const said = (await answer.json()) as Json;
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
      return said;
    },
    async stop() {
      await sql.end();
      await running.stop();
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `work` for each number below `count`, so many at once. */
export async function each(count: number, atOnce: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const line = async () => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, line));
}
