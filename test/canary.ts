/**
 * Keeps, for a look at the end of the run (scripts/canary.ts), what gateways under test print, answer and send, and
 * which secrets they were given or handed out. Without BOWLINE_TEST_KEPT nothing is kept.
 *
 * What goes over a wire is taken from the platform's own diagnostics, so that no test has to say it.
 */
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync, existsSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type pg from "pg";
import { type Entrance, isMarked, type Outlet } from "../scripts/canary.ts";

let folder: string | null = null;
const MOST = 64 * 1024;
const ends = { kept: "", secrets: "" };
const known = new Set<string>();

function flush(end: keyof typeof ends): void {
  if (folder !== null && ends[end] !== "" && existsSync(folder))
    appendFileSync(join(folder, `${process.pid}-.${end}`), ends[end]);
  ends[end] = "";
}

export const isKeeping = (): boolean => folder !== null;

export function kept(outlet: Outlet, where: string, text: string): void {
  if (folder === null) return;
  ends.kept += `${outlet}\t${where.replace(/\s+/g, " ")}\t${text.replaceAll("\n", " ")}\n`;
  if (ends.kept.length > MOST) flush("kept");
}

/** A secret that was put in, or handed out. */
export function planted(entrance: Entrance, secret: string): void {
  if (folder === null || known.has(secret) || !isMarked(secret)) return;
  known.add(secret);
  ends.secrets += `${JSON.stringify([entrance, secret])}\n`;
  if (ends.secrets.length > MOST) flush("secrets");
}

const SETTINGS: Readonly<Record<string, Entrance>> = {
  BOWLINE_API_KEY: "API key",
  BOWLINE_OPERATOR_SECRET: "webhook secret",
  PLAID_SECRET: "provider credential",
};

/** The secrets among a process's settings. */
export function plantedIn(env: Readonly<Record<string, string>>): void {
  for (const [name, entrance] of Object.entries(SETTINGS)) planted(entrance, env[name] ?? "");
  for (const key of (env["BOWLINE_SECRET_KEYS"] ?? "").split(",")) planted("key ring", key.split(":")[1] ?? "");
  const url = env["DATABASE_URL"] ?? "";
  if (URL.canParse(url)) planted("database password", decodeURIComponent(new URL(url).password));
}

/** The fields of answers that hand a secret out, by name. */
const FIELDS: Readonly<Record<string, Entrance>> = {
  secret: "webhook secret",
  connectToken: "connect token",
  access_token: "provider token",
  public_token: "provider token",
  processor_token: "processor token",
  accountNumber: "account number",
  iban: "account number",
};

/** An answer of the gateway's or of a provider's: what it hands out, and of an error and of metrics what it says. */
export function heard(path: string, status: number, text: string): void {
  if (folder === null) return;
  const [plain = ""] = path.split("?");
  if (status >= 400) kept("error", plain, text);
  else if (plain === "/metrics") kept("metrics", plain, text);
  else if (text.startsWith("{")) handedOut(JSON.parse(text), plain);
}

function handedOut(value: unknown, path: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner !== "string") handedOut(inner, path);
    else if (FIELDS[name]) planted(FIELDS[name], inner);
    else if (name === "token" && path.endsWith("/create-token")) planted("processor token", inner);
  }
}

const SESSION = /^ses_\w+$/;

/** Request headers by which somebody shows who they are. */
export function showed(name: string, value: string): void {
  const bare = value.replace(/^(bearer|basic)\s+/i, "");
  // A session's id is none, though a test may try it as one.
  if (name === "authorization" && !SESSION.test(bare))
    planted(bare.startsWith("ses_") ? "connect token" : "API key", bare);
  else if (name === "plaid-secret" || name === "x-farm-key") planted("provider credential", value);
  else if (name === "x-grant") planted("provider token", value);
  else if (name === "cookie") planted("operator's cookie", /bowline_operator=([^;]+)/.exec(value)?.[1] ?? "");
}

/** What stands in tables that hold no secret's column, and is shown to somebody. */
const TABLES = ["activity", "timeline", "event", "audit_entry", "incident", "unmapped_code", "attempt"];

export async function records(sql: Pick<pg.Pool, "query">): Promise<void> {
  if (folder === null) return;
  for (const table of TABLES) {
    const { rows } = await sql.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t`);
    for (const { row } of rows) kept("record", table, row);
  }
}

interface Sent {
  request: { origin: string; method: string; path: string; headers: string | readonly string[] };
}

/** Of both copies of the client: Node's own, and the one that the gateway brings. */
function sent({ request: { origin, method, path, headers } }: Sent): void {
  kept("url", `${method} ${origin}`, path);
  const told = typeof headers === "string" ? headers.split(/\r\n|: /) : headers;
  for (let at = 0; at + 1 < told.length; at += 2) showed(String(told[at]).toLowerCase(), told[at + 1] ?? "");
}

function asked({ request: { method = "", url = "", headers } }: { request: IncomingMessage }): void {
  kept("url", `${method} as seen by a server`, url);
  if (headers.referer !== undefined) kept("url", "referer", headers.referer);
  for (const [name, value] of Object.entries(headers)) showed(name, String(value));
}

/** From now on; where the run keeps already, there. Answers where. */
export function keepIn(other: string): string {
  if (folder !== null) return folder;
  folder = other;
  subscribe("undici:request:create", (message) => sent(message as Sent));
  subscribe("http.server.request.start", (message) => asked(message as { request: IncomingMessage }));
  process.on("exit", flushed);
  return folder;
}

/** Writes out what is still in memory. */
export function flushed(): void {
  flush("kept");
  flush("secrets");
}

if (process.env["BOWLINE_TEST_KEPT"]) keepIn(process.env["BOWLINE_TEST_KEPT"]);
