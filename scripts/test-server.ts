// The database server of one test run: an embedded one made for the run and thrown away, or, where DATABASE_TEST_URL
// is set, the server named there, on which the run's databases are dropped at the end. Test processes find it by the
// same variable, so a test never knows which of the two it has.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { alive } from "../src/postgres/liveness.ts";
import { startEmbedded } from "../src/postgres/supervisor.ts";

export interface TestServer {
  /** What the test processes must find in their environment. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

const FOLDER = "bowline-test-";
const door = { wait: (ms: number): Promise<void> => wait(ms) };

export async function openTestServer(): Promise<TestServer> {
  const run = `bowline_test_${process.pid}_`;
  const given = process.env.DATABASE_TEST_URL;
  if (given) {
    return {
      environment: { DATABASE_TEST_URL: given, BOWLINE_TEST_RUN: run },
      close: () => dropAll(given, run),
    };
  }
  await removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
  const server = await startEmbedded({ folder, door, durable: false, log: (sentence) => console.error(sentence) });
  const { host, port, user } = server.connection;
  return {
    environment: {
      DATABASE_TEST_URL: `postgresql://${user}@localhost:${port}/postgres?host=${encodeURIComponent(String(host))}`,
      BOWLINE_TEST_RUN: run,
    },
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function dropAll(url: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where starts_with(datname, $1)",
      [prefix],
    );
    for (const { name } of rows) await client.query(`drop database ${client.escapeIdentifier(name)} with (force)`);
  } finally {
    await client.end();
  }
}

/** A run that was killed left its server running: a start on the same folder adopts it, and a stop ends it. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER) || alive(Number.parseInt(name.slice(FOLDER.length), 10))) continue;
    const folder = join(tmpdir(), name);
    try {
      const server = await startEmbedded({ folder, door, durable: false, log: () => {} });
      await server.stop();
    } catch {
      // Another user's, or too broken to start: what cannot be stopped here has to be left.
      continue;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
