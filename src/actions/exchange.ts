/** What went over the line in one call of a provider's verb, kept for the activity log as far as it is worth it. */
import type { Clock, Instant, Millis } from "../core/door.ts";
import { MASK, maskForeign } from "../core/masks.ts";

/** Of an answer so much is kept, until it is masked. */
export const MOST = 64 * 1024;
/** Headers that say something and open nothing. */
const SHOWN_HEADERS = ["content-type", "retry-after", "x-request-id", "plaid-version"];

const OPENS = /authorization|client-id|cookie|grant|key|secret|token/;
/** Shorter ones stand in words by chance. */
const SHORTEST = 8;

export interface Exchange {
  at: Instant;
  method: string;
  /** Without its query, which may hold anything. */
  url: string;
  sent: string | null;
  /** What we showed ourselves by: an answer may quote it. */
  opens: readonly string[];
  status: number | null;
  headers: Record<string, string>;
  chunks: Uint8Array[];
  bytes: number;
  ms: Millis | null;
  failure: string | null;
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Every exchange goes into `kept` as it begins. */
export function watched(fetch: Fetch, clock: Clock, kept: Exchange[]): Fetch {
  return async (url, init) => {
    const began = clock.wall();
    const one: Exchange = {
      at: clock.now(),
      method: init?.method ?? "GET",
      url: url.replace(/[?#].*$/s, "").replace(/\/\/[^/@]*@/, "//"),
      sent: typeof init?.body === "string" ? init.body.slice(0, MOST) : null,
      opens: [...new Headers(init?.headers)].flatMap(([name, value]) =>
        OPENS.test(name) && value.length >= SHORTEST ? [value] : [],
      ),
      status: null,
      headers: {},
      chunks: [],
      bytes: 0,
      ms: null,
      failure: null,
    };
    kept.push(one);
    try {
      const response = await fetch(url, init);
      one.status = response.status;
      one.headers = Object.fromEntries(
        SHOWN_HEADERS.flatMap((name) => {
          const value = response.headers.get(name);
          return value === null ? [] : [[name, value]];
        }),
      );
      one.ms = clock.wall() - began;
      return overheard(response, one);
    } catch (error) {
      one.failure = error instanceof Error ? error.name : "Error";
      one.ms = clock.wall() - began;
      throw error;
    }
  };
}

function overheard(response: Response, one: Exchange): Response {
  if (!response.body) return response;
  const listener = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      one.bytes += chunk.byteLength;
      if (one.bytes <= MOST) one.chunks.push(chunk);
      controller.enqueue(chunk);
    },
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(listener), { status, headers });
}

export const weightOf = ({ sent, bytes }: Exchange): number => (sent?.length ?? 0) + Math.min(bytes, MOST) + 500;

export const detailOf = (one: Exchange): unknown => ({
  request: { body: one.sent === null ? null : readable(one.sent) },
  response: {
    headers: one.headers,
    body: one.bytes === 0 ? null : one.bytes > MOST ? `[${one.bytes} bytes]` : readable(textOf(one)),
  },
});

const textOf = ({ chunks, opens }: Exchange): string =>
  opens.reduce((text, one) => text.replaceAll(one, MASK), Buffer.concat(chunks).toString());

/** What is no JSON says nothing that could be masked field by field. */
function readable(text: string): unknown {
  try {
    return maskForeign(JSON.parse(text));
  } catch {
    return `[${text.length} characters that are no JSON]`;
  }
}
