/**
 * A world in which workers can be killed: one database and one farm that live on, a clock that a test holds, and any
 * number of workers, each with hands of its own. A killed worker's hands do nothing more: no rollback, no clean-up, no
 * last word, as after `kill -9`.
 */
import { createHash } from "node:crypto";
import type { Gateway } from "../../src/actions/gateway.ts";
import type { Arrival } from "../../src/actions/receive-webhook.ts";
import { learnInstitutions } from "../../src/actions/learn-institutions.ts";
import { createWebhook } from "../../src/actions/webhooks.ts";
import { wake } from "../../src/actions/wake.ts";
import type { Door } from "../../src/core/door.ts";
import { makeId } from "../../src/core/ids.ts";
import { jobs } from "../../src/jobs/jobs.ts";
import { createFarm } from "../../src/providers/sandbox/farm/farm.ts";
import { forgetfulMemory } from "../../src/providers/sandbox/farm/memory.ts";
import { signLetter } from "../../src/providers/sandbox/farm/post-key.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { createWorker, type Worker } from "../../src/queue/worker.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { readRing } from "../../src/store/seal.ts";
import type { Target } from "../../src/webhooks/guard.ts";
import { LEASE } from "../../src/store/tasks.ts";
import { freshDatabase, type TestDatabase } from "../database.ts";

export class Killed extends Error {
  override name = "Killed";
}

export interface Hands {
  gateway: Gateway;
  worker: Worker;
  /** The points that this worker reached, in order. */
  reached: string[];
  close(): Promise<void>;
}

export interface World {
  database: TestDatabase;
  /** The ids of the events that the application's endpoint received, as often as it did. */
  received: string[];
  /** A worker that dies at its `killAt`-th point; never, where none is given. */
  hire(killAt?: number): Promise<Hands>;
  /** Long enough in real time for every lease of the dead to run out. */
  outliveLeases(): void;
  pass(ms: number): void;
  /** False: the farm does not tell the key that signs its letters. */
  tellKeys(told: boolean): void;
  /** As the farm posts it, of the one login that has been linked. */
  letter(news: string): Promise<Arrival>;
  end(): Promise<void>;
}

const START = Date.UTC(2026, 4, 1, 12);
const RING = readRing(`test:${Buffer.alloc(32, 7).toString("base64")}`);
const SALT = Buffer.alloc(32, 9);
const ENDPOINT = makeId("webhook", "0", Buffer.alloc(8, 1));
const FARM = { baseUrl: "http://farm.test", key: "farm-key", seed: "one" };

export async function createWorld(): Promise<World> {
  const database = await freshDatabase();
  let now = START;
  let wall = START;
  let rolls = 0;
  let areKeysTold = true;
  const received: string[] = [];
  const target: Target = {
    problemOf: async () => null,
    post: async (_url, headers) => {
      received.push(headers["webhook-id"] ?? "");
      return { status: 200, headers: {}, body: "" };
    },
    close: async () => undefined,
  };
  const clock = { now: () => now, wall: () => wall };
  const farm = createFarm({ memory: forgetfulMemory(), clock, seed: "crash", key: FARM.key });
  const door: Door = {
    now: () => now,
    wall: () => wall,
    random: (bytes) => createHash("shake256", { outputLength: bytes }).update(`roll ${rolls++}`).digest(),
    wait: (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("stopped")))),
    fetch: async (url, init) => {
      const { pathname, searchParams } = new URL(url);
      if (pathname === "/post/keys" && !areKeysTold) throw new TypeError("fetch failed");
      const answer = await farm.handle({
        method: init?.method ?? "GET",
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: Object.fromEntries(new Headers(init?.headers)),
        body: typeof init?.body === "string" ? init.body : "",
      });
      if (answer === "never") throw new Error("no bank of these tests stays silent");
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
  };

  async function hire(killAt = Infinity): Promise<Hands> {
    const reached: string[] = [];
    let isDead = false;
    const alive = async <R>(act: () => Promise<R>): Promise<R> => {
      if (isDead) throw new Killed();
      const result = await act();
      if (isDead) throw new Killed();
      return result;
    };
    const reach = async (point: string): Promise<void> => {
      if (isDead) throw new Killed();
      reached.push(point);
      if (reached.length - 1 !== killAt) return;
      isDead = true;
      throw new Killed(point);
    };
    const real = openDatabase({ connectionString: database.url, max: 4 }, () => undefined, reach);
    const db: Database = {
      rows: (text, values) => alive(() => real.rows(text, values)),
      row: (text, values) => alive(() => real.row(text, values)),
      run: (text, values) => alive(() => real.run(text, values)),
      tx: (name, work) => alive(() => real.tx(name, work)),
      close: real.close,
    };
    const quiet = () => undefined;
    const gateway: Gateway = {
      accountId: "the-account",
      target,
      operator: null,
      db,
      door,
      ring: RING,
      salt: SALT,
      providers: new Map([["SANDBOX", sandbox(FARM)]]),
      farm: FARM,
      publicUrl: null,
      log: { info: quiet, warn: quiet, error: quiet },
      count: { call: quiet, job: quiet, inbound: quiet },
      poke: quiet,
      reach,
    };
    const worker = createWorker({
      db,
      door,
      jobs: jobs(gateway),
      width: 1,
      wake: (most) => wake(gateway, most),
      ended: quiet,
    });
    return { gateway, worker, reached, close: () => real.close() };
  }

  const first = await hire();
  await learnInstitutions(first.gateway, "SANDBOX");
  await createWebhook(first.gateway, ENDPOINT, {
    name: "application",
    url: "https://application.test/hooks",
    eventTypes: [],
    eventVersion: "2026-05-01",
  });
  await first.close();
  return {
    tellKeys: (told) => {
      areKeysTold = told;
    },
    database,
    received,
    hire,
    outliveLeases: () => {
      wall += LEASE + 60_000;
    },
    pass: (ms) => {
      now += ms;
      wall += ms;
    },
    letter: async (news) => {
      const { rows } = await database.pool.query<{ ref: string }>("select ref from signpost");
      const body = JSON.stringify({ letter: `lt_${news}`, line: rows[0]?.ref, news, happened: Math.floor(now / 1000) });
      // No public address is set in this world, so the path alone is what is signed.
      const signature = signLetter({ seed: "crash", key: FARM.key }, wall, "/provider-webhooks/sandbox", body, false);
      return { method: "POST", headers: { "x-farm-post": signature }, body: Buffer.from(body) };
    },
    end: () => database.drop(),
  };
}
