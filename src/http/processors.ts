/** Processor tokens: made for one account and one processor, shown once. */
import { z } from "zod";
import { createProcessorToken, mintTokenId } from "../actions/create-processor-token.ts";
import { CONTRACT_PROVIDERS } from "../core/compatibility.ts";
import { PROCESSORS } from "../core/processors.ts";
import type { Api, Context } from "./context.ts";
import { idOf } from "./fields.ts";
import { once } from "./idempotency.ts";
import { operation } from "./operation.ts";

const processor = z.enum(PROCESSORS);

export function processors(app: Api, context: Context): void {
  const { gateway } = context;
  app.post(
    "/bank-linking/accounts/:financialAccountId/processors/create-token",
    {
      schema: operation({
        id: "createProcessorToken",
        tag: "accounts",
        summary: "Make a token by which a processor reaches the account",
        description:
          "A request with an idempotency key makes one, and its repetition is answered with the same; without a key " +
          "each makes another. It ends with the connection.",
        params: z.object({ financialAccountId: idOf("account") }),
        body: z.object({
          processor,
          serviceProvider: z.enum(CONTRACT_PROVIDERS).nullish().meta({
            description: "Not needed: an account belongs to one provider's login.",
          }),
        }),
        answers: { 200: z.object({ token: z.string(), processor, serviceProvider: z.string() }) },
        refusals: [
          "NOT_FOUND",
          "STATE_FORBIDS",
          "TOO_EARLY",
          "IDEMPOTENCY_KEY_REUSED",
          "PROVIDER_REFUSED",
          "PROVIDER_UNAVAILABLE",
          "NOT_BUILT",
        ],
      }),
    },
    async (request) => {
      const { processor: whose, serviceProvider } = request.body;
      const { financialAccountId } = request.params;
      const { ids, isKeyed } = await once(context, request, () => mintTokenId(gateway, financialAccountId));
      const id = isKeyed ? ids.token : null;
      const made = await createProcessorToken(gateway, financialAccountId, whose, serviceProvider ?? null, id);
      return { token: made.token, processor: whose, serviceProvider: made.provider };
    },
  );
}
