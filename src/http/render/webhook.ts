/** A webhook profile, a delivery and a try of it. */
import { z } from "zod";
import { EVENT_TYPES, HEARD_TYPES } from "../../core/events.ts";
import { DELIVERY_STATUSES } from "../../store/deliveries.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { type Attempt, deliveryKey, type ListedDelivery } from "../../store/lists/deliveries.ts";
import { profileKey } from "../../store/lists/webhook-profiles.ts";
import { DISABLED_BECAUSE, type WebhookProfile } from "../../store/webhook-profiles.ts";
import type { Context } from "../context.ts";
import { instant, iso, isoOrNull } from "../fields.ts";

export const eventType = z.enum(EVENT_TYPES).meta({ id: "EventType" });
export const heardType = z.enum(HEARD_TYPES).meta({ id: "HeardEventType" });
export const deliveryStatus = z.enum(DELIVERY_STATUSES).meta({ id: "DeliveryStatus" });

export const WebhookBody = z
  .object({
    id: z.string(),
    accountId: z.string(),
    name: z.string(),
    url: z.string(),
    eventTypes: z.array(heardType).meta({ description: "Empty: all." }),
    eventVersion: z.string(),
    secret: z.string().nullable().meta({ description: "Shown when it is made, and null from then on." }),
    status: z.enum(["ACTIVE", "DISABLED"]),
    disabledBecause: z.enum(DISABLED_BECAUSE).nullable().meta({
      description: "OPERATOR: by a PATCH · GONE: it answered 410 · FAILING: for days; it comes back when it answers.",
    }),
    disabledAt: instant.nullable(),
    failingSince: instant.nullable(),
    previousSecretUntil: instant.nullable().meta({ description: "Until then both secrets sign." }),
    createdAt: instant,
    key: z.string(),
  })
  .meta({ id: "WebhookProfile" });

export const renderWebhook = (
  { gateway, accountId }: Context,
  p: WebhookProfile,
  secret: string | null = null,
): z.output<typeof WebhookBody> => ({
  id: p.id,
  accountId,
  name: p.name,
  url: p.url,
  eventTypes: p.eventTypes,
  eventVersion: p.eventVersion,
  secret,
  status: p.status,
  disabledBecause: p.disabledBecause,
  disabledAt: isoOrNull(p.disabledAt),
  failingSince: isoOrNull(p.failingSince),
  previousSecretUntil: isoOrNull(p.oldUntil !== null && p.oldUntil > gateway.door.now() ? p.oldUntil : null),
  createdAt: iso(p.createdAt),
  key: cursorOf(gateway.salt, "webhooks", profileKey(p)),
});

export const DeliveryBody = z
  .object({
    eventId: z.string(),
    eventType,
    connectionId: z.string(),
    status: deliveryStatus,
    tries: z.int().meta({ description: "Since it was made, or since it was last replayed." }),
    madeAt: instant,
    lastTryAt: instant.nullable(),
    nextTryAt: instant.nullable().meta({ description: "While PENDING and its endpoint is ACTIVE." }),
    reason: z.string().nullable().meta({ description: "Why the last try failed." }),
    key: z.string(),
  })
  .meta({ id: "Delivery" });

export const renderDelivery = (
  { gateway }: Context,
  { status, pausedUntil }: WebhookProfile,
  d: ListedDelivery,
): z.output<typeof DeliveryBody> => ({
  eventId: d.eventId,
  eventType: d.eventType,
  connectionId: d.connectionId,
  status: d.status,
  tries: d.tries,
  madeAt: iso(d.madeAt),
  lastTryAt: isoOrNull(d.lastAt),
  nextTryAt: d.status === "PENDING" && status === "ACTIVE" ? iso(Math.max(d.nextAt, pausedUntil ?? 0)) : null,
  reason: d.reason,
  key: cursorOf(gateway.salt, "deliveries", deliveryKey(d)),
});

export const AttemptBody = z
  .object({
    at: instant,
    url: z.string(),
    status: z.int().nullable().meta({ description: "What was answered; null: nothing was." }),
    reason: z.string().nullable(),
    milliseconds: z.int(),
    responseBody: z.string().nullable().meta({ description: "Its beginning." }),
  })
  .meta({ id: "DeliveryAttempt" });

export const renderAttempt = (a: Attempt): z.output<typeof AttemptBody> => ({
  at: iso(a.at),
  url: a.url,
  status: a.code,
  reason: a.reason,
  milliseconds: a.ms,
  responseBody: a.answer,
});
