/** Linking and repairing, as the application begins them. The customer's own steps are in `connect-session.ts`. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { mintStartIds, startLink } from "../actions/start-link.ts";
import { mintRepairIds, startRepair } from "../actions/start-repair.ts";
import { PRODUCTS, type Product } from "../core/products.ts";
import { Refusal } from "../core/refusal.ts";
import { baseOf, type Api, type Context } from "./context.ts";
import { idOf, instant, iso, named, products, region, text } from "./fields.ts";
import { once } from "./idempotency.ts";
import { operation } from "./operation.ts";

/** What the contract asks for where a request names no products. */
const UNSET: readonly Product[] = ["TRANSACTIONS", "IDENTIFIERS", "BALANCES", "OWNERS"];

const StartBody = z.object({
  externalCustomerId: named(255).meta({ description: "The application's own name for its customer." }),
  products: products.nullish().meta({ description: `Required products; not named: ${UNSET.join(", ")}.` }),
  optionalProducts: products.nullish().meta({ description: "Welcome where the institution has them." }),
  regions: z.array(region).max(300).nullish(),
  institutionId: idOf("institution").nullish(),
  institutionSearchString: text(200, 0).nullish().meta({ description: "For the picker of the widget's page." }),
  allowRedirect: z.boolean().nullish(),
  redirectUrl: text(2048).refine(isReturnAddress, "must be an https address; send a universal or App Link").nullish(),
  accountPreferenceOverride: z
    .record(z.string(), z.unknown())
    .nullish()
    .meta({ description: "Accepted, without effect." }),
});

function isReturnAddress(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url?.protocol === "https:" || (url?.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname));
}

const token = z.string().meta({ description: "For the customer's page alone: opens this one session, for 4 hours." });

const expiresAt = instant.meta({ description: "Until then the session is open." });

const StartAnswer = z.object({
  id: z.string().meta({ description: "The connection's id." }),
  connectToken: token,
  customerId: z.string(),
  externalCustomerId: z.string(),
  widgetUrl: z.string(),
  expiresAt,
});

const RepairAnswer = z.object({
  id: z.string(),
  connectToken: token,
  institutionId: z.string().nullable(),
  widgetUrl: z.string(),
  expiresAt,
});

export function connect(app: Api, context: Context): void {
  const { gateway } = context;

  app.post(
    "/bank-linking/connect/start",
    {
      schema: operation({
        id: "startConnection",
        tag: "linking",
        summary: "Start a link",
        body: StartBody,
        answers: { 200: StartAnswer },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED", "NOT_BUILT", "GONE"],
      }),
    },
    async (request) => {
      const { body } = request;
      const { externalCustomerId } = body;
      const asked = productsOf(body);
      const { ids } = await once(context, request, () => mintStartIds(gateway, externalCustomerId));
      const started = await startLink(
        gateway,
        {
          externalCustomerId,
          ...asked,
          regions: body.regions ?? [],
          institutionId: body.institutionId ?? null,
          redirectUrl: body.redirectUrl ?? null,
          allowRedirect: body.allowRedirect ?? true,
        },
        ids,
      );
      return {
        id: started.connection.id,
        connectToken: started.token,
        customerId: started.connection.customerId,
        externalCustomerId,
        widgetUrl: widgetUrl(context, request, started.token),
        expiresAt: iso(started.session.expiresAt),
      };
    },
  );

  app.post(
    "/bank-linking/connect/repair",
    {
      schema: operation({
        id: "repairConnection",
        tag: "linking",
        summary: "Start a repair",
        description: "The connection keeps its status until the customer has finished.",
        body: z.object({ connectionId: idOf("connection") }),
        answers: { 200: RepairAnswer },
        refusals: ["NOT_FOUND", "STATE_FORBIDS", "IDEMPOTENCY_KEY_REUSED", "NOT_BUILT"],
      }),
    },
    async (request) => {
      const { connectionId } = request.body;
      const { ids } = await once(context, request, () => mintRepairIds(gateway, connectionId));
      const { connection, session, token: made } = await startRepair(gateway, connectionId, ids);
      return {
        id: connection.id,
        connectToken: made,
        institutionId: connection.institutionId,
        widgetUrl: widgetUrl(context, request, made),
        expiresAt: iso(session.expiresAt),
      };
    },
  );
}

export function widgetUrl(context: Context, request: FastifyRequest, connectToken: string): string {
  return `${baseOf(context, request)}/connect?connectToken=${encodeURIComponent(connectToken)}`;
}

/** Which products a request asks for; refused where it asks for none, or for one twice. */
export function productsOf(body: {
  products?: readonly Product[] | null | undefined;
  optionalProducts?: readonly Product[] | null | undefined;
}): { products: readonly Product[]; optionalProducts: readonly Product[] } {
  const optional = body.optionalProducts ?? [];
  const required = body.products ?? UNSET.filter((one) => !optional.includes(one));
  const twice = required.filter((one) => optional.includes(one));
  if (twice.length > 0) {
    throw new Refusal(
      "BAD_REQUEST",
      `[optionalProducts] ${twice.join(", ")} is in products too; send it in one of them.`,
    );
  }
  if (required.length + optional.length === 0) {
    throw new Refusal(
      "BAD_REQUEST",
      `[products] and [optionalProducts] are both empty; send one of ${PRODUCTS.join(", ")}.`,
    );
  }
  return { products: required, optionalProducts: optional };
}
