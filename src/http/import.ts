/** Import: connections that were linked elsewhere, each with the provider's own credential. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { importConnection, type ImportItem } from "../actions/import-connection.ts";
import { Refusal } from "../core/refusal.ts";
import { SERVICE_PROVIDERS } from "../providers/provider.ts";
import { actorOf } from "./actor.ts";
import type { Api, Context } from "./context.ts";
import { refusalOf } from "./errors.ts";
import { named, product, products, text } from "./fields.ts";
import { onceWithoutIds } from "./idempotency.ts";
import { operation } from "./operation.ts";

export const MOST = 20;

const Item = z
  .object({
    externalCustomerId: named(255),
    serviceProvider: z.enum(SERVICE_PROVIDERS).default("PLAID"),
    accessToken: text(4096)
      .optional()
      .meta({ description: "The provider's credential. Checked with it, then sealed." }),
    access_token: text(4096).optional().meta({ description: "The same, as Plaid writes it." }),
    providerConnectionId: text(500).nullish().meta({ description: "Plaid's item id: another one is refused." }),
    institution: z
      .object({ id: text(200), name: named(200) })
      .nullish()
      .meta({ description: "The provider's own id and name of the bank, where it does not tell them itself." }),
    products: products.nullish().meta({ description: "Not named: what the provider says it may be read for." }),
  })
  .meta({ id: "ConnectionToImport" });

const ImportBody = z
  .object({
    connections: z.array(Item).min(1).max(MOST),
    dryRun: z
      .boolean()
      .nullish()
      .meta({ description: "Says what would happen, with the provider's word, and changes nothing." }),
  })
  .meta({
    examples: [
      { connections: [{ externalCustomerId: "ada", serviceProvider: "PLAID", accessToken: "access-sandbox-4711" }] },
    ],
  });

const Outcome = z
  .object({
    externalCustomerId: z.string(),
    serviceProvider: z.enum(SERVICE_PROVIDERS),
    outcome: z.enum(["imported", "already", "would import", "refused"]).meta({
      description: "already: the same login of the same customer is here. refused: `code` and `message` say why.",
    }),
    connectionId: z.string().nullable(),
    serviceProviderConnectionId: z.string().nullable(),
    institutionName: z.string().nullable(),
    products: z.array(product),
    webhook: z.enum(["pointed", "failed", "none", "untouched"]).meta({
      description: "Whether the provider now sends its webhooks here; failed: import it once more.",
    }),
    code: z.string().nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "ImportOutcome" });

export function imports(app: Api, context: Context): void {
  const { gateway } = context;
  app.post(
    "/bank-linking/connections/import",
    {
      schema: operation({
        id: "importConnections",
        tag: "connections",
        summary: "Take over connections that were linked elsewhere",
        description:
          `Up to ${MOST} at once; \`bowline import\` takes a file of any length. Each is opened at its ` +
          `provider first; ` +
          "what opens becomes a connection, is read at once, and its webhook is turned here. It may be " +
          "repeated. A single " +
          "one that is refused answers the refusal as an error; of several, each has its outcome.",
        body: ImportBody,
        answers: { 200: z.object({ requestId: z.string(), connections: z.array(Outcome) }) },
        refusals: ["FORBIDDEN", "TOO_EARLY", "PROVIDER_UNAVAILABLE", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      const { connections, dryRun } = request.body;
      const items = connections.map(itemOf);
      await onceWithoutIds(context, request);
      const outcomes: z.output<typeof Outcome>[] = [];
      for (const item of items) outcomes.push(await outcomeOf(request, item, dryRun === true, items.length === 1));
      return { requestId: request.id, connections: outcomes };
    },
  );

  async function outcomeOf(
    request: FastifyRequest,
    item: ImportItem,
    dryRun: boolean,
    alone: boolean,
  ): Promise<z.output<typeof Outcome>> {
    const { externalCustomerId, serviceProvider } = item;
    const whose = { externalCustomerId, serviceProvider };
    try {
      const { ref, products, ...done } = await importConnection(gateway, item, dryRun);
      const told = { serviceProviderConnectionId: ref, products: [...products], code: null, message: null };
      return { ...whose, ...done, ...told };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal && !dryRun) {
        gateway.activity?.add({
          at: gateway.door.now(),
          action: "INSTITUTION_CONNECTION_IMPORT_FAILED",
          actor: actorOf(request) ?? { type: "GATEWAY", id: null, name: null },
          provider: serviceProvider,
          externalCustomerId,
          requestId: request.id,
          summary: { code: refusal.code, message: refusal.message },
          detail: () => null,
          weight: 500,
        });
      }
      if (alone || !refusal || refusal.code === "DATABASE_UNAVAILABLE") throw error;
      const nothing = { connectionId: null, serviceProviderConnectionId: null, institutionName: null, products: [] };
      const { code, message } = refusal;
      return { ...whose, ...nothing, outcome: "refused", webhook: "untouched", code, message };
    }
  }
}

function itemOf(one: z.output<typeof Item>, at: number): ImportItem {
  const credential = one.accessToken ?? one.access_token;
  if (credential === undefined)
    throw new Refusal("BAD_REQUEST", `[connections.${at}.accessToken] is missing; send the provider's access token.`);
  const { institution, products, providerConnectionId } = one;
  return {
    externalCustomerId: one.externalCustomerId,
    serviceProvider: one.serviceProvider,
    credential,
    ref: providerConnectionId ?? null,
    institution: institution ? { ref: institution.id, name: institution.name } : null,
    products: products && products.length > 0 ? products : null,
  };
}
