/**
 * One foreign call: bounded in time and size, counted, and never inside a transaction.
 *
 * What the provider answered comes back as an `Answer`. What broke on the way becomes trouble by rule 7. What neither
 * explains is a bug of ours: INTERNAL_ERROR, told to the operator, never blamed on the customer.
 */
import type { Millis } from "../core/door.ts";
import { type Answer, bad, type Call, type Provider, type Verb } from "../providers/provider.ts";
import { OVERSIZED, transportTrouble } from "../providers/reading.ts";
import { detailOf, type Exchange, watched, weightOf } from "./exchange.ts";
import { inTime } from "./in-time.ts";
import type { Gateway } from "./gateway.ts";

/** The largest answer that is read. The largest honest page, 500 transactions, is about 1 MB. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** The names of the verbs, as they are counted and logged. */
export type VerbName = {
  [K in keyof Provider]-?: NonNullable<Provider[K]> extends Verb<never, unknown> ? K : never;
}[keyof Provider];

export interface Calls {
  /** Runs the verb with the input; `left` is the time that remains for it, at most the provider's own call time. */
  ask<Input, Facts>(name: VerbName, verb: Verb<Input, Facts>, input: Input, left?: Millis): Promise<Answer<Facts>>;
  /** How often each verb was called through this. */
  counted: ReadonlyMap<string, number>;
}

/** Whom a call concerns, for the activity log; nobody: a catalogue, a key. */
export interface Concerned {
  connectionId?: string;
  providerConnectionId?: string;
  customerId?: string;
}

export function callsTo(gateway: Gateway, provider: Provider, concerned: Concerned = {}): Calls {
  const counted = new Map<string, number>();
  return {
    counted,
    async ask(name, verb, input, left = provider.callTime) {
      counted.set(name, (counted.get(name) ?? 0) + 1);
      await gateway.reach?.(`before call: ${provider.name} ${name}`);
      const exchanges: Exchange[] = [];
      const time = Math.min(left, provider.callTime);
      const answer = await askOnce(gateway, provider, name, verb, input, time, exchanges);
      takeDown(gateway, provider.name, name, concerned, exchanges, answer);
      await gateway.reach?.(`after call: ${provider.name} ${name}`);
      gateway.count.call(provider.name, name, answer.ok ? "good" : answer.trouble.scope);
      return answer;
    },
  };
}

/** For the activity log: each exchange by itself, and what came of all of them with the last. */
function takeDown(
  { activity }: Gateway,
  provider: string,
  verb: string,
  concerned: Concerned,
  exchanges: readonly Exchange[],
  answer: Answer<unknown>,
): void {
  for (const one of exchanges) {
    const isLast = one === exchanges.at(-1);
    const trouble = isLast && !answer.ok ? { trouble: answer.trouble.raw.code, state: answer.trouble.state } : {};
    const { method, url, status, ms, failure } = one;
    activity?.add({
      at: one.at,
      action: "OUTBOUND_REQUEST_SERVICE_PROVIDER",
      actor: { type: "GATEWAY", id: null, name: null },
      provider,
      ...concerned,
      summary: { verb, method, url, status, milliseconds: ms, ...(failure !== null && { failure }), ...trouble },
      detail: () => detailOf(one),
      weight: weightOf(one),
    });
  }
}

/** A call of the sandbox's control side, or any other that is no verb: the same bounds, no counting. */
export async function withCall<T>(
  gateway: Pick<Gateway, "door">,
  time: Millis,
  work: (call: Call) => Promise<T>,
  exchanges?: Exchange[],
): Promise<T> {
  const { now, wall } = gateway.door;
  return inTime(gateway.door, time, "the provider did not answer in time", (signal) => {
    const asked: Call["fetch"] = async (url, init) => bounded(await gateway.door.fetch(url, { ...init, signal }));
    return work({ now, wall, fetch: exchanges ? watched(asked, gateway.door, exchanges) : asked });
  });
}

async function askOnce<Input, Facts>(
  gateway: Gateway,
  provider: Provider,
  name: string,
  verb: Verb<Input, Facts>,
  input: Input,
  time: Millis,
  exchanges: Exchange[],
): Promise<Answer<Facts>> {
  try {
    const kept = gateway.activity ? exchanges : undefined;
    return await withCall(gateway, time, (call) => verb.run(call, input), kept);
  } catch (error) {
    const trouble = transportTrouble(error);
    if (trouble) return bad(trouble);
    // The message is logged by its type alone: an error of a provider's client can quote what was sent.
    const kind = error instanceof Error ? error.name : typeof error;
    gateway.log.error({ provider: provider.name, verb: name, kind, stack: placesOf(error) }, "A verb threw: a bug");
    return bad({ scope: "request", state: "UNDETERMINED/INTERNAL_ERROR", raw: { code: "GATEWAY_BUG" } });
  }
}

const placesOf = (error: unknown): string[] =>
  error instanceof Error
    ? (error.stack ?? "")
        .split("\n")
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 6)
    : [];

/** The answer with its body read through a counter, so that an endless one ends as trouble and not as our memory. */
function bounded(response: Response): Response {
  const { status, headers } = response;
  // The platform makes no response of these, and its refusal would look like a bug of ours.
  if (status < 200 || status > 599) throw Object.assign(new Error("a status that is none"), { code: "EPROTO" });
  if (!response.body) return response;
  let seen = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen <= MOST_BYTES) return controller.enqueue(chunk);
      controller.error(Object.assign(new Error("the answer is larger than any honest one"), { code: OVERSIZED }));
    },
  });
  // Without the words beside the status: they may be of letters that no response can be made with.
  return new Response(response.body.pipeThrough(counter), { status, headers });
}
