/**
 * What is outside of the gateway's processes and outlives them: the database server, the fake banks with a memory of
 * their own, and the application's endpoint. The banks' effects and answers stay apart, as nobody who dies takes the
 * banks with him.
 */
import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { realDoor } from "../../src/door.ts";
import { runningPid } from "../../src/postgres/liveness.ts";
import { startEmbedded } from "../../src/postgres/supervisor.ts";
import { createFarm, type Farm } from "../../src/providers/sandbox/farm/farm.ts";
import { asLine, type Line, lineKey } from "../../src/providers/sandbox/farm/line.ts";
import { forgetfulMemory } from "../../src/providers/sandbox/farm/memory.ts";
import { overPool } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { readSalt } from "../../src/store/settings.ts";
import { openPost, type Post } from "./post.ts";

export const KEY = "a-key-of-the-fleet-tests";
export const SEED = "bowline";

export interface Outside {
  /** What every process of the gateway is started with, its port apart. */
  env: Record<string, string>;
  salt: Uint8Array;
  sql: pg.Pool;
  folder: string;
  post: Post;
  /** How many calls the banks were asked, by method and path. */
  calls: Map<string, number>;
  /** The number of the database's first process. */
  postmaster(): number | null;
  line(ref: string): Promise<Line | null>;
  /** All banks are well again, without a word to the gateway. How many were not. */
  healBanks(): Promise<number>;
  /** How far the gateway's clock is ahead; the banks' goes with it. */
  setOffset(offset: number): void;
  end(): Promise<void>;
}

export interface OutsideParts {
  /** What the application's endpoint answers; null: it takes the letter and says nothing. */
  receive(path: string, id: string): number | null | "hang";
  /** Where the banks' letters are taken to. */
  doors(): readonly string[];
  durable: boolean;
}

export async function openOutside({ receive, doors, durable }: OutsideParts): Promise<Outside> {
  const folder = mkdtempSync(join(tmpdir(), "bowline-fleet-"));
  // The database is another user's where we are root.
  chmodSync(folder, 0o711);
  const real = realDoor();
  const data = join(folder, "data");
  const database = await startEmbedded({ folder: data, door: real, durable, log: () => undefined });
  const { host, port, user } = database.connection;
  const url = `postgresql://${user}@localhost:${port}/bowline?host=${encodeURIComponent(String(host))}`;
  const sql = new pg.Pool({ ...database.connection, max: 4, connectionTimeoutMillis: 5_000 });
  sql.on("error", () => undefined);
  await migrate(sql);
  const salt = await readSalt(overPool(sql), real);
  const key = createHmac("sha256", salt).update("the farm's key").digest("hex");

  // Where the run is cut off nobody stays behind.
  const cutOff = (): void => {
    const pid = runningPid(join(data, "postgres"));
    if (pid !== null) process.kill(pid, "SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", cutOff);

  let offset = 0;
  const clock = { now: () => Date.now() + offset, wall: () => Date.now() };
  const memory = forgetfulMemory();
  const calls = new Map<string, number>();
  const post = openPost(clock, doors);
  const farm = createFarm({ memory, clock, seed: SEED, key, ring: post.ring });
  post.open(farm);
  const banks = await listening((request, reply) => void bank(farm, calls, request, reply));
  const receiver = await listening((request, reply) => {
    request.resume().once("end", () => {
      const status = receive(request.url ?? "", String(request.headers["webhook-id"]));
      if (status === "hang") return;
      if (status === null) request.socket.destroy();
      else reply.writeHead(status).end();
    });
  });

  const line = (ref: string): Promise<Line | null> =>
    memory.change(lineKey(ref), (document) => ({ document, answer: asLine(document) }));

  return {
    env: {
      DATABASE_URL: url,
      BOWLINE_SECRET_KEYS: `main:${randomBytes(32).toString("base64")}`,
      BOWLINE_API_KEY: KEY,
      BOWLINE_SANDBOX_URL: `${at(banks)}/farm`,
      BOWLINE_SANDBOX_SEED: SEED,
      BOWLINE_PUBLIC_URL: PUBLIC,
      BOWLINE_WEBHOOK_ALLOW: "127.0.0.0/8",
      BOWLINE_LOG_LEVEL: "error",
      BOWLINE_TEST_RECEIVER: at(receiver),
    },
    salt,
    sql,
    folder: data,
    post,
    calls,
    postmaster: () => runningPid(join(data, "postgres")),
    line,
    async healBanks() {
      const { rows } = await sql.query<{ ref: string }>("select ref from provider_connection where closed_at is null");
      let ill = 0;
      for (const { ref } of rows) {
        if (!(await line(ref))?.trouble) continue;
        ill += 1;
        const path = `/control/lines/${ref}/trouble`;
        await farm.handle({ method: "DELETE", path, query: {}, headers: { "x-farm-key": key }, body: "" });
      }
      return ill;
    },
    setOffset: (given) => {
      offset = Math.max(offset, given);
    },
    async end() {
      await post.end();
      for (const server of [banks, receiver]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await sql.end();
      await database.stop();
      process.off("exit", cutOff);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** By this the banks know the gateway; their letters are carried to whichever of its processes lives. */
const PUBLIC = "http://gateway.example";

async function bank(farm: Farm, calls: Map<string, number>, request: IncomingMessage, reply: ServerResponse) {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://farm.invalid");
  const path = pathname.slice("/farm".length);
  const method = request.method ?? "GET";
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
  const name = `${method} ${path.replace(/lines\/[^/]+/, "lines/:ref")}`;
  calls.set(name, (calls.get(name) ?? 0) + 1);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
  const query = Object.fromEntries(searchParams);
  const answer = await farm.handle({ method, path, query, headers, body });
  if (answer === "never") return;
  const say = (): unknown => reply.writeHead(answer.status, answer.headers).end(answer.body);
  if (answer.after === undefined) say();
  else setTimeout(say, answer.after);
}

async function listening(handle: (request: IncomingMessage, reply: ServerResponse) => void): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 30_000 }, handle).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

const at = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
