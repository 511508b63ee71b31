// A gateway for tests: a database of its own, the fake banks over HTTP on a loopback port, a clock in the test's hand.
import { createHash, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { pino } from "pino";
import { openRecorder } from "../../src/actions/activity.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import { learnInstitutions } from "../../src/actions/learn-institutions.ts";
import { wake } from "../../src/actions/wake.ts";
import type { Door } from "../../src/core/door.ts";
import type { HttpParts, Pages } from "../../src/http/context.ts";
import { createHttp } from "../../src/http/http.ts";
import { logOptions } from "../../src/http/log.ts";
import { jobs } from "../../src/jobs/jobs.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { createFarm } from "../../src/providers/sandbox/farm/farm.ts";
import { forgetfulMemory } from "../../src/providers/sandbox/farm/memory.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { createWorker } from "../../src/queue/worker.ts";
import { addApiKey } from "../../src/store/api-keys.ts";
import { openDatabase } from "../../src/store/database.ts";
import { readRange } from "../../src/webhooks/addresses.ts";
import { openTarget } from "../../src/webhooks/guard.ts";
import { kept, records } from "../canary.ts";
import { freshDatabase } from "../database.ts";
import { checked } from "./contract.ts";

export const KEY = "a-key-that-only-this-test-has";
const FARM_KEY = "farm-key-of-this-test";
const START = Date.UTC(2026, 10, 22, 10);

export async function openGateway(
  options: { alone?: boolean; pages?: Pages } & Pick<HttpParts, "limits" | "proxies"> = {},
) {
  const database = await freshDatabase();
  const clock = { at: START };
  const dice = { name: "seed", drawn: 0 };
  const door: Door = {
    now: () => clock.at,
    wall: () => clock.at,
    random: (bytes) =>
      createHash("shake256", { outputLength: bytes })
        .update(`${dice.name} ${dice.drawn++}`)
        .digest(),
    fetch: (url, init) => fetch(url, init),
    // Only limits on calls are waited for here, and they end with their call.
    wait: (ms, signal) => wait(ms, undefined, { ref: false, ...(signal && { signal }) }),
  };
  const lines: string[] = [];
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      kept("log", "a gateway in its test", chunk.toString());
      done();
    },
  });
  const logger = pino(logOptions("info"), into);
  const db = openDatabase({ connectionString: database.url }, () => {});
  const providers = new Map<string, Provider>();
  const target = openTarget([readRange("127.0.0.0/8")], async () => ["127.0.0.1"]);
  const noted = { written: 0, dropped: 0 };
  const gateway: Gateway = {
    accountId: "the-account",
    target,
    operator: null,
    db,
    door,
    providers,
    log: logger,
    publicUrl: null,
    farm: null,
    activity: openRecorder(
      // Its lines are written when they are: what it draws must not move what the others draw.
      () => ({ ...gateway, door: { ...door, random: randomBytes } }),
      (end, lines) => {
        noted[end] += lines;
      },
    ),
    poke: () => {},
    ring: { keys: [{ name: "one", key: Buffer.alloc(32, 7) }] },
    salt: Buffer.from("salt of this test"),
    count: { call: () => {}, job: () => {}, inbound: () => {} },
  };
  const worker = createWorker({
    db,
    door,
    jobs: jobs(gateway),
    width: 4,
    wake: (most) => wake(gateway, most),
    ended: (kind, end, error) => {
      if (end === "failed") lines.push(`${kind} failed: ${String((error as Error).stack)}`);
    },
  });
  let isReady = true;
  const app = await createHttp(gateway, {
    accountId: "the-account",
    settings: {
      publicUrl: "https://bowline.example",
      sandbox: true,
      alone: options.alone ?? true,
      embedOrigins: [],
      application: "",
    },
    ...(options.limits && { limits: options.limits }),
    ...(options.proxies !== undefined && { proxies: options.proxies }),
    pages: options.pages ?? null,
    logger,
    ready: () => isReady,
    metrics: async () => "# HELP nothing\n",
    farm: createFarm({ memory: forgetfulMemory(), clock: door, seed: "one", key: FARM_KEY }),
    advanceClock: async (by) => {
      clock.at += by;
      await worker.drain();
      return { now: clock.at, remaining: 0 };
    },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  gateway.farm = { baseUrl: `${origin}/farm`, key: FARM_KEY, seed: "one" };
  providers.set("SANDBOX", sandbox(gateway.farm));
  await addApiKey(db, door, KEY, "test");
  await learnInstitutions(gateway, "SANDBOX");
  const contract = checked(app);

  return {
    app,
    gateway,
    worker,
    clock,
    /** What is drawn from here on is the same at each run, whatever was drawn before. */
    reseed: (name: string) => void Object.assign(dice, { name, drawn: 0 }),
    origin,
    lines,
    noted,
    database,
    seen: contract.seen,
    inject: contract.inject,
    setReady: (ready: boolean) => {
      isReady = ready;
    },
    /** With the API key and a JSON body; the answer's status and its parsed body. */
    async call(
      method: "GET" | "POST" | "DELETE" | "PATCH",
      url: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) {
      const answer = await contract.inject({
        method,
        url,
        headers: { authorization: `Bearer ${KEY}`, ...headers },
        ...(body !== undefined && { payload: body as object }),
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
    },
    async close() {
      await app.close();
      await worker.stop();
      await gateway.activity?.written();
      await records(database.pool);
      await target.close();
      await db.close();
      await database.drop();
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof openGateway>>;
