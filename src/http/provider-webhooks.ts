/** Where providers call in. Anybody may knock; a body is read as bytes, since its signature is over those. */
import { z } from "zod";
import { receiveWebhook } from "../actions/receive-webhook.ts";
import type { Api, Context } from "./context.ts";
import { text } from "./fields.ts";
import { operation } from "./operation.ts";

export async function providerWebhooks(app: Api, { gateway }: Context): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.post(
    "/provider-webhooks/:provider",
    {
      schema: operation({
        id: "receiveProviderWebhook",
        tag: "providers",
        summary: "A provider tells that something happened",
        description:
          "For the providers themselves: the body and its signature are each provider's own. Answered before any " +
          "work is done. A webhook is a hint that makes a read due, and changes no state.",
        params: z.object({ provider: text(40).meta({ description: "The provider's name, in any case: `plaid`." }) }),
        asks: "nobody",
        answers: { 200: z.object({ received: z.literal(true) }) },
        refusals: ["UNAUTHORIZED", "NOT_FOUND", "PAYLOAD_TOO_LARGE", "PROVIDER_UNAVAILABLE"],
      }),
    },
    async (request) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, [value].flat().join(", ")] as const],
        ),
      );
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      await receiveWebhook(gateway, request.params.provider, { method: request.method, headers, body });
      return { received: true as const };
    },
  );
}
