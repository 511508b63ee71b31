/** The gateway that the model is held against: spoken to over HTTP, with a clock in the test's hand. */
import assert from "node:assert/strict";
import { KEY, openGateway } from "../http/gateway.ts";
import type { Answered, Json, TestGateway } from "../stories/gateway.ts";
import { cleared } from "../stories/walk.ts";
import { openReceiver } from "../webhooks/receiver.ts";
import { HOUR } from "./model.ts";
import type { Row } from "./rows.ts";

export interface Told {
  sequence: number;
  type: string;
  payload: Json;
}

export interface World {
  /** As the walks of the stories want it. */
  spoken: TestGateway;
  ask: TestGateway["ask"];
  good: TestGateway["good"];
  now(): number;
  /** All that is due is done. */
  settle(): Promise<void>;
  pass(ms: number): Promise<void>;
  /** What was told of a connection, in order, each as the endpoint received it. */
  toldOf(connectionId: string): Promise<Told[]>;
  /** Ends what a history left alive, so that the next one has the world for itself. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const rowIn = ({ status, statusReason }: Json): Row => [status, statusReason].filter(Boolean).join("/") as Row;

export async function openWorld(): Promise<World> {
  const gateway = await openGateway();
  const { origin: url, clock, worker, database } = gateway;
  const receiver = await openReceiver();

  const ask: TestGateway["ask"] = async (method, path, body, headers = {}): Promise<Answered> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Json };
  };
  const good: TestGateway["good"] = async (method, path, body) => {
    const { status, body: answer } = await ask(method, path, body);
    assert.ok(status < 300, `${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  await good("POST", "/notifications/webhooks", { name: "model", url: receiver.url });

  return {
    spoken: { url, ask, good, sql: database.pool } as unknown as TestGateway,
    ask,
    good,
    now: () => clock.at,
    settle: () => worker.drain(),
    async pass(ms) {
      const end = clock.at + ms;
      // What comes within a step comes at its end, together: weeks pass in some sixty of them.
      const step = Math.max(HOUR, ms / 64);
      while (clock.at < end) {
        const { rows } = await database.pool.query<{ next: string | null }>(NEXT);
        const next = rows[0]?.next ? Date.parse(rows[0].next) : Infinity;
        clock.at = Math.min(end, Math.max(clock.at + step, next));
        await worker.drain();
      }
    },
    async toldOf(connectionId) {
      const payloads = new Map(receiver.received.map(({ json }) => [json.eventId, json.payload]));
      const events: Json[] = [];
      for (let after = ""; ; ) {
        const path = `/bank-linking/connections/${connectionId}/events?limit=100${after}`;
        const page = await good("GET", path);
        events.push(...(page["events"] as Json[]));
        if (page["remaining"] === 0) break;
        after = `&after=${encodeURIComponent(String(events.at(-1)?.["key"]))}`;
      }
      return events
        .map(({ sequence, id, type }) => {
          const payload = payloads.get(String(id));
          assert.ok(payload, `${String(type)} of ${connectionId} was never received`);
          return { sequence: Number(sequence), type: String(type), payload };
        })
        .sort((a, b) => a.sequence - b.sequence);
    },
    async clear() {
      await cleared({ good, sql: database.pool } as unknown as TestGateway);
      await worker.drain();
    },
    async close() {
      await gateway.close();
      await receiver.close();
    },
  };
}

const NEXT = `select least((select min(run_at) from task where run_at < 'infinity'),
  (select min(wake_at) from connection where wake_at < 'infinity'))::text as next`;
