/** Webhook profiles: make, list, get, change, test, rotate. */
import { z } from "zod";
import { changeWebhook, createWebhook, mintWebhookId, rotateSecret, testWebhook } from "../actions/webhooks.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { listProfiles } from "../store/lists/webhook-profiles.ts";
import { getProfile } from "../store/webhook-profiles.ts";
import type { Api, Context } from "./context.ts";
import { day, idOf, iso, named, text } from "./fields.ts";
import { once, onceWithoutIds } from "./idempotency.ts";
import { counts, countsOf, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";
import { AttemptBody, heardType, renderAttempt, renderWebhook, WebhookBody } from "./render/webhook.ts";

export const webhookPath = z.object({ webhookProfileId: idOf("webhook") });

const name = named(255);
const url = text(2000).meta({
  description: "http or https; a public address, unless its range is allowed.",
  examples: ["https://app.example.com/hooks"],
});
const eventTypes = z
  .array(heardType)
  .max(50)
  .transform((list) => [...new Set(list)]);
const eventVersion = day.meta({ description: "Told back in every event; today if not named." });

const NewWebhook = z.object({
  name,
  url,
  eventTypes: eventTypes.nullish().meta({ description: "Empty or not named: all." }),
  eventVersion: eventVersion.nullish(),
});

const Change = z
  .object({ name, url, eventTypes, eventVersion, status: z.enum(["ACTIVE", "DISABLED"]) })
  .partial()
  .meta({ id: "WebhookProfileChange" });

const Tested = AttemptBody.extend({
  eventId: z.string(),
  delivered: z.boolean(),
  requestId: z.string(),
}).meta({ id: "WebhookTest" });

const BASE = "/notifications/webhooks";

export function webhooks(app: Api, context: Context): void {
  const { gateway } = context;

  app.post(
    BASE,
    {
      schema: operation({
        id: "createWebhookProfile",
        tag: "webhooks",
        summary: "Make a webhook profile",
        description: "It hears of what happens from now on. The secret is in this answer and in no other.",
        body: NewWebhook,
        answers: { 200: WebhookBody },
        refusals: ["IDEMPOTENCY_KEY_REUSED", "NOT_BUILT"],
      }),
    },
    async (request) => {
      const { ids } = await once(context, request, () => mintWebhookId(gateway));
      const { body } = request;
      const made = await createWebhook(gateway, ids.webhook, {
        name: body.name,
        url: body.url,
        eventTypes: body.eventTypes ?? [],
        eventVersion: body.eventVersion ?? iso(gateway.door.now()).slice(0, 10),
      });
      return renderWebhook(context, made.profile, made.secret);
    },
  );

  app.get(
    BASE,
    {
      schema: operation({
        id: "listWebhookProfiles",
        tag: "webhooks",
        summary: "List webhook profiles, newest first",
        querystring: z.object(paging()),
        answers: { 200: z.object({ webhookProfiles: z.array(WebhookBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const found = await listProfiles(gateway.db, placeOf(gateway.salt, "webhooks", query), query.limit);
      return { webhookProfiles: found.rows.map((row) => renderWebhook(context, row)), ...countsOf(found) };
    },
  );

  app.get(
    `${BASE}/:webhookProfileId`,
    {
      schema: operation({
        id: "getWebhookProfile",
        tag: "webhooks",
        summary: "Get a webhook profile",
        params: webhookPath,
        answers: { 200: WebhookBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = await getProfile(gateway.db, params.webhookProfileId);
      if (!found) throw notFound("webhook profile", params.webhookProfileId);
      return renderWebhook(context, found);
    },
  );

  app.patch(
    `${BASE}/:webhookProfileId`,
    {
      schema: operation({
        id: "updateWebhookProfile",
        tag: "webhooks",
        summary: "Change a webhook profile, or switch it off and on",
        description:
          "Switched off it is told nothing, then or later. One that was disabled for its failures goes on where it " +
          "stood when it is switched on.",
        params: webhookPath,
        body: Change,
        answers: { 200: WebhookBody },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED", "NOT_BUILT"],
      }),
    },
    async (request) => {
      await onceWithoutIds(context, request);
      const change = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
      return renderWebhook(context, await changeWebhook(gateway, request.params.webhookProfileId, change));
    },
  );

  app.post(
    `${BASE}/:webhookProfileId/test`,
    {
      schema: operation({
        id: "testWebhookProfile",
        tag: "webhooks",
        summary: "Send a WEBHOOK_TEST now, and tell what came of it",
        params: webhookPath,
        answers: { 200: Tested },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params, id: requestId }) => {
      const { eventId, ...outcome } = await testWebhook(gateway, params.webhookProfileId, requestId);
      const profile = await getProfile(gateway.db, params.webhookProfileId);
      const { at, code, detail, ms, answer } = outcome;
      const attempt = renderAttempt({ at, url: profile?.url ?? "", code, reason: detail, ms, answer });
      return { eventId, delivered: outcome.reason === null, requestId, ...attempt };
    },
  );

  app.post(
    `${BASE}/:webhookProfileId/rotate`,
    {
      schema: operation({
        id: "rotateWebhookSecret",
        tag: "webhooks",
        summary: "Make a new secret; both sign for a day",
        description: "`webhook-signature` carries both signatures meanwhile; the contract's header the new one alone.",
        params: webhookPath,
        answers: { 200: WebhookBody },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      const { ids } = await once(context, request, () => ({ rotation: request.id }));
      const { profile, secret } = await rotateSecret(gateway, request.params.webhookProfileId, ids.rotation);
      return renderWebhook(context, profile, secret);
    },
  );
}
