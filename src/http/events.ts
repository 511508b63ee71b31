/** The feed of all events: whoever reads it at a cursor misses nothing, whatever became of the webhooks. */
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import { forgottenUpTo, headOf, readFeed } from "../store/feed.ts";
import { envelopeOf } from "../webhooks/payload.ts";
import type { Api, Context } from "./context.ts";
import { instant, limit, list, text } from "./fields.ts";
import { operation } from "./operation.ts";
import { eventType } from "./render/webhook.ts";

const EventBody = z
  .object({
    eventType,
    eventId: z.string(),
    timestamp: instant,
    accountId: z.string(),
    profileId: z.null(),
    version: z.string(),
    payload: z.record(z.string(), z.unknown()).meta({
      description: "As in a webhook; `sequence` counts the connection's events without a gap.",
    }),
  })
  .meta({ id: "Event" });

const START = "0";
const TOO_OLD =
  "[after] is older than the events that are kept; fetch the lists that you follow, and begin without it.";

export function events(app: Api, context: Context): void {
  const { gateway, accountId } = context;
  const { salt } = gateway;

  app.get(
    "/events",
    {
      schema: operation({
        id: "readEvents",
        tag: "webhooks",
        summary: "All events in one order, from a cursor on",
        description:
          "Send `next` as `after` to go on; it is there when nothing is new, too. An event that is committed late " +
          "comes late: nothing is ever put in before a cursor. Events are kept for 30 days.",
        querystring: z.object({
          after: text(2000).optional().meta({ description: "The `next` of an answer; not named: from the beginning." }),
          eventTypes: list(eventType).optional(),
          limit: limit(1000, 100),
        }),
        refusals: ["GONE"],
        answers: {
          200: z.object({ events: z.array(EventBody), count: z.int(), next: z.string() }),
        },
      }),
    },
    async ({ query }) => {
      const place = placeOf(salt, "events", { after: query.after });
      const after = String(place?.key[0] ?? START);
      const head = await headOf(gateway.db);
      const found = await readFeed(gateway.db, after, head, query.eventTypes ?? null, query.limit);
      // Asked after the reading: what went meanwhile would be missing in it.
      if (place && BigInt(after) < BigInt(await forgottenUpTo(gateway.db))) throw new Refusal("GONE", TOO_OLD);
      // What was looked through and not asked for is not looked through again.
      const last = found.length < query.limit ? head : (found.at(-1)?.position ?? after);
      const next = BigInt(last) < BigInt(after) ? after : last;
      return {
        events: found.map((event) => ({
          ...envelopeOf(event, { accountId, salt, profile: null }),
          eventType: event.type,
          profileId: null,
        })),
        count: found.length,
        next: cursorOf(salt, "events", [next]),
      };
    },
  );
}
