/**
 * A stage for lives that lie in the past: the gateway with a clock of its own, with the fake banks in this very process
 * on the same clock, and with everything that it writes in one transaction. What plays on it are the real actions.
 */
import type { Instant } from "../../core/door.ts";
import { createFarm } from "../../providers/sandbox/farm/farm.ts";
import type { FarmMemory, Json } from "../../providers/sandbox/farm/memory.ts";
import type { Database, Sql } from "../../store/database.ts";
import { sandboxMemory } from "../../store/sandbox-memory.ts";
import type { Gateway } from "../gateway.ts";
import { recalling } from "./recall.ts";

const ANSWER_TAKES = 600;

export interface Stage {
  gateway: Gateway;
  clock: { at: Instant };
  /** Writes what the fake banks remember, so that they know the customer from then on. */
  leave(): Promise<void>;
}

export function stageOf(gateway: Gateway, farm: NonNullable<Gateway["farm"]>, sql: Sql, at: Instant): Stage {
  const clock = { at };
  const now = () => clock.at;
  const { memory, documents } = ownMemory();
  const root = new URL(farm.baseUrl).pathname.replace(/\/$/, "");
  const house = createFarm({ memory, clock: { now }, seed: farm.seed, key: farm.key });
  // Inside one transaction there are no others: what would be committed is written, and the whole life commits once.
  const own = recalling(sql);
  const db: Database = { ...own, tx: (_name, work) => work(own), close: async () => undefined };

  async function fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const { pathname, searchParams } = new URL(address);
    const answer = await house.handle({
      method: init.method ?? "GET",
      path: pathname.slice(root.length),
      query: Object.fromEntries(searchParams),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === "string" ? init.body : "",
    });
    // A bank takes its time, and what follows an answer comes after it.
    clock.at += ANSWER_TAKES;
    if (answer === "never") throw new DOMException("the bank did not answer in time", "TimeoutError");
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  }

  return {
    gateway: {
      ...gateway,
      db,
      door: { ...gateway.door, now, fetch },
      poke: () => undefined,
      // Calls that were never made are not counted as made.
      count: { call: () => undefined, job: () => undefined, inbound: () => undefined },
    },
    clock,
    async leave() {
      const kept = sandboxMemory<Json>(db);
      for (const [key, document] of documents)
        if (key.startsWith("line/")) await kept.change(key, () => ({ document: JSON.parse(document), answer: null }));
    },
  };
}

/** One customer's fake banks, kept in hand until the life is told. Documents pass through text, as in a database. */
function ownMemory(): { memory: FarmMemory; documents: ReadonlyMap<string, string> } {
  const documents = new Map<string, string>();
  const memory: FarmMemory = {
    change(key, turn) {
      const text = documents.get(key);
      const { document, answer } = turn(text === undefined ? null : (JSON.parse(text) as Json));
      if (document === null) documents.delete(key);
      else documents.set(key, JSON.stringify(document));
      return Promise.resolve(answer);
    },
  };
  return { memory, documents };
}
