/**
 * A running gateway, from its parts: database, providers, farm, worker, API. The parts come up in the order in which
 * they need each other, and go down in the opposite one. A database that is late or goes away is waited for: what
 * needs it answers 503 meanwhile, and `/health` stays well.
 */
import { createHmac } from "node:crypto";
import { pino } from "pino";
import type { Gateway } from "./actions/gateway.ts";
import { openRecorder } from "./actions/activity.ts";
import { ENDPOINTS } from "./actions/place-news.ts";
import { type Config, farmAt, StartRefused } from "./config.ts";
import type { Door, Millis } from "./core/door.ts";
import { isRefusal } from "./core/refusal.ts";
import { createHttp } from "./http/http.ts";
import { createEngine } from "./engine.ts";
import { logOptions } from "./http/log.ts";
import { createMetrics } from "./http/metrics.ts";
import type { Provider } from "./providers/provider.ts";
import { createFarm } from "./providers/sandbox/farm/farm.ts";
import { sandbox } from "./providers/sandbox/sandbox.ts";
import { readPages } from "./pages.ts";
import { advance, type MovableClock } from "./queue/advance.ts";
import { isAlone, listen } from "./listen.ts";
import { learnInstitutions } from "./actions/learn-institutions.ts";
import { openTarget } from "./webhooks/guard.ts";
import { resolveHost } from "./door.ts";
import { type Database, openDatabase, type Reach } from "./store/database.ts";
import { sandboxMemory } from "./store/sandbox-memory.ts";
import { readClockOffset } from "./store/settings.ts";
import { freeAll, makeDue } from "./store/tasks.ts";
import { realProviders } from "./real-providers.ts";
import { gated, inTime, inTurn, patient, repeat } from "./patience.ts";
import { prepareDatabase, type Prepared, runningAs, type Site } from "./site.ts";

export type Role = "serve" | "api" | "worker";

export interface Running {
  /** Where it listens; null for a worker alone. */
  url: string | null;
  /** Made at this start, and shown once; null where there was one. */
  newKey: string | null;
  stop(): Promise<void>;
}

export const CLOCK_BUDGET = 60_000;
const AGAIN = 2_000;
/** A probe wants an answer, also where the database gives none. */
export const READY_WITHIN = 2000;
/** How soon an API without a worker sees that another process moved the sandbox's clock. */
const FOLLOW = 250;
/** What is in hand at a stop gets this long; then the database counts as away for it. */
export const GRACE = 3000;
const LOOK_FOR_IDLE = 50;
/** One deployment is one account: the same in every answer, and an id by its looks. */
const ACCOUNT = "111111111111111BowLine";

/**
 * Rejects with the signal's reason where it is asked to stop before it is up; then nothing of it is left running.
 * `reach` is told of every commit and call: by it a test ends the process at a point that it names.
 */
export async function serve(
  config: Config,
  role: Role,
  site: Site,
  door: Door & MovableClock,
  say: (sentence: string) => void,
  asked: AbortSignal = new AbortController().signal,
  reach?: Reach,
): Promise<Running> {
  const log = pino(logOptions(config.BOWLINE_LOG_LEVEL), pino.destination({ fd: 2, sync: true }));
  const target = openTarget(config.BOWLINE_WEBHOOK_ALLOW, resolveHost);
  const operator = await operatorOf(config, target);
  let prepared: Prepared | null = null;
  const stopping = new AbortController();
  const told = (error: Error): void => {
    // Sessions that end while we stop are no news: the built-in database is told to end once they are let go.
    if (!stopping.signal.aborted) log.warn({ err: error }, "A database session ended");
  };
  const real = openDatabase(runningAs(site), told, reach);
  const db = gated(real, () => prepared !== null);
  const metrics = createMetrics(db);
  const providers = new Map<string, Provider>();
  const parts: Omit<Gateway, "poke"> = {
    accountId: ACCOUNT,
    target,
    operator,
    db,
    door,
    ring: site.ring,
    salt: new Uint8Array(),
    providers,
    log,
    count: metrics.count,
    publicUrl: config.BOWLINE_PUBLIC_URL,
    farm: null,
    activity: openRecorder(() => gateway, metrics.activity),
    ...(reach && { reach }),
  };
  // An API process has one too, at rest: moving the sandbox's clock runs what is due.
  const engine = createEngine(parts, { width: config.BOWLINE_WORKERS, tick: () => followClock(db) });
  const { gateway } = engine;

  const others = await realProviders(config);
  const onlySandbox = config.BOWLINE_SANDBOX === "on" && others.length === 0;
  const app =
    role === "worker"
      ? null
      : await createHttp(gateway, {
          accountId: ACCOUNT,
          settings: {
            publicUrl: config.BOWLINE_PUBLIC_URL ?? "",
            sandbox: config.BOWLINE_SANDBOX === "on",
            alone: isAlone(config),
            embedOrigins: config.BOWLINE_EMBED_ORIGINS,
            application: config.BOWLINE_APPLICATION,
          },
          limits: { asked: config.BOWLINE_RATE_LIMIT, refused: config.BOWLINE_REFUSED_LIMIT },
          ...(config.BOWLINE_PROXIES > 0 && { proxies: config.BOWLINE_PROXIES }),
          pages: readPages(config.BOWLINE_EMBED_ORIGINS),
          logger: log,
          ready: async () => (await inTime(db.row("select 1"), READY_WITHIN, door)) !== null,
          metrics: metrics.text,
          ...(config.BOWLINE_SANDBOX === "on" && { farm: { handle: (request) => farm().handle(request) } }),
          advanceClock: inTurn(async (by: Millis) =>
            onlySandbox ? advance(db, door, engine, by, CLOCK_BUDGET) : null,
          ),
        });
  if (config.BOWLINE_SANDBOX === "on") gateway.letters = (line, send) => farm().post(line, send);
  const farm = once(() =>
    createFarm({
      memory: sandboxMemory(db),
      clock: door,
      seed: config.BOWLINE_SANDBOX_SEED,
      key: gateway.farm?.key ?? "",
      ring: async (line, at) => {
        await makeDue(db, ENDPOINTS, line, "letters", at, door.now());
        gateway.poke();
      },
    }),
  );
  const url = app && (await listen(app, config));
  let newKey: string | null = null;

  async function followClock(from: Database): Promise<void> {
    if (onlySandbox) door.setOffset(await readClockOffset(from));
  }

  async function prepare(): Promise<void> {
    const ready = await prepareDatabase(real, site, config, door);
    // The database may go away between here and the end: the key is made once, and must still be shown.
    newKey ??= ready.newKey;
    if (!ready.keepsAudit && prepared === null)
      say("The user of DATABASE_URL could change the audit log, and may become no role that can't; see docs/audit.md.");
    await followClock(real);
    gateway.salt = ready.salt;
    if (config.BOWLINE_SANDBOX === "on") {
      const key = createHmac("sha256", ready.salt).update("the farm's key").digest("hex");
      gateway.farm = {
        baseUrl: config.BOWLINE_SANDBOX_URL ?? farmAt(url ?? `http://127.0.0.1:${config.BOWLINE_PORT}`),
        key,
        seed: config.BOWLINE_SANDBOX_SEED,
      };
      providers.set("SANDBOX", sandbox(gateway.farm));
    }
    for (const provider of others) providers.set(provider.name, provider);
    // The data folder's lock says that we are alone: what is in hand was in the hands of a process that is no more,
    // as long as nothing here has begun.
    if (site.folder !== null && prepared === null) await freeAll(real);
    prepared = ready;
    if (role !== "api") await engine.begin();
    if (app && providers.has("SANDBOX")) await learnBanks();
  }

  /** Where the farm is another process, it may come up later than this one. */
  async function learnBanks(): Promise<void> {
    const learn = () => learnInstitutions(gateway, "SANDBOX");
    try {
      await learn();
    } catch (error) {
      if (!isRefusal(error, "PROVIDER_UNAVAILABLE")) throw error;
      say("The fake banks do not answer yet; check BOWLINE_SANDBOX_URL if they should. They are asked again.");
      const learned = new AbortController();
      const again = () => learn().then(() => learned.abort());
      void repeat(again, AGAIN, door, AbortSignal.any([stopping.signal, learned.signal]));
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const over = new AbortController();
    door.wait(GRACE, over.signal).then(
      () => {
        prepared = null;
        // A receiver that hangs keeps nobody: what came of its try is not known, as after a crash.
        void target.close();
      },
      () => undefined,
    );
    // A client keeps its connection after the answer that it still got; only what is idle at first is closed for us.
    void repeat(async () => app?.server.closeIdleConnections(), LOOK_FOR_IDLE, door, over.signal);
    await Promise.all([app?.close(), engine.stop()]);
    await gateway.activity?.written();
    over.abort();
    await target.close();
    await real.close();
  }

  try {
    await patient(prepare, say, door, asked);
  } catch (error) {
    // What is asked to stop does not wait for what the database was asked: that ends with its sessions.
    if (!asked.aborted) await stop();
    throw error;
  }
  if (role === "api") void repeat(() => followClock(db), FOLLOW, door, stopping.signal);
  return { url, newKey, stop };
}

/** One guard for every way out, the operator's own too. */
async function operatorOf(config: Config, target: Gateway["target"]): Promise<Gateway["operator"]> {
  const { BOWLINE_OPERATOR_WEBHOOK: url, BOWLINE_OPERATOR_SECRET: secret } = config;
  if (url === null || secret === null) return null;
  const problem = await target.problemOf(url);
  if (problem !== null) throw new StartRefused(`BOWLINE_OPERATOR_WEBHOOK ${problem}.`);
  return { url, secrets: [secret] };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
