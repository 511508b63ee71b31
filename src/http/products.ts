/** Products that are added to a connection later on. */
import { z } from "zod";
import { addProducts, mintAddIds } from "../actions/add-products.ts";
import { connectionPath } from "./connections.ts";
import { widgetUrl } from "./connect.ts";
import type { Api, Context } from "./context.ts";
import { product } from "./fields.ts";
import { once } from "./idempotency.ts";
import { operation } from "./operation.ts";
import { RefreshBody, renderRefresh } from "./render/refresh.ts";

const Accepted = z.object({
  requestId: z.string(),
  refresh: RefreshBody.nullable().meta({
    description: "Reads them now; null: the provider's limit forbids it, and the next read brings them.",
  }),
  needsCustomer: z
    .array(product)
    .meta({ description: "What only the customer can grant; until then these are unavailable." }),
  connectToken: z.string().nullable().meta({ description: "Opens a session in which the customer grants them." }),
  widgetUrl: z.string().nullable(),
});

export function updates(app: Api, context: Context): void {
  const { gateway } = context;
  app.post(
    "/bank-linking/connections/:connectionId/update",
    {
      schema: operation({
        id: "updateConnection",
        tag: "connections",
        summary: "Add products to a connection",
        description:
          "They become `optionalProducts`, and a refresh with all of them follows. Where the customer has to consent " +
          "first, the answer has a session for it.",
        params: connectionPath,
        body: z.object({ products: z.array(product).min(1).max(50) }),
        answers: { 202: Accepted },
        refusals: [
          "NOT_FOUND",
          "STATE_FORBIDS",
          "IDEMPOTENCY_KEY_REUSED",
          "TOO_EARLY",
          "PROVIDER_UNAVAILABLE",
          "NOT_BUILT",
        ],
      }),
    },
    async (request, reply) => {
      const { connectionId } = request.params;
      const named = [...new Set(request.body.products)];
      const { ids } = await once(context, request, () => mintAddIds(gateway, connectionId));
      const added = await addProducts(gateway, connectionId, named, ids, request.id);
      reply.code(202);
      return {
        requestId: request.id,
        refresh: added.refresh && renderRefresh(context, added.refresh),
        needsCustomer: added.needsCustomer,
        connectToken: added.token,
        widgetUrl: added.token === null ? null : widgetUrl(context, request, added.token),
      };
    },
  );
}
