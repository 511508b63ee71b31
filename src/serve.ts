/**
 * A running gateway, from its parts: database, providers, farm, worker, API. The parts come up in the order in which
 * they need each other, and go down in the opposite one. A database that is late or goes away is waited for: what
 * needs it answers 503 meanwhile, and `/health` stays well.
 */
import { createHmac } from "node:crypto";
import { pino } from "pino";
import type { Gateway } from "./actions/gateway.ts";
import { wake } from "./actions/wake.ts";
import { type Config, StartRefused } from "./config.ts";
import type { Door, Millis } from "./core/door.ts";
import { createHttp } from "./http/http.ts";
import { logOptions } from "./http/log.ts";
import { createMetrics } from "./http/metrics.ts";
import { jobs } from "./jobs/jobs.ts";
import { plaid } from "./providers/plaid/plaid.ts";
import type { Provider } from "./providers/provider.ts";
import { createFarm } from "./providers/sandbox/farm/farm.ts";
import { sandbox } from "./providers/sandbox/sandbox.ts";
import { advance, type MovableClock } from "./queue/advance.ts";
import { createWorker, type Worker } from "./queue/worker.ts";
import { learnInstitutions } from "./actions/learn-institutions.ts";
import { type Database, DatabaseAway, openDatabase } from "./store/database.ts";
import { sandboxMemory } from "./store/sandbox-memory.ts";
import { readClockOffset } from "./store/settings.ts";
import { prepareDatabase, type Prepared, type Site } from "./site.ts";

export type Role = "serve" | "api" | "worker";

export interface Running {
  /** Where it listens; null for a worker alone. */
  url: string | null;
  /** Made at this start, and shown once; null where there was one. */
  newKey: string | null;
  stop(): Promise<void>;
}

const CLOCK_BUDGET = 60_000;
const AGAIN = 1000;
/** One deployment is one account: the same in every answer, and an id by its looks. */
const ACCOUNT = "111111111111111BowLine";

export async function serve(
  config: Config, role: Role, site: Site, door: Door & MovableClock, say: (sentence: string) => void,
): Promise<Running> {
  const log = pino(logOptions(config.BOWLINE_LOG_LEVEL), pino.destination({ fd: 2, sync: true }));
  let prepared: Prepared | null = null;
  const real = openDatabase(site.connection, (error) => log.warn({ err: error }, "A database session ended"));
  const db = gated(real, () => prepared !== null);
  const metrics = createMetrics(db);
  const providers = new Map<string, Provider>();
  const gateway: Gateway = {
    db, door, ring: site.ring, salt: new Uint8Array(), providers, log, count: metrics.count,
    publicUrl: config.BOWLINE_PUBLIC_URL, farm: null, poke: () => worker.poke(),
  };
  // An API process has one too, at rest: moving the sandbox's clock runs what is due.
  const worker: Worker = createWorker({
    db, door, jobs: jobs(gateway), width: config.BOWLINE_WORKERS,
    wake: (most) => wake(gateway, most),
    tick: async () => {
      if (onlySandbox) door.setOffset(await readClockOffset(db));
    },
    ended: (kind, end, error) => {
      metrics.count.job(kind, end);
      if (end === "failed") log.error({ kind, err: error }, "A task failed and is tried again");
    },
  });

  const onlySandbox = config.BOWLINE_SANDBOX === "on" && config.PLAID_CLIENT_ID === null;
  const app = role === "worker" ? null : await createHttp(gateway, {
    accountId: ACCOUNT,
    settings: {
      publicUrl: config.BOWLINE_PUBLIC_URL ?? "", sandbox: config.BOWLINE_SANDBOX === "on", loopback: isLoopback(config.BOWLINE_HOST),
    },
    logger: log,
    ready: async () => prepared !== null && (await db.row("select 1")) !== null,
    metrics: metrics.text,
    ...(config.BOWLINE_SANDBOX === "on" && { farm: { handle: (request) => farm().handle(request) } }),
    advanceClock: async (by: Millis) => (onlySandbox ? advance(db, door, worker, by, CLOCK_BUDGET) : null),
  });
  const farm = once(() => createFarm({
    memory: sandboxMemory(db), clock: door, seed: config.BOWLINE_SANDBOX_SEED, key: gateway.farm?.key ?? "",
  }));
  const url = app && (await listen(app, config));

  async function prepare(): Promise<string | null> {
    const ready = await prepareDatabase(real, site, config, door);
    gateway.salt = ready.salt;
    if (config.BOWLINE_SANDBOX === "on") {
      const key = createHmac("sha256", ready.salt).update("the farm's key").digest("hex");
      gateway.farm = { baseUrl: config.BOWLINE_SANDBOX_URL ?? `${url ?? `http://127.0.0.1:${config.BOWLINE_PORT}`}/farm`, key };
      providers.set("SANDBOX", sandbox(gateway.farm));
    }
    if (config.PLAID_CLIENT_ID !== null && config.PLAID_SECRET !== null) {
      const base = config.PLAID_BASE_URL === null ? {} : { baseUrl: config.PLAID_BASE_URL };
      providers.set("PLAID", plaid({
        clientId: config.PLAID_CLIENT_ID, secret: config.PLAID_SECRET, environment: config.PLAID_ENV, ...base,
      }));
    }
    prepared = ready;
    if (role !== "api") worker.start();
    if (app && providers.has("SANDBOX")) await learnInstitutions(gateway, "SANDBOX");
    return ready.newKey;
  }

  const stopping = new AbortController();
  const newKey = await patient(prepare, say, door, stopping.signal);
  return {
    url,
    newKey,
    async stop() {
      stopping.abort();
      await app?.close();
      await worker.stop();
      await real.close();
    },
  };
}

/** Tries until the database is there; says once that it is waited for. What the database refuses is not waited for. */
async function patient<T>(prepare: () => Promise<T>, say: (sentence: string) => void, door: Door, signal: AbortSignal): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      const result = await prepare();
      if (told) say("The database is there.");
      return result;
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw error;
      if (!told) say(`The database can't be reached (${error.message}); waiting for it. Check DATABASE_URL if it should be there.`);
      await door.wait(AGAIN, signal);
    }
  }
}

/** Until the installation is prepared, the database counts as away for everybody else. */
function gated(db: Database, isOpen: () => boolean): Database {
  const check = () => {
    if (!isOpen()) throw new DatabaseAway("the database is not prepared yet");
  };
  const after = <A extends unknown[], R>(ask: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    check();
    return ask(...args);
  };
  return { rows: after(db.rows) as Database["rows"], row: after(db.row) as Database["row"], run: after(db.run), tx: after(db.tx) as Database["tx"], close: db.close };
}

const isLoopback = (host: string) => host === "localhost" || host === "::1" || host.startsWith("127.");

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

async function listen(app: Awaited<ReturnType<typeof createHttp>>, config: Config): Promise<string> {
  try {
    return await app.listen({ host: config.BOWLINE_HOST, port: config.BOWLINE_PORT });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `${config.BOWLINE_HOST}:${config.BOWLINE_PORT}`;
    if (code === "EADDRINUSE") throw new StartRefused(`Port ${config.BOWLINE_PORT} is in use; stop what listens there or set BOWLINE_PORT to another.`);
    if (code === "EACCES") throw new StartRefused(`Port ${config.BOWLINE_PORT} is not this user's to take; set BOWLINE_PORT to 1024 or more.`);
    if (code === "EADDRNOTAVAIL") throw new StartRefused(`${where} is no address of this machine; correct BOWLINE_HOST.`);
    throw error;
  }
}
