/**
 * The wires of the simulated world: to the fake banks, and to the application's endpoint. What is sent has its effect
 * at one moment and its answer at another; between them either may be lost.
 */
import type { Millis } from "../../src/core/door.ts";
import type { Farm, FarmAnswer } from "../../src/providers/sandbox/farm/farm.ts";
import type { FarmRequest } from "../../src/providers/sandbox/farm/office.ts";
import type { Answered } from "../../src/webhooks/guard.ts";
import type { Dice } from "../search/dice.ts";
import type { Faults } from "./faults.ts";

export type Act = <T>(
  label: string,
  effect: () => Promise<(() => T) | null>,
  before: Millis,
  after: Millis,
) => Promise<T>;

export interface Network {
  fetch(url: string, init: RequestInit, act: Act): Promise<Response>;
  post(url: string, headers: Record<string, string>, body: string, act: Act): Promise<Answered>;
}

export interface NetworkParts {
  farm: Farm;
  dice: Dice;
  faults(): Faults;
  /** The application's endpoint: what it answers; null: nothing ever. */
  receive(url: string, headers: Record<string, string>, body: string): Answered | null;
  /** Told of every request that reached a bank, of its answer, and whether that comes back whole. */
  asked(request: FarmRequest, answer: FarmAnswer | "never", isHeard: boolean): Promise<void>;
}

const HTML = "<!doctype html><title>502</title><h1>Bad Gateway</h1>";

export function createNetwork({ farm, dice, faults, receive, asked }: NetworkParts): Network {
  const isNow = (of: number): boolean => dice.below(10_000) < of;
  const latency = (): Millis => 2 + dice.below(150);

  return {
    fetch(url, init, act) {
      const { pathname, searchParams } = new URL(url);
      const { refused, lost, slow, garbled } = faults();
      const isRefused = isNow(refused);
      const isLost = isNow(lost);
      const isGarbled = isNow(garbled) ? dice.below(4) : -1;
      const tardy = isNow(slow) ? dice.below(4_000) : 0;
      const request: FarmRequest = {
        method: init.method ?? "GET",
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof init.body === "string" ? init.body : "",
      };
      let onTheWay = 0;
      const answered = act<Response | "never">(
        `${request.method} ${pathname}`,
        async () => {
          if (isRefused) return fails("ECONNREFUSED");
          const answer = await farm.handle(request);
          await asked(request, answer, !isLost && isGarbled < 0);
          if (isLost) return fails("ECONNRESET");
          if (answer === "never") return () => "never" as const;
          onTheWay = answer.after ?? 0;
          return () => (isGarbled < 0 ? responseOf(answer) : garbledOf(answer, isGarbled));
        },
        latency() + tardy,
        latency(),
      );
      return answered.then((answer) => {
        if (answer === "never") return new Promise<Response>(() => undefined);
        // A slow house: the answer is there, and takes its time.
        return onTheWay === 0 ? answer : act("slow answer", async () => () => answer, onTheWay, 0);
      });
    },
    post(url, headers, body, act) {
      const { refused, lost } = faults();
      const isRefused = isNow(refused);
      const isLost = isNow(lost);
      return act<Answered | null>(
        "webhook",
        async () => {
          if (isRefused) return fails("ECONNREFUSED");
          const answer = receive(url, headers, body);
          return isLost ? fails("ECONNRESET") : () => answer;
        },
        latency(),
        latency(),
      ).then((answer) => answer ?? new Promise<Answered>(() => undefined));
    },
  };
}

const fails = (code: string) => (): never => {
  throw Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(code), { code }) });
};

const responseOf = ({ status, headers, body }: FarmAnswer): Response => new Response(body, { status, headers });

/** An answer as gateways, proxies and tired servers give it, although the bank has done what it was asked. */
function garbledOf({ status, headers, body }: FarmAnswer, way: number): Response {
  if (way === 0) return new Response(HTML, { status: 502, headers: { "content-type": "text/html" } });
  if (way === 1) return new Response(HTML, { status: 200, headers: { "content-type": "text/html" } });
  if (way === 2) return new Response("", { status, headers });
  return new Response(body.slice(0, body.length >> 1), { status, headers });
}
