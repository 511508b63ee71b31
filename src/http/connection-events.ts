/** What was told of one connection, and what became of it at every endpoint. */
import { z } from "zod";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import { listConnectionEvents, toldKey } from "../store/lists/connection-events.ts";
import { connectionPath } from "./connections.ts";
import type { Api, Context } from "./context.ts";
import { instant, iso } from "./fields.ts";
import { counts, countsOf, knownConnection, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { deliveryStatus, eventType } from "./render/webhook.ts";

const Told = z
  .object({
    id: z.string(),
    sequence: z.int(),
    type: eventType,
    at: instant,
    deliveries: z.array(
      z.object({
        webhookProfileId: z.string(),
        name: z.string(),
        status: deliveryStatus,
        tries: z.int(),
        reason: z.string().nullable().meta({ description: "Why the last try failed." }),
      }),
    ),
    key: z.string(),
  })
  .meta({ id: "ConnectionEvent" });

export function connectionEvents(app: Api, context: Context): void {
  const { gateway } = context;
  app.get(
    "/bank-linking/connections/:connectionId/events",
    {
      schema: operation({
        id: "listConnectionEvents",
        tag: "connections",
        summary: "What was told of a connection, newest first, and to whom",
        description: "A deleted connection still has its events: they hold ids, times, states and counts alone.",
        params: connectionPath,
        querystring: z.object(paging()),
        answers: { 200: z.object({ events: z.array(Told), ...counts }) },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params, query }) => {
      const { home, id } = await knownConnection(context, params.connectionId);
      const place = placeOf(gateway.salt, "connection events", query);
      const found = await listConnectionEvents(gateway.db, home, id, place, query.limit);
      return {
        events: found.rows.map((event) => ({
          id: event.id,
          sequence: Number(event.sequence),
          type: event.type,
          at: iso(event.at),
          deliveries: (event.deliveries ?? []).map(({ profileId, ...rest }) => ({
            webhookProfileId: profileId,
            ...rest,
          })),
          key: cursorOf(gateway.salt, "connection events", toldKey(event)),
        })),
        ...countsOf(found),
      };
    },
  );
}
