/** A connection in the contract's shape, with what the contract lacks beside it. */
import { z } from "zod";
import { PRODUCTS } from "../../core/products.ts";
import { ACTORS, stepOf, whyGatewayActs } from "../../core/status/next-step.ts";
import { rowOf, TABLE } from "../../core/status/table.ts";
import { connectionKey, type ListedConnection } from "../../store/lists/connections.ts";
import type { Context } from "../context.ts";
import { cursorOf } from "../../store/lists/cursor.ts";
import { instant, iso, isoOrNull, product } from "../fields.ts";

const unique = <T extends string>(values: readonly T[]) => [...new Set(values)] as [T, ...T[]];
const reasons = TABLE.flatMap(({ reason }) => (reason === null ? [] : [reason]));

export const status = z.enum(unique(TABLE.map((row) => row.status))).meta({ id: "ConnectionStatus" });
export const reason = z.enum(unique(reasons)).meta({ id: "ConnectionStatusReason" });
export const state = z.enum(TABLE.map((row) => row.state)).meta({
  id: "ConnectionState",
  description: "Status and reason in one word: a reason alone names nothing, the pair does.",
});

const NextStep = z.object({
  actor: z.enum(ACTORS).meta({ description: "Who has to act now." }),
  what: z.string().meta({ description: "What to do, in one sentence." }),
  at: instant.nullable().meta({ description: "When the gateway itself acts next; null: it does not." }),
  why: z.string().nullable().meta({ description: "Why the gateway acts then." }),
});

const Cause = z.object({
  code: z.string().meta({ description: "The provider's own code, kept as it came." }),
  message: z.string().nullable(),
  httpStatus: z.int().nullable(),
  scope: z.string().meta({ description: "`*` is the whole connection; else an account's id, a product, or both." }),
  at: instant.nullable().meta({ description: "When the request was sent that met it." }),
});

export const ServiceProviderDetails = z.object({
  serviceProvider: z.string(),
  serviceProviderConnectionId: z.string().nullable(),
});

export const ConnectionBody = z
  .object({
    id: z.string(),
    accountId: z.string(),
    customerId: z.string(),
    externalCustomerId: z.string().nullable(),
    institutionId: z.string().nullable(),
    institutionName: z.string().nullable(),
    status,
    statusReason: reason.nullable(),
    products: z.array(product),
    optionalProducts: z.array(product),
    regions: z.array(z.string()),
    duplicateConnectionIds: z.array(z.string()).nullable().meta({
      description: "Other live connections to the same login of the same customer; null: none.",
    }),
    activeDuplicateConnectionId: z.string().nullable().meta({
      description: "Of those and this one, the connection that is maintained; null where there are no duplicates.",
    }),
    serviceProviderDetails: ServiceProviderDetails.nullable(),
    createdAt: instant,
    successfullyAggregatedAt: instant.nullable(),
    key: z.string(),
    canRefresh: z.boolean(),
    canReconnect: z.boolean(),
    stateSince: instant,
    nextStep: NextStep,
    cause: Cause.nullable().meta({ description: "The fact behind the state; null where none is needed." }),
    lastAttemptAt: instant.nullable(),
    lastSuccessAt: instant.nullable(),
    dataAsOf: z.object(Object.fromEntries(PRODUCTS.map((name) => [name, instant.optional()]))).meta({
      description: "Per product, when the bank was last read for it.",
    }),
    nextRefreshAllowedAt: instant.nullable(),
    replacesConnectionId: z.string().nullable().meta({
      description: "The expired connection whose late finish made this one.",
    }),
  })
  .meta({ id: "Connection" });

export function renderConnection(
  { accountId, gateway }: Pick<Context, "accountId" | "gateway">,
  c: ListedConnection,
): z.output<typeof ConnectionBody> {
  const { canRefresh, canReconnect } = rowOf(c.state);
  const why = whyGatewayActs(c.state);
  // The clock alone moves a connection that is not linked yet; a linked one has a task.
  const actsAt = why === null ? null : isoOrNull(c.dueAt ?? c.wakeAt);
  const claims = c.claims ?? [];
  const others = claims.filter((id) => id !== c.id);
  const lastSuccessAt = isoOrNull(c.lastSuccessAt);
  return {
    id: c.id,
    accountId,
    customerId: c.customerId,
    externalCustomerId: c.externalCustomerId,
    institutionId: c.institutionId,
    institutionName: c.institutionName,
    status: c.status,
    statusReason: c.reason,
    products: c.products,
    optionalProducts: c.optionalProducts,
    regions: c.regions,
    duplicateConnectionIds: others.length > 0 ? others : null,
    activeDuplicateConnectionId: others.length > 0 ? (claims[0] ?? null) : null,
    serviceProviderDetails: c.provider ? { serviceProvider: c.provider, serviceProviderConnectionId: c.ref } : null,
    createdAt: iso(c.startedAt),
    successfullyAggregatedAt: lastSuccessAt,
    key: cursorOf(gateway.salt, "connections", connectionKey(c)),
    canRefresh,
    canReconnect,
    stateSince: iso(c.stateSince),
    nextStep: { ...stepOf(c.state, c.consentProducts), at: actsAt, why: actsAt === null ? null : why },
    cause: c.cause && {
      code: c.cause.raw.code,
      message: c.cause.raw.message ?? null,
      httpStatus: c.cause.raw.httpStatus ?? null,
      scope: c.cause.scope,
      at: isoOrNull(c.cause.at),
    },
    lastAttemptAt: isoOrNull(c.lastSentAt),
    lastSuccessAt,
    dataAsOf: Object.fromEntries(Object.entries(c.dataAsOf ?? {}).map(([name, at]) => [name, iso(at)])),
    nextRefreshAllowedAt: isoOrNull(c.nextRefreshAllowedAt),
    replacesConnectionId: c.replacesConnectionId,
  };
}
