/** A forced refresh: a resource with an outcome, down to the account's product. */
import { z } from "zod";
import { OUTCOMES, type Refresh } from "../../store/refreshes.ts";
import { refreshKey } from "../../store/lists/refreshes.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, iso, isoOrNull, product } from "../fields.ts";

const outcome = z.enum(OUTCOMES).meta({ id: "RefreshOutcome" });

export const RefreshBody = z
  .object({
    id: z.string(),
    connectionId: z.string(),
    products: z.array(product).meta({ description: "Named in the request; empty: all of the connection's." }),
    status: z.enum(["RUNNING", "FINISHED"]),
    outcome: outcome.nullable().meta({ description: "null while it runs." }),
    requestedAt: instant,
    finishedAt: instant.nullable(),
    notBefore: instant.nullable().meta({ description: "With NOT_BEFORE: when the provider may be asked again." }),
    servedFromCache: z.boolean().nullable().meta({
      description: "The provider answered from what it had; the bank was not asked.",
    }),
    parts: z.array(
      z.object({
        accountId: z.string().nullable(),
        product,
        outcome,
        servedFromCache: z.boolean(),
        dataAsOf: instant.nullable(),
        cause: z.object({ code: z.string(), state: z.string().nullable() }).nullable(),
      }),
    ),
    requestId: z.string(),
    key: z.string(),
  })
  .meta({ id: "Refresh" });

export function renderRefresh({ gateway }: Pick<Context, "gateway">, r: Refresh): z.output<typeof RefreshBody> {
  return {
    id: r.id,
    connectionId: r.connectionId,
    products: r.products,
    status: r.finishedAt === null ? "RUNNING" : "FINISHED",
    outcome: r.outcome,
    requestedAt: iso(r.requestedAt),
    finishedAt: isoOrNull(r.finishedAt),
    notBefore: isoOrNull(r.notBefore),
    servedFromCache: r.fromCache,
    parts: r.parts.map((part) => ({
      accountId: part.accountId,
      product: part.product,
      outcome: part.outcome,
      servedFromCache: part.fromCache,
      dataAsOf: isoOrNull(part.dataAsOf),
      cause: part.cause,
    })),
    requestId: r.requestId,
    key: cursorOf(gateway.salt, "refreshes", refreshKey(r)),
  };
}
