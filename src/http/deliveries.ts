/** What was sent to an endpoint and what it answered; sent again on demand. */
import { z } from "zod";
import { type Replay, replay } from "../actions/webhooks.ts";
import { type Home, homeOf } from "../core/ids.ts";
import { Refusal } from "../core/refusal.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { attemptsOf, getDelivery, listDeliveries } from "../store/lists/deliveries.ts";
import { getProfile, type WebhookProfile } from "../store/webhook-profiles.ts";
import type { Api, Context } from "./context.ts";
import { idOf, moment } from "./fields.ts";
import { onceWithoutIds } from "./idempotency.ts";
import { counts, countsOf, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { AttemptBody, DeliveryBody, deliveryStatus, renderAttempt, renderDelivery } from "./render/webhook.ts";
import { webhookPath } from "./webhooks.ts";

const BASE = "/notifications/webhooks/:webhookProfileId";

const ReplayBody = z
  .object({
    eventId: idOf("event").optional().meta({ description: "This event, whatever became of it." }),
    from: moment.optional().meta({ description: "With `to`: every event of that time, whatever became of it." }),
    to: moment.optional(),
    failedSince: moment.optional().meta({ description: "Every delivery that was given up since then." }),
  })
  .meta({ id: "ReplayRequest", examples: [{ failedSince: "2026-03-31T09:15:00.000Z" }] });

export function deliveries(app: Api, context: Context): void {
  const { gateway } = context;

  const knownProfile = async (id: string): Promise<WebhookProfile> => {
    const found = await getProfile(gateway.db, id);
    if (!found) throw notFound("webhook profile", id);
    return found;
  };

  app.get(
    `${BASE}/deliveries`,
    {
      schema: operation({
        id: "listDeliveries",
        tag: "webhooks",
        summary: "An endpoint's deliveries, newest event first",
        params: webhookPath,
        querystring: z.object({ status: deliveryStatus.optional(), ...paging() }),
        answers: { 200: z.object({ deliveries: z.array(DeliveryBody), ...counts }) },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params, query }) => {
      const profile = await knownProfile(params.webhookProfileId);
      const place = placeOf(gateway.salt, "deliveries", query);
      const found = await listDeliveries(gateway.db, params.webhookProfileId, query.status, place, query.limit);
      return { deliveries: found.rows.map((row) => renderDelivery(context, profile, row)), ...countsOf(found) };
    },
  );

  app.get(
    `${BASE}/deliveries/:eventId`,
    {
      schema: operation({
        id: "getDelivery",
        tag: "webhooks",
        summary: "A delivery with its body and its tries",
        description: "Bodies are erased with the connection.",
        params: webhookPath.extend({ eventId: idOf("event") }),
        answers: {
          200: DeliveryBody.extend({
            requestBody: z.string().nullable().meta({ description: "The bytes that were signed." }),
            attempts: z.array(AttemptBody).meta({ description: "The latest first, a hundred at most." }),
          }).meta({ id: "DeliveryInFull" }),
        },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const { webhookProfileId, eventId } = params;
      const profile = await knownProfile(webhookProfileId);
      const home = homeOf("event", eventId) as Home;
      const found = await getDelivery(gateway.db, home, webhookProfileId, eventId);
      if (!found) throw notFound("delivery of the event", eventId);
      const attempts = await attemptsOf(gateway.db, home, webhookProfileId, eventId);
      return {
        ...renderDelivery(context, profile, found),
        requestBody: found.body,
        attempts: attempts.map(renderAttempt),
      };
    },
  );

  app.post(
    `${BASE}/replay`,
    {
      schema: operation({
        id: "replayDeliveries",
        tag: "webhooks",
        summary: "Deliver again: one event, a time, or all that failed since",
        description: "Under the same event ids. Name `eventId`, or `from` and `to`, or `failedSince`.",
        params: webhookPath,
        body: ReplayBody,
        answers: { 200: z.object({ requestId: z.string(), count: z.int() }) },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      const which = whichOf(request.body);
      const { replayed } = await onceWithoutIds(context, request);
      const { webhookProfileId } = request.params;
      await knownProfile(webhookProfileId);
      const count = replayed ? 0 : await replay(gateway, webhookProfileId, which);
      return { requestId: request.id, count };
    },
  );
}

function whichOf({ eventId, from, to, failedSince }: z.output<typeof ReplayBody>): Replay {
  const kinds = [eventId, from ?? to, failedSince].filter((one) => one !== undefined);
  if (kinds.length !== 1)
    throw new Refusal("BAD_REQUEST", "[body] must name one: eventId, or from and to, or failedSince.");
  if (eventId !== undefined) return { eventId };
  if (failedSince !== undefined) return { failedSince: Date.parse(failedSince) };
  if (from === undefined || to === undefined)
    throw new Refusal("BAD_REQUEST", `[${from === undefined ? "from" : "to"}] is missing; send from and to together.`);
  if (Date.parse(from) > Date.parse(to))
    throw new Refusal("BAD_REQUEST", "[from] lies after to; send them the other way round.");
  return { from: Date.parse(from), to: Date.parse(to) };
}
