/** The built-in database of a gateway that runs at this moment, for a command that works beside it. */
import { existsSync } from "node:fs";
import type pg from "pg";
import { openFolder, SOCKET_PORT } from "./folder.ts";
import { runningPid } from "./liveness.ts";
import { DATABASE } from "./supervisor.ts";

/** Null: none runs. Nothing is started and no lock is taken: who runs it goes on to own it. */
export async function runningBeside(path: string): Promise<pg.PoolConfig | null> {
  if (!existsSync(path)) return null;
  const folder = openFolder(path);
  if (runningPid(folder.database) === null) return null;
  return { host: folder.sockets, port: SOCKET_PORT, user: "postgres", database: DATABASE, ssl: false };
}
