/**
 * The built-in database: a PostgreSQL server in the data folder that starts and stops with the gateway.
 *
 * The server is a process of its own and outlives a gateway that was killed. So a start first looks for one that runs
 * and adopts it, and only then starts one. Whoever holds the advisory lock (ownership.ts) owns the folder; it is taken
 * before anything is changed.
 *
 * If the server dies, the lock's connection ends. The gateway goes on, is not ready, and meanwhile the server is
 * started anew and the lock taken again: pools find it under the same address. Only where that fails is it `lost`.
 */
import { rmdirSync } from "node:fs";
import { dirname } from "node:path";
import type pg from "pg";
import type { Door } from "../core/door.ts";
import { openFolder, SOCKET_PORT, socketIn } from "./folder.ts";
import { programReplaced, removeStaleLocks, runningPid } from "./liveness.ts";
import { connect, ensureDatabase, own, type Session } from "./ownership.ts";
import { refusal } from "./refusal.ts";
import { end, launch, type Launched, passes, prepare, type Server, startedAsOurs } from "./server.ts";

export const DATABASE = "bowline";

/** A warm start takes some 40 ms, so it is asked for often. */
const TURN = 10;
/** Between two tries of a start that met what passes by itself. */
const PAUSE = 100;
/** The last processes of a killed server are gone within seconds. */
const TRIES = 150;
/** After a crash the server reads all that was written since its last checkpoint, however long that takes. */
const TURNS_UNTIL_TOLD = 100;

export interface EmbeddedOptions {
  folder: string;
  log(sentence: string): void;
  door: Pick<Door, "wait">;
  /** False only for databases that are thrown away: a crash of the machine may then lose or break them. */
  durable?: boolean;
}

export interface Embedded {
  /** For pools. It stays the same when the server is started anew. */
  connection: pg.PoolConfig;
  /** Resolves with a sentence when the server went away and could not be brought back. */
  lost: Promise<string>;
  /** Stops the server. Close the pools first: their sessions end with it. */
  stop(): Promise<void>;
}

interface Context {
  server: Server;
  connection: pg.PoolConfig;
  log(sentence: string): void;
  door: Pick<Door, "wait">;
}

export async function startEmbedded({ folder, log, door, durable = true }: EmbeddedOptions): Promise<Embedded> {
  const data = openFolder(folder);
  const server = await prepare(data, durable);
  // No TLS, whatever PGSSLMODE says: that is meant for other databases.
  const connection = { host: data.sockets, port: SOCKET_PORT, user: "postgres", database: DATABASE, ssl: false };
  const context = { server, connection, log, door };

  let session: Session | null = await acquire(context);
  let recovery: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;
  const { promise: lost, resolve: giveUp } = Promise.withResolvers<string>();

  const recover = async (): Promise<void> => {
    session = null;
    if (stopped) return;
    log("The database went away; it is being started again.");
    try {
      session = await acquire(context);
      log("The database is back.");
      watch(session);
    } catch (error) {
      giveUp(error instanceof Error ? error.message : String(error));
    }
  };

  function watch({ ended }: Session): void {
    void ended.then(() => (recovery = recover()));
  }

  const stop = async (): Promise<void> => {
    // A start under way is awaited, because only the lock tells whether the server is ours to stop.
    await recovery;
    const held = session;
    if (held === null) return;
    await end(server, door);
    await held.client.end();
    if (dirname(data.sockets) !== data.root) rmdirSync(data.sockets);
  };

  watch(session);
  return { connection, lost, stop: () => (stopped ??= stop()) };
}

/** A running server with our lock on it: one that was found, or one that we start. */
async function acquire(context: Context): Promise<Session> {
  const { server, log, door } = context;
  for (let tries = 1; ; tries++) {
    const session = await reach(context);
    try {
      await own(session.client, server.folder.root, door);
      const pid = runningPid(server.folder.database);
      if (pid === null || (startedAsOurs(server) && !programReplaced(pid))) {
        await ensureDatabase(session.client, DATABASE);
        return session;
      }
      log("The database runs with other settings or from a replaced program; it is being started anew.");
      await end(server, door);
    } catch (error) {
      await session.client.end();
      // A server that went away while we spoke is started like one that was never there.
      if ((error as Error).name === "StartRefusal" || tries >= TRIES) throw error;
    }
    await session.client.end();
    await door.wait(PAUSE);
  }
}

/** A session on the folder's server, which is started if none runs. */
async function reach({ server, connection, log, door }: Context): Promise<Session> {
  const { database, sockets, logFile } = server.folder;
  let launched: Launched | null = null;
  let tries = 0;
  for (let turn = 1; ; turn++) {
    const answer = await connect(connection);
    if (answer !== null && answer !== "busy") return answer;
    if (answer === "busy" || runningPid(database) !== null) {
      if (turn % TURNS_UNTIL_TOLD === 0) log("The database is not ready yet: it is recovering, or stopping.");
      await door.wait(TURN * 5);
      continue;
    }
    const said = launched?.ended();
    if (launched === null || said !== null) {
      if (said && (!passes(said) || tries >= TRIES)) {
        throw refusal(`The database does not start (${said}): see ${logFile}, mend that, and start again.`);
      }
      if (tries++ > 0) await door.wait(PAUSE);
      removeStaleLocks(database, socketIn(sockets));
      launched = launch(server);
    }
    await door.wait(TURN);
  }
}
