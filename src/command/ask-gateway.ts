/** How commands speak to a running gateway: over its API, with the operator's key. */
import type { Config } from "../config.ts";
import { StartRefused } from "../config.ts";
import type { Door } from "../core/door.ts";

/** Where the running gateway is: as it was set, or on this machine. */
export function gatewayUrl({ BOWLINE_URL, BOWLINE_HOST, BOWLINE_PORT }: Config): string {
  if (BOWLINE_URL !== null) return BOWLINE_URL;
  const host = BOWLINE_HOST === "0.0.0.0" || BOWLINE_HOST === "::" ? "127.0.0.1" : BOWLINE_HOST;
  return `http://${host.includes(":") ? `[${host}]` : host}:${BOWLINE_PORT}`;
}

export type Json = Record<string, unknown>;

export interface Answered {
  status: number;
  /** Seconds. */
  retryAfter: number | null;
  body: Json;
}

interface Asked {
  method: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Every answer that is one; no gateway, or one that does not take the key, ends the command with the mend. */
export async function askGateway(
  config: Config,
  door: Pick<Door, "fetch">,
  { method, path, body, headers = {} }: Asked,
): Promise<Answered> {
  const url = gatewayUrl(config);
  const key = config.BOWLINE_API_KEY;
  let answer: Response;
  try {
    answer = await door.fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    throw new StartRefused(
      `No gateway answers at ${url} (${code ?? "no answer"}): run \`npm start\` in another terminal first.`,
      { cause: error },
    );
  }
  const told = (await answer.json().catch(() => ({}))) as Json;
  if (answer.status === 401)
    throw new StartRefused(`The gateway at ${url} asks for a key: set BOWLINE_API_KEY to one of its API keys.`);
  const after = Number(answer.headers.get("retry-after") ?? NaN);
  return { status: answer.status, retryAfter: Number.isFinite(after) ? after : null, body: told };
}

/** The same, for what has to be good. */
export async function goodAnswer(config: Config, door: Pick<Door, "fetch">, asked: Asked): Promise<Json> {
  const { status, body } = await askGateway(config, door, asked);
  if (status < 300) return body;
  throw new StartRefused(sentenceOf(body) ?? `The gateway at ${gatewayUrl(config)} answered ${status}.`);
}

/** A field of an answer as a word; what is neither a text nor a number is told by `without`. */
export const word = (value: unknown, without = ""): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : without;

export const sentenceOf = ({ message }: Json): string | null => (typeof message === "string" ? message : null);
