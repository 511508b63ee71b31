/** What the customer met in Link, wrong passwords included: https://plaid.com/docs/api/link/#linktokenget . */
import { z } from "zod";
import { good, type SessionEvent, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";

const event = z.object({
  event_name: z.string(),
  event_id: z.string(),
  timestamp: z.string(),
  event_metadata: z.object({ error_code: z.string().nullish(), institution_name: z.string().nullish() }).nullish(),
});

const told = z.object({ link_sessions: z.array(z.object({ events: z.array(event).nullish() })).nullish() });

export const readSession = (plaid: Plaid): Verb<{ state: string }, readonly SessionEvent[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, { state }) => {
    // Of a repair that makes a new Item, the link token is the last word.
    const token = state.split(" ").at(-1) ?? "";
    const answer = await plaid(call, (api) => api.linkTokenGet({ link_token: token }), told, { session: true });
    if (!answer.ok) return answer;
    const events = (answer.facts.link_sessions ?? []).flatMap((one) => one.events ?? []);
    return good(
      events.map(({ event_id: id, event_name: name, timestamp, event_metadata: more }) => {
        const at = Date.parse(timestamp);
        return { id, name, code: more?.error_code || null, at: Number.isNaN(at) ? null : at };
      }),
    );
  },
});
