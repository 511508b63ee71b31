/**
 * How often one may ask: each API key and each customer's session by itself, and of whoever is turned away with 401,
 * each address. Counted in windows of a minute, in the memory of one process: with several the limit is each one's.
 * Told as in draft-ietf-httpapi-ratelimit-headers-11, so that a client can slow down before it is refused.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Door, Instant, Millis } from "../core/door.ts";
import { Refusal } from "../core/refusal.ts";
import { actorOf } from "./actor.ts";
import type { Api, Limits } from "./context.ts";

export const WINDOW: Millis = 60_000;
/** Of addresses there are more than memory: those that were met first are forgotten first. */
export const MOST = 10_000;

interface Window {
  from: Instant;
  count: number;
}

function counter(most: number, wall: () => Instant) {
  const windows = new Map<string, Window>();
  const windowOf = (whose: string): Window => {
    const now = wall();
    const known = windows.get(whose);
    if (known && now < known.from + WINDOW) return known;
    const fresh = { from: now, count: 0 };
    windows.delete(whose);
    windows.set(whose, fresh);
    const [oldest] = windows.keys();
    if (windows.size > MOST && oldest !== undefined) windows.delete(oldest);
    return fresh;
  };
  return {
    /** How many are left after this one, below 0 where it is one too many; and in how long there are more. */
    take(whose: string, by = 1): { left: number; opens: Millis } {
      const window = windowOf(whose);
      window.count += by;
      return { left: most - window.count, opens: window.from + WINDOW - wall() };
    },
  };
}

const seconds = (ms: Millis): number => Math.max(1, Math.ceil(ms / 1000));

/** Hooks for the parts of the app that ask for a key or a token; called after those that find out whose it is. */
export function limitAsked(app: Api, door: Pick<Door, "now" | "wall">, limits: Limits | undefined): void {
  if (!limits?.asked) return;
  const asked = counter(limits.asked, door.wall);
  app.addHook("onRequest", async (request: FastifyRequest, reply: FastifyReply) => {
    const whose = actorOf(request)?.id;
    if (whose === undefined || whose === null) return;
    const { left, opens } = asked.take(whose);
    reply.headers({
      "ratelimit-policy": `"asked";q=${limits.asked};w=${WINDOW / 1000}`,
      ratelimit: `"asked";r=${Math.max(0, left)};t=${seconds(opens)}`,
    });
    if (left < 0)
      throw new Refusal(
        "TOO_EARLY",
        `More than ${limits.asked} requests came in a minute; slow down, and ask again after Retry-After.`,
        door.now() + opens,
      );
  });
}

/** On the whole app, before anything is looked up: who guesses is not even looked up any more. */
export function limitRefused(app: Api, door: Pick<Door, "now" | "wall">, limits: Limits | undefined): void {
  if (!limits?.refused) return;
  const refused = counter(limits.refused, door.wall);
  app.addHook("onRequest", async (request: FastifyRequest) => {
    if (!brings(request)) return;
    const { left, opens } = refused.take(request.ip, 0);
    if (left <= 0)
      throw new Refusal(
        "TOO_EARLY",
        `More than ${limits.refused} keys or tokens that are not known came from here in a minute; ask again after ` +
          "Retry-After, with the right one.",
        door.now() + opens,
      );
  });
  app.addHook("onResponse", async (request, reply) => {
    if (reply.statusCode === 401 && brings(request)) refused.take(request.ip);
  });
}

/** A key in a header, or typed into the operator's pages. */
const brings = ({ headers, method, url }: FastifyRequest): boolean =>
  headers.authorization !== undefined || (method === "POST" && url.startsWith("/dashboard/session"));
