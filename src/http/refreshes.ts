/** Forced refreshes: asked for, and looked up until they have an outcome. */
import { z } from "zod";
import { mintRefreshIds, requestRefresh } from "../actions/refresh.ts";
import { getRefresh } from "../store/refreshes.ts";
import { listRefreshes } from "../store/lists/refreshes.ts";
import { connectionPath } from "./connections.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { idOf, products } from "./fields.ts";
import { once } from "./idempotency.ts";
import { counts, countsOf, knownConnection, notFound, paging, refuseDeleted } from "./listing.ts";
import { operation } from "./operation.ts";
import { RefreshBody, renderRefresh } from "./render/refresh.ts";

const RefreshRequest = z
  .object({ products: products.nullish().meta({ description: "Of the connection's; not named or empty: all." }) })
  .nullish();

const Accepted = z.object({
  requestId: z.string(),
  serviceProviderDetails: z.null(),
  refresh: RefreshBody,
});

export function refreshes(app: Api, context: Context): void {
  const { gateway } = context;

  app.post(
    "/bank-linking/connections/:connectionId/refresh",
    {
      schema: operation({
        id: "refreshConnection",
        tag: "connections",
        summary: "Ask for a refresh now",
        description: "Accepted, not done: follow `refresh`. While one runs, another request joins it.",
        params: connectionPath,
        body: RefreshRequest,
        answers: { 202: Accepted },
        refusals: ["NOT_FOUND", "STATE_FORBIDS", "IDEMPOTENCY_KEY_REUSED", "TOO_EARLY", "NOT_BUILT"],
      }),
    },
    async (request, reply) => {
      const { connectionId } = request.params;
      const named = request.body?.products ?? [];
      const { ids } = await once(context, request, () => mintRefreshIds(gateway, connectionId));
      const refresh = await requestRefresh(gateway, connectionId, named.length > 0 ? named : null, ids, request.id);
      reply.code(202);
      return { requestId: request.id, serviceProviderDetails: null, refresh: renderRefresh(context, refresh) };
    },
  );

  app.get(
    "/bank-linking/connections/:connectionId/refreshes",
    {
      schema: operation({
        id: "listRefreshes",
        tag: "connections",
        summary: "A connection's refreshes, newest first",
        params: connectionPath,
        querystring: z.object(paging()),
        answers: { 200: z.object({ refreshes: z.array(RefreshBody), ...counts }) },
        refusals: ["NOT_FOUND", "GONE"],
      }),
    },
    async ({ params, query }) => {
      const connection = await knownConnection(context, params.connectionId);
      refuseDeleted(connection);
      const place = placeOf(gateway.salt, "refreshes", query);
      const found = await listRefreshes(gateway.db, connection.home, connection.id, place, query.limit);
      return { refreshes: found.rows.map((row) => renderRefresh(context, row)), ...countsOf(found) };
    },
  );

  app.get(
    "/bank-linking/connections/:connectionId/refreshes/:refreshId",
    {
      schema: operation({
        id: "getRefresh",
        tag: "connections",
        summary: "Get a refresh",
        params: connectionPath.extend({ refreshId: idOf("refresh") }),
        answers: { 200: RefreshBody },
        refusals: ["NOT_FOUND", "GONE"],
      }),
    },
    async ({ params }) => {
      refuseDeleted(await knownConnection(context, params.connectionId));
      const refresh = await getRefresh(gateway.db, params.refreshId);
      if (refresh?.connectionId !== params.connectionId) throw notFound("refresh", params.refreshId);
      return renderRefresh(context, refresh);
    },
  );
}
