/**
 * Where the gateway stands: its database and its key ring. By default both are in the data folder and the database is
 * the gateway's own; with `DATABASE_URL` it is a server's, and the ring comes from the settings.
 */
import { dirname } from "node:path";
import pg from "pg";
import type { Config } from "./config.ts";
import { StartRefused } from "./config.ts";
import type { Door } from "./core/door.ts";
import { defaultFolder } from "./postgres/folder.ts";
import { runningBeside } from "./postgres/beside.ts";
import { startEmbedded } from "./postgres/supervisor.ts";
import { addApiKey, countApiKeys, freshKey, presetApiKey } from "./store/api-keys.ts";
import { away, type Database } from "./store/database.ts";
import { keyFile, readOrMakeRing } from "./store/key-file.ts";
import { isAppendOnly } from "./store/audit.ts";
import { mayRun, RUNNING } from "./store/grants.ts";
import { migrate } from "./store/migrate.ts";
import { type Ring, SealBroken } from "./store/seal.ts";
import { checkRing, readSalt } from "./store/settings.ts";

export interface Site {
  connection: pg.PoolConfig;
  ring: Ring;
  /** The data folder; null with DATABASE_URL. */
  folder: string | null;
  /** The database is the built-in one, and no gateway runs on it. */
  isOurs?: true;
  /** Resolves with a sentence where the built-in database went away for good. */
  lost: Promise<string>;
  stop(): Promise<void>;
}

/**
 * A session for pools. Where it ends under a statement, the statement is told; the same said to a session without a
 * listener, as one is while a transaction has it, would end the process.
 */
class CalmClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on("error", () => undefined);
  }
}

/** `beside`: where a gateway has the built-in database running already, it is used as it is, and left running. */
export async function openSite(
  config: Config,
  door: Door,
  say: (sentence: string) => void,
  how: "alone" | "beside" = "alone",
): Promise<Site> {
  const never = new Promise<string>(() => undefined);
  if (config.DATABASE_URL !== null && config.BOWLINE_SECRET_KEYS !== null) {
    return {
      connection: { connectionString: config.DATABASE_URL, keepAlive: true, Client: CalmClient },
      ring: config.BOWLINE_SECRET_KEYS,
      folder: null,
      lost: never,
      stop: async () => undefined,
    };
  }
  const folder = config.BOWLINE_DATA ?? defaultFolder(dirname(import.meta.dirname));
  const running = how === "beside" ? await runningBeside(folder) : null;
  if (running) {
    const ring = config.BOWLINE_SECRET_KEYS ?? ringIn(folder, door);
    const connection = { ...running, Client: CalmClient };
    return { connection, ring, folder, lost: never, stop: async () => undefined };
  }
  const embedded = await startEmbedded({ folder, log: say, door });
  try {
    const ring = config.BOWLINE_SECRET_KEYS ?? ringIn(folder, door);
    return {
      connection: { ...embedded.connection, Client: CalmClient },
      ring,
      folder,
      isOurs: true,
      lost: embedded.lost,
      stop: embedded.stop,
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

function ringIn(folder: string, door: Door): Ring {
  try {
    return readOrMakeRing(folder, door);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw new StartRefused(message);
    throw new StartRefused(
      `The key ring ${keyFile(folder)} can't be read or made (${code}): let the gateway's user write there, ` +
        "or set BOWLINE_DATA to another folder.",
    );
  }
}

const lowered = new WeakMap<Site, Partial<pg.ClientConfig>>();

/** How a running gateway opens its sessions: as a role that can't change the audit log, once that role is there. */
export function runningAs(site: Site): pg.PoolConfig {
  const Session = (site.connection.Client ?? pg.Client) as new (config?: pg.ClientConfig) => pg.Client;
  class Lowered extends Session {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, ...lowered.get(site) });
    }
  }
  return { ...site.connection, Client: Lowered };
}

export interface Prepared {
  /** The database itself keeps the audit log from being changed by this gateway. */
  keepsAudit: boolean;
  salt: Uint8Array;
  /** The API key made just now; null where there was one. */
  newKey: string | null;
}

/** Brings the database up to this version, and refuses one that belongs to another ring. Safe to run in any number. */
export async function prepareDatabase(db: Database, site: Site, config: Config, door: Door): Promise<Prepared> {
  const pool = new pg.Pool({ connectionTimeoutMillis: 3000, ...site.connection, max: 1 });
  pool.on("error", () => undefined);
  try {
    await away(() => migrate(pool));
    lowered.set(site, (await mayRun(pool)) ? { options: `-c role=${RUNNING}` } : {});
  } catch (error) {
    throw refused(error);
  } finally {
    await pool.end().catch(() => undefined);
  }
  try {
    await checkRing(db, door, site.ring);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    const where =
      config.BOWLINE_SECRET_KEYS === null ? "the file secret-keys of the data folder" : "BOWLINE_SECRET_KEYS";
    throw new StartRefused(
      `The key ring does not fit this database: ${error.message}. Put the ring that it was made with into ${where}.`,
    );
  }
  const salt = await readSalt(db, door);
  return { salt, newKey: await firstKey(db, config, door), keepsAudit: await isAppendOnly(db) };
}

async function firstKey(db: Database, config: Config, door: Door): Promise<string | null> {
  if (config.BOWLINE_API_KEY !== null) {
    await presetApiKey(db, door, config.BOWLINE_API_KEY);
    return null;
  }
  return db.tx("first key", async (sql) => {
    await sql.run("lock table api_key in exclusive mode");
    if ((await countApiKeys(sql)) > 0) return null;
    const key = freshKey(door);
    await addApiKey(sql, door, key, "made at the first start");
    return key;
  });
}

/** What PostgreSQL says of a wrong DATABASE_URL, as a sentence with the mend. The address can hold a password. */
export function refused(error: unknown): unknown {
  const { code = "", message } = error as { code?: string; message: string };
  if ((error as Error).name === "SchemaRefused") return new StartRefused(message);
  // A missing password is noticed by the client, which gives no code.
  if (code.startsWith("28") || message.startsWith("SASL"))
    return new StartRefused(`The database refuses the user or password of DATABASE_URL (${message}); correct them.`);
  if (/\bSSL\b/.test(message) || /CERT|^ERR_TLS/.test(code))
    return new StartRefused(`The database can't be spoken to as DATABASE_URL asks (${message}); correct its sslmode.`);
  if (code === "3D000")
    return new StartRefused(`The database of DATABASE_URL does not exist (${message}); create it first.`);
  if (code === "42501")
    return new StartRefused(`The user of DATABASE_URL may not create tables (${message}); grant it the schema.`);
  return error;
}
