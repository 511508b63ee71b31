/** Which service providers are configured here, what they offer, and within which limits. */
import { z } from "zod";
import { isVerb } from "../providers/held-verbs.ts";
import { SERVICE_PROVIDERS } from "../providers/provider.ts";
import type { Api, Context } from "./context.ts";
import { product } from "./fields.ts";
import { operation } from "./operation.ts";

const ServiceProviderBody = z
  .object({
    serviceProvider: z.enum(SERVICE_PROVIDERS),
    products: z.array(product),
    readEverySeconds: z.int().meta({ description: "How often a connection is read by itself." }),
    callWithinSeconds: z.int().meta({ description: "Later than this one call has not answered." }),
    runWithinSeconds: z.int().meta({ description: "Later than this a refresh is over." }),
    newConnectionIdAtEveryLink: z.boolean(),
    sendsWebhooks: z.boolean(),
    repairs: z.boolean(),
    processorTokens: z.boolean(),
    verbs: z.array(
      z.object({
        verb: z.string(),
        cost: z.enum(["free", "billed", "once"]),
        source: z.enum(["bank", "cache"]),
        mayAskCustomer: z.boolean(),
      }),
    ),
  })
  .meta({ id: "ServiceProvider" });

export function serviceProviders(app: Api, { gateway }: Context): void {
  app.get(
    "/service-providers",
    {
      schema: operation({
        id: "listServiceProviders",
        tag: "providers",
        summary: "Service providers that are configured here",
        description: "In the order in which they are tried for a bank that several of them know.",
        answers: {
          200: z.object({ serviceProviders: z.array(ServiceProviderBody), count: z.int(), remaining: z.int() }),
        },
      }),
    },
    async () => {
      const rows = SERVICE_PROVIDERS.flatMap((name) => gateway.providers.get(name) ?? []).map((one) => ({
        serviceProvider: one.name,
        products: [...one.products],
        readEverySeconds: Math.round(one.cadence / 1000),
        callWithinSeconds: Math.round(one.callTime / 1000),
        runWithinSeconds: Math.round(one.runTime / 1000),
        newConnectionIdAtEveryLink: one.newIdAtEveryLink,
        sendsWebhooks: one.verifyWebhook !== undefined,
        repairs: one.startRepair !== undefined,
        processorTokens: one.createProcessorToken !== undefined,
        verbs: Object.entries(one).flatMap(([verb, value]) =>
          isVerb(value)
            ? [{ verb, cost: value.cost, source: value.source, mayAskCustomer: value.mayAsk === true }]
            : [],
        ),
      }));
      return { serviceProviders: rows, count: rows.length, remaining: 0 };
    },
  );
}
