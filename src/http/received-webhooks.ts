/** The operator's look at what providers sent: when, how often, of what, whether it is theirs, what came of it. */
import { z } from "zod";
import { incomingOf } from "../actions/receive-webhook.ts";
import { getInbound, type Inbound, INBOUND_OUTCOMES } from "../store/inbound.ts";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import { inboundKey, listInbound } from "../store/lists/inbound.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { SERVICE_PROVIDERS } from "../providers/provider.ts";
import type { Api, Context } from "./context.ts";
import { idOf, instant, iso } from "./fields.ts";
import { counts, countsOf, knownConnection, notFound, paging, refuseDeleted } from "./listing.ts";
import { operation } from "./operation.ts";

const ReceivedBody = z
  .object({
    id: z.string(),
    serviceProvider: z.string(),
    kind: z.string().nullable().meta({ description: "The provider's own word for what happened." }),
    serviceProviderConnectionId: z.string().nullable().meta({ description: "The provider's own id of it." }),
    receivedAt: instant,
    lastReceivedAt: instant,
    times: z.int().meta({ description: "How often it came; it was worked on once." }),
    isVerified: z.boolean().meta({ description: "False: the key of its signature could not be had yet." }),
    outcome: z.enum(INBOUND_OUTCOMES),
    key: z.string(),
  })
  .meta({ id: "ReceivedWebhook" });

export function receivedWebhooks(app: Api, { gateway }: Context): void {
  const rendered = (row: Inbound): z.output<typeof ReceivedBody> => ({
    id: row.id,
    serviceProvider: row.provider,
    kind: row.kind,
    serviceProviderConnectionId: row.ref,
    receivedAt: iso(row.receivedAt),
    lastReceivedAt: iso(row.lastAt),
    times: row.times,
    isVerified: row.verified,
    outcome: row.outcome,
    key: cursorOf(gateway.salt, "received-webhooks", inboundKey(row)),
  });

  /** What the provider calls it; one that is not linked yet has no name there. */
  const loginOf = async (connectionId: string): Promise<{ provider: string; ref: string } | null> => {
    const connection = await knownConnection({ gateway } as Context, connectionId);
    refuseDeleted(connection);
    const { home, providerConnectionId } = connection;
    return providerConnectionId ? getProviderConnection(gateway.db, home, providerConnectionId) : null;
  };

  app.get(
    "/received-webhooks",
    {
      schema: operation({
        id: "listReceivedWebhooks",
        tag: "providers",
        summary: "Webhooks of providers, newest first",
        description: "Kept for 14 days. What was refused for its signature is counted in `/metrics` alone.",
        querystring: z.object({
          serviceProvider: z.enum(SERVICE_PROVIDERS).optional(),
          connectionId: idOf("connection").optional(),
          ...paging(),
        }),
        answers: { 200: z.object({ receivedWebhooks: z.array(ReceivedBody), ...counts }) },
        refusals: ["NOT_FOUND", "GONE"],
      }),
    },
    async ({ query }) => {
      const { connectionId, serviceProvider } = query;
      const login = connectionId === undefined ? undefined : await loginOf(connectionId);
      const isNone = login === null || (login && serviceProvider && login.provider !== serviceProvider);
      if (isNone) return { receivedWebhooks: [], count: 0, remaining: 0 };
      const filter = login ? { provider: login.provider, ref: login.ref } : { provider: serviceProvider };
      const place = placeOf(gateway.salt, "received-webhooks", query);
      const found = await listInbound(gateway.db, filter, place, query.limit);
      return { receivedWebhooks: found.rows.map(rendered), ...countsOf(found) };
    },
  );

  app.get(
    "/received-webhooks/:receivedWebhookId",
    {
      schema: operation({
        id: "getReceivedWebhook",
        tag: "providers",
        summary: "One of them, with its body",
        params: z.object({ receivedWebhookId: idOf("inbound") }),
        answers: {
          200: ReceivedBody.extend({
            requestBody: z
              .string()
              .nullable()
              .meta({ description: "As it came; null once its connection is deleted." }),
          }).meta({ id: "ReceivedWebhookInFull" }),
        },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const row = await getInbound(gateway.db, params.receivedWebhookId);
      if (!row) throw notFound("received webhook", params.receivedWebhookId);
      const incoming = incomingOf(gateway, row);
      return { ...rendered(row), requestBody: incoming && Buffer.from(incoming.body).toString() };
    },
  );
}
