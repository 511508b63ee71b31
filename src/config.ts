/**
 * Every setting, once: its name, its default, what it is for, and how it is read. `docs/config.md` is printed from
 * this table. A value that can't be read stops the start with a sentence that names the setting and the mend.
 */
import { readRing, type Ring } from "./store/seal.ts";
import { type Range, readRange } from "./webhooks/addresses.ts";

interface Setting<T> {
  /** The text that stands for the default; "" where there is none. */
  fallback: string;
  means: string;
  read(text: string): T;
  /** Shown to nobody. */
  isSecret?: true;
}

class Unreadable extends Error {}

const text = (value: string): string => value;
const optional = (value: string): string | null => (value === "" ? null : value);

const among =
  <const T extends string>(...choices: readonly T[]) =>
  (value: string): T => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new Unreadable(`must be one of ${choices.join(", ")}`);
    return found;
  };

const whole =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most)
      throw new Unreadable(`must be a whole number from ${least} to ${most}`);
    return number;
  };

function address(value: string): string | null {
  if (value === "") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "")
    throw new Unreadable("must be an http or https address without a query, like https://bank.example.com");
  return value.replace(/\/+$/, "");
}

/** The farm's path on a gateway; an address that has a path of its own is left as it is. */
export function farmAt(gateway: string): string;
export function farmAt(gateway: string | null): string | null;
export function farmAt(gateway: string | null): string | null {
  return gateway === null || new URL(gateway).pathname !== "/" ? gateway : `${gateway}/farm`;
}

function databaseAddress(value: string): string | null {
  if (value === "") return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol))
    throw new Unreadable("must be a PostgreSQL address, like postgres://user:password@host:5432/bowline");
  return value;
}

function host(value: string): string {
  if (!/^[\w.:-]+$/.test(value)) throw new Unreadable("must be a host name or an IP address to listen on");
  return value;
}

function apiKey(value: string): string | null {
  if (value === "") return null;
  if (!/^[\x21-\x7e]{16,512}$/.test(value))
    throw new Unreadable("must be 16 to 512 visible characters without spaces, hard to guess");
  return value;
}

function ring(value: string): Ring | null {
  if (value === "") return null;
  try {
    return readRing(value);
  } catch (error) {
    throw new Unreadable(`can't be read: ${(error as Error).message}`);
  }
}

function webhookSecret(value: string): string | null {
  if (value === "") return null;
  const [, key = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? [];
  const { length } = Buffer.from(key, "base64");
  if (length < 24 || length > 64)
    throw new Unreadable(
      "must be `whsec_` and the base64 of 24 to 64 random bytes, as `openssl rand -base64 32` gives",
    );
  return value;
}

function ranges(value: string): readonly Range[] {
  if (value === "") return [];
  try {
    return value.split(",").map(readRange);
  } catch (error) {
    throw new Unreadable(`can't be read: ${(error as Error).message}`);
  }
}

function title(value: string): string {
  // Plaid, too, shows it, and takes no more.
  if ([...value].length > 30) throw new Unreadable("must be a name of at most 30 characters");
  return value;
}

function origins(value: string): readonly string[] {
  if (value === "") return [];
  return value.split(",").map((one) => {
    const url = URL.canParse(one.trim()) ? new URL(one.trim()) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.origin !== one.trim().toLowerCase())
      throw new Unreadable("must be origins like https://app.example.com, comma between: no path, no wildcard");
    return url.origin;
  });
}

const setting = <T>(
  fallback: string,
  means: string,
  read: (text: string) => T,
  more: Partial<Setting<T>> = {},
): Setting<T> => ({
  fallback,
  means,
  read,
  ...more,
});

const secret = { isSecret: true } as const;

export const SETTINGS = {
  BOWLINE_PORT: setting("4400", "Port of everything: API, fake banks, metrics. 0 takes a free one.", whole(0, 65_535)),
  BOWLINE_HOST: setting("127.0.0.1", "Address to listen on. 0.0.0.0 lets other machines in.", host),
  BOWLINE_DATA: setting(
    "",
    "Folder of the built-in database and its key ring; unset: `data` in the checkout.",
    optional,
  ),
  DATABASE_URL: setting("", "A PostgreSQL server, 15 or newer, instead of the built-in one.", databaseAddress, secret),
  BOWLINE_API_KEY: setting(
    "",
    "An API key to accept; unset: one is made and shown at the first start.",
    apiKey,
    secret,
  ),
  BOWLINE_SECRET_KEYS: setting(
    "",
    "Key ring that seals provider secrets: `name:base64` of 32 bytes, newest first, comma between. " +
      "Made in the data folder with the built-in database; required with DATABASE_URL.",
    ring,
    secret,
  ),
  BOWLINE_PUBLIC_URL: setting(
    "",
    "Where the gateway is reached from outside; the operator's pages and /metrics ask everybody for a key then. " +
      "Unset: providers can't send webhooks, and it polls.",
    address,
  ),
  BOWLINE_URL: setting(
    "",
    "Where the `bowline` command finds the running gateway. Unset: on this machine, by BOWLINE_HOST and BOWLINE_PORT.",
    address,
  ),
  BOWLINE_LOG_LEVEL: setting(
    "warn",
    "What is logged, as JSON lines on standard error.",
    among("trace", "debug", "info", "warn", "error", "fatal", "silent"),
  ),
  BOWLINE_WORKERS: setting("16", "How many tasks one process has in hand at once.", whole(1, 256)),
  BOWLINE_RATE_LIMIT: setting(
    "12000",
    "Requests a minute of one API key or one customer's session, in each process; 0: no limit.",
    whole(0, 1_000_000),
  ),
  BOWLINE_REFUSED_LIMIT: setting(
    "120",
    "Unknown keys and tokens a minute from one address, before it is turned away unseen; 0: no limit.",
    whole(0, 1_000_000),
  ),
  BOWLINE_PROXIES: setting(
    "0",
    "How many proxies of yours stand in front and write X-Forwarded-For; 0: none is believed.",
    whole(0, 10),
  ),
  BOWLINE_SANDBOX: setting("on", "The farm of fake banks and its handles.", among("on", "off")),
  BOWLINE_SANDBOX_SEED: setting(
    "bowline",
    "What the fake banks' data is made from: the same seed makes the same data.",
    text,
  ),
  BOWLINE_SANDBOX_URL: setting(
    "",
    "Where a separate worker reaches the farm: an API's address, `/farm` added where it has no path. " +
      "Unset: the API's port on this machine.",
    (value) => farmAt(address(value)),
  ),
  BOWLINE_EMBED_ORIGINS: setting(
    "",
    "Origins that may embed the connect page and are told what happens in it, comma between, like " +
      "`https://app.example.com`. Unset: no other site may embed it.",
    origins,
  ),
  BOWLINE_APPLICATION: setting("", "What customers know your application by: shown on the connect page.", title),
  BOWLINE_WEBHOOK_ALLOW: setting(
    "",
    "Ranges (CIDR, comma between) that outgoing webhooks may reach although they are private.",
    ranges,
  ),
  BOWLINE_OPERATOR_WEBHOOK: setting(
    "",
    "Where the operator is told of alarms and unmapped codes; signed with BOWLINE_OPERATOR_SECRET.",
    optional,
    secret,
  ),
  BOWLINE_OPERATOR_SECRET: setting(
    "",
    "What signs the operator's webhook: `whsec_` and the base64 of 24 to 64 random bytes.",
    webhookSecret,
    secret,
  ),
  PLAID_CLIENT_ID: setting("", "Plaid's client id. Set with PLAID_SECRET, it switches Plaid on.", optional),
  PLAID_SECRET: setting("", "Plaid's secret for the environment.", optional, secret),
  PLAID_ENV: setting("sandbox", "Plaid's environment.", among("sandbox", "production")),
  PLAID_BASE_URL: setting("", "Another address for Plaid's API: a proxy, or a fixture server.", address),
  BOWLINE_SPECS: setting("", "Folder of providers' official API documents, for the contract tests.", text),
} as const;

export type Config = { [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]["read"]> };

/** A start that must not happen; its message is all that is printed. */
export class StartRefused extends Error {
  override name = "StartRefusal";
}

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const names = Object.keys(SETTINGS);
  const strange = Object.keys(env).find(
    (name) => name.startsWith("BOWLINE_") && !names.includes(name) && !isForTests(name),
  );
  if (strange) throw new StartRefused(`${strange} is no setting of Bowline; docs/config.md lists them all.`);
  const read = Object.entries(SETTINGS).map(([name, { fallback, read: reader }]) => {
    try {
      return [name, (reader as (text: string) => unknown)(env[name]?.trim() || fallback)] as const;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      throw new StartRefused(`${name} ${error.message}; correct it and start again.`);
    }
  });
  const config = Object.fromEntries(read) as Config;
  refuseHalves(config);
  return config;
}

const isForTests = (name: string) => name.startsWith("BOWLINE_TEST_");

function refuseHalves(config: Config): void {
  if ((config.PLAID_CLIENT_ID === null) !== (config.PLAID_SECRET === null)) {
    const missing = config.PLAID_CLIENT_ID === null ? "PLAID_CLIENT_ID" : "PLAID_SECRET";
    throw new StartRefused(`${missing} is missing: Plaid needs PLAID_CLIENT_ID and PLAID_SECRET together.`);
  }
  if ((config.BOWLINE_OPERATOR_WEBHOOK === null) !== (config.BOWLINE_OPERATOR_SECRET === null)) {
    const isUrl = config.BOWLINE_OPERATOR_WEBHOOK === null;
    const missing = isUrl ? "BOWLINE_OPERATOR_WEBHOOK" : "BOWLINE_OPERATOR_SECRET";
    throw new StartRefused(`${missing} is missing: the operator's webhook needs its address and its secret together.`);
  }
  if (config.DATABASE_URL !== null && config.BOWLINE_SECRET_KEYS === null) {
    throw new StartRefused(
      "BOWLINE_SECRET_KEYS must be set with DATABASE_URL, the same for every process: make one with " +
        "`echo main:$(openssl rand -base64 32)` and keep it safe.",
    );
  }
}
