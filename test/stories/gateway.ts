/** A whole gateway in this process, on a free port and a database of its own, spoken to over HTTP alone. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readConfig } from "../../src/config.ts";
import type { State } from "../../src/core/status/table.ts";
import { realDoor } from "../../src/door.ts";
import { serve } from "../../src/serve.ts";
import { readRing } from "../../src/store/seal.ts";
import { heard, plantedIn, records } from "../canary.ts";
import { freshDatabase } from "../database.ts";

export type Json = Record<string, unknown>;

export interface Answered {
  status: number;
  headers: Headers;
  body: Json;
}

export interface TestGateway {
  url: string;
  key: string;
  /** What a command that works on the database has to be given. */
  database: { DATABASE_URL: string; BOWLINE_SECRET_KEYS: string };
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** The same, and the answer must be good. */
  good(method: string, path: string, body?: unknown): Promise<Json>;
  link(more?: Json): Promise<string>;
  stateOf(connectionId: string): Promise<State>;
  /** Resolves when the connection is in the state; fails, telling where it is, after `within` of real time. */
  until(connectionId: string, state: State, within?: number): Promise<Json>;
  /** Resolves when the first data has arrived. */
  aggregated(connectionId: string): Promise<void>;
  advance(by: string): Promise<void>;
  sql: import("pg").Pool;
  stop(): Promise<void>;
}

const API_KEY = "test-key-0123456789abcdef";

export async function startGateway(env: Record<string, string> = {}): Promise<TestGateway> {
  const database = await freshDatabase();
  const ring = `main:${randomBytes(32).toString("base64")}`;
  const settings = {
    BOWLINE_PORT: "0",
    DATABASE_URL: database.url,
    BOWLINE_SECRET_KEYS: ring,
    BOWLINE_API_KEY: API_KEY,
    BOWLINE_LOG_LEVEL: process.env["BOWLINE_TEST_LOG"] ?? "error",
    ...env,
  };
  plantedIn(settings);
  const config = readConfig(settings);
  const site = {
    connection: { connectionString: database.url },
    ring: readRing(ring),
    folder: null,
    lost: new Promise<string>(() => undefined),
    stop: async () => undefined,
  };
  const running = await serve(config, "serve", site, realDoor(), () => undefined);
  const { url } = running;
  assert.ok(url);

  const ask: TestGateway["ask"] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${API_KEY}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    heard(path, response.status, text);
    return { status: response.status, headers: response.headers, body: text === "" ? {} : (JSON.parse(text) as Json) };
  };
  const good: TestGateway["good"] = async (method, path, body) => {
    const { status, body: answer } = await ask(method, path, body);
    assert.ok(status < 300, `${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const get = (id: string) => good("GET", `/bank-linking/connections/${id}`);
  const nameOf = ({ status, statusReason }: Json) => [status, statusReason].filter(Boolean).join("/") as State;

  return {
    url,
    key: API_KEY,
    database: { DATABASE_URL: database.url, BOWLINE_SECRET_KEYS: ring },
    ask,
    good,
    sql: database.pool,
    link: async (more = {}) => {
      const externalCustomerId = `customer-${randomBytes(6).toString("hex")}`;
      return (await good("POST", "/sandbox/connections", { externalCustomerId, ...more }))["id"] as string;
    },
    stateOf: async (id) => nameOf(await get(id)),
    until: async (id, state, within = 8000) => {
      const end = performance.now() + within;
      for (;;) {
        const connection = await get(id);
        if (nameOf(connection) === state) return connection;
        if (performance.now() > end)
          assert.fail(`${id} is ${nameOf(connection)}, not ${state}: ${JSON.stringify(connection)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    aggregated: async (id) => {
      const end = performance.now() + 8000;
      while ((await get(id))["lastSuccessAt"] === null) {
        if (performance.now() > end) assert.fail(`${id} was not read within 8 s`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    advance: async (by) => {
      for (let left: string = by; left !== "PT0S" && left !== "P0D"; ) {
        const { remaining } = await good("POST", "/sandbox/clock", { advance: left });
        if (remaining === left) assert.fail(`the clock stands still with ${left} to go`);
        left = remaining as string;
      }
    },
    stop: async () => {
      if (process.env["BOWLINE_TEST_KEPT"]) heard("/metrics", 200, await (await fetch(`${url}/metrics`)).text());
      await running.stop();
      await records(database.pool);
      await database.drop();
    },
  };
}
