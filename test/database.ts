// A database of its own for a test file: a clone of one that is migrated once a run, which takes some 40 ms.

import pg from "pg";
import { migrate } from "../src/store/migrate.ts";

export interface TestDatabase {
  pool: pg.Pool;
  /** For what opens its own connections, such as a gateway under test. */
  url: string;
  drop(): Promise<void>;
}

/** "test" in ASCII: the lock under which one of the run's processes makes the template. */
const LOCK = 0x74657374;

let made = 0;

export async function freshDatabase(): Promise<TestDatabase> {
  const { server, run } = environment();
  const name = `${run}${process.pid}_${++made}`;
  await withClient(server, async (client) => {
    const template = await templateOf(client, server, run);
    // Copying the files is quicker than logging each block, and nothing here has to outlive a crash.
    await client.query(`create database ${name} template ${template} strategy file_copy`);
  });
  const url = urlOf(server, name);
  const pool = new pg.Pool({ connectionString: url, max: 10, allowExitOnIdle: true });
  // A session that a test or its drop cuts off must not end the process; whoever uses it gets the error anyway.
  pool.on("error", () => {});
  return {
    pool,
    url,
    drop: async () => {
      if (!pool.ended) await pool.end();
      await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

function environment(): { server: string; run: string } {
  const { DATABASE_TEST_URL: server, BOWLINE_TEST_RUN: run } = process.env;
  if (!server || !run) {
    throw new Error(
      "This test needs a database server, which `npm test` brings: run it as `npm test -- PART_OF_ITS_PATH`.",
    );
  }
  return { server, run };
}

/** The migrated database that all are cloned from, made by whoever comes first. */
async function templateOf(client: pg.Client, server: string, run: string): Promise<string> {
  const template = `${run}template`;
  await client.query("select pg_advisory_lock($1)", [LOCK]);
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [template]);
    if (rowCount === 0) {
      const half = `${template}_half`;
      await client.query(`drop database if exists ${half} with (force)`);
      await client.query(`create database ${half} template template0`);
      await migrated(urlOf(server, half));
      await client.query(`alter database ${half} rename to ${template}`);
    }
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]);
  }
  return template;
}

async function migrated(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  // The run's own server asks for none, and takes any: it stands for one that must be seen nowhere.
  url.password ||= "a-database-password-of-the-tests";
  return url.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
