// Who may use a data folder: the gateway whose connection holds one advisory lock. The kernel closes a connection when
// its process ends, however it ends, so there is no lock file that could be left behind, and none that could lie.

import pg from "pg";
import type { Door } from "../core/door.ts";
import { alive } from "./liveness.ts";
import { codeOf, refusal } from "./refusal.ts";

/** "bowl" and "line" as numbers: a key that no other use of advisory locks in this database has. */
const KEY = [0x626f776c, 0x6c696e65] as const;

/** The lock lives in the maintenance database: advisory locks are per database, and this one is always there. */
const MAINTENANCE = "postgres";

/** A server that neither answers nor refuses within 10 s is asked again. */
const CALM = { connectionTimeoutMillis: 10_000, keepAlive: true };

const MARK = "bowline gateway ";
const TURN = 100;
const TURNS = 50;

export interface Session {
  client: pg.Client;
  /** Resolves when the connection has ended, by whichever side. */
  ended: Promise<void>;
}

/** A session on the server, "busy" while it can take none (yet, or no more), null where nobody answers. */
export async function connect(connection: pg.PoolConfig): Promise<Session | "busy" | null> {
  const application_name = `${MARK}${process.pid}`;
  const client = new pg.Client({ ...connection, ...CALM, database: MAINTENANCE, application_name });
  // Listened to from the first moment: an end between two awaits must not pass unseen.
  const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
  // Without a listener, the error of a lost connection would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return { client, ended };
  } catch (error) {
    // cannot_connect_now: starting up, recovering or shutting down; too_many_connections: an old gateway's sessions are
    // still ending (PostgreSQL documentation, appendix A).
    return ["57P03", "53300"].includes(codeOf(error)) ? "busy" : null;
  }
}

/** Takes the lock, or refuses with the holder's number. A dead holder loses it as soon as the server sees the death. */
export async function own(client: pg.Client, folder: string, door: Pick<Door, "wait">): Promise<void> {
  for (let turn = 0; ; turn++) {
    const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1, $2) as mine", [...KEY]);
    if (rows[0]?.mine) return;
    const holder = await holderOf(client);
    if (turn >= TURNS || (holder !== null && holder !== process.pid && alive(holder))) {
      throw refusal(
        `Another gateway (process ${holder ?? "unknown"}) is using the data folder ${folder}: ` +
          "stop it, or set BOWLINE_DATA to a folder of this one's own.",
      );
    }
    await door.wait(TURN);
  }
}

async function holderOf(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted`,
    [...KEY],
  );
  const name = rows[0]?.name;
  return name?.startsWith(MARK) ? Number(name.slice(MARK.length)) : null;
}

export async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
  if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
}
