/** The activity log: search, and one activity with what was asked and answered, masked. */
import { z } from "zod";
import { ACTIVITIES, ACTIVITY_ACTIONS } from "../core/activity.ts";
import { EVENT_TYPES } from "../core/events.ts";
import { maskOwn, maskText } from "../core/masks.ts";
import { Refusal } from "../core/refusal.ts";
import { getConnection } from "../store/connections.ts";
import { findCustomer } from "../store/customers.ts";
import { isReceivedKind } from "../store/inbound.ts";
import { type ActivityFilters, activityKey, getActivity, listActivities } from "../store/lists/activity.ts";
import type { ListedActivity } from "../store/lists/activity.ts";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import type { Api, Context } from "./context.ts";
import { idOf, instant, iso, list, moment, named, text } from "./fields.ts";
import { counts, countsOf, customerFilter, externalFilter, notFound, paging } from "./listing.ts";
import { operation } from "./operation.ts";

const Search = z
  .object({
    start: moment.meta({ description: "At this instant or later." }),
    end: moment.meta({ description: "Before this instant." }),
    actions: list(z.enum(ACTIVITY_ACTIONS)).optional(),
    requestId: text(64).optional().meta({ description: "As `X-Request-Id` told it." }),
    customerId: idOf("customer").optional(),
    externalCustomerId: named(255).optional(),
    connectionIds: list(idOf("connection")).optional(),
    financialAccountIds: list(idOf("account")).optional(),
    eventType: named(100).optional().meta({ description: "Of a webhook, ours or the provider's own word." }),
    ...paging(),
  })
  .refine(({ customerId, externalCustomerId }) => customerId === undefined || externalCustomerId === undefined, {
    path: ["externalCustomerId"],
    message: "excludes customerId; send one of them",
  })
  .refine(({ start, end }) => Date.parse(start) <= Date.parse(end), {
    path: ["start"],
    message: "lies after end; send them the other way round",
  });

const words = Object.entries(ACTIVITIES).map(([action, means]) => `\`${action}\`: ${means}`);
const nothingKnown = z.record(z.string(), z.unknown());

const ActivityBody = z
  .object({
    id: z.string(),
    action: z.enum(ACTIVITY_ACTIONS).meta({ description: words.join("\n") }),
    actor: z.object({
      type: z.enum(["API_KEY", "CUSTOMER", "SERVICE_PROVIDER", "GATEWAY"]),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    entity: z
      .object({ type: z.enum(["CONNECTION", "CUSTOMER", "FINANCIAL_ACCOUNT"]), id: z.string() })
      .nullable()
      .meta({ description: "What it concerns most nearly; null: nothing of a customer's." }),
    attributes: nothingKnown.meta({ description: "Method, path, status, time taken, and what else is known." }),
    details: nothingKnown.nullable().meta({
      description:
        "Headers and bodies, masked; null in a list, and where none are kept: of webhooks they stand with the " +
        "delivery and the received webhook.",
    }),
    occurredAt: instant,
    key: z.string(),
  })
  .meta({ id: "Activity" });

export function activityLog(app: Api, context: Context): void {
  const { gateway } = context;
  const { db } = gateway;

  app.get(
    "/activity-log",
    {
      schema: operation({
        id: "searchActivityLog",
        tag: "operation",
        summary: "What was asked of the gateway, and what it asked of others, newest first",
        description:
          "Requests are kept for 30 days, and go with their connection. They are written moments after the answer; " +
          "where more happens than the log can take, lines are left out and counted in `/metrics`.",
        querystring: Search,
        answers: { 200: z.object({ activities: z.array(ActivityBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const place = placeOf(gateway.salt, "activities by turn", query);
      await gateway.activity?.written();
      const found = await listActivities(db, await filtersOf(query), place, query.limit);
      if (found.rows.length === 0 && query.eventType !== undefined) await refuseType(query.eventType);
      return { activities: found.rows.map((row) => rendered(row, null)), ...countsOf(found) };
    },
  );

  const answers = { 200: ActivityBody };
  app.get(
    "/activity-log/details",
    {
      schema: operation({
        id: "getActivityByKey",
        tag: "operation",
        summary: "Get an activity by its key, with details",
        querystring: z.object({ key: text(2000).meta({ description: "The `key` of a listed activity." }) }),
        answers,
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ query }) => {
      try {
        return await detailed(String(placeOf(gateway.salt, "activities by turn", { after: query.key })?.key[2]));
      } catch (error) {
        if (error instanceof Refusal && error.code === "BAD_REQUEST")
          throw new Refusal("BAD_REQUEST", "[key] is no activity's key; send the `key` of a listed activity.");
        throw error;
      }
    },
  );

  app.get(
    "/activity-log/:activityId",
    {
      schema: operation({
        id: "getActivity",
        tag: "operation",
        summary: "Get an activity, with details",
        params: z.object({ activityId: text(64).meta({ description: "The `id` of a listed activity." }) }),
        answers,
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => detailed(params.activityId),
  );

  async function detailed(id: string) {
    await gateway.activity?.written();
    const found = await getActivity(db, id);
    if (!found) throw notFound("activity", id);
    return rendered(found, found.detail);
  }

  /** A type that nobody sends finds nothing for ever, and looks as if nothing had happened. */
  async function refuseType(type: string): Promise<void> {
    const ours: readonly string[] = EVENT_TYPES;
    const theirs = [...gateway.providers.values()].flatMap(({ webhookKinds = [] }) => webhookKinds);
    if (ours.includes(type) || theirs.includes(type) || (await isReceivedKind(db, type))) return;
    throw new Refusal(
      "BAD_REQUEST",
      `[eventType] is no type of event; send one of ${ours.join(", ")}, or a provider's word as it was received.`,
    );
  }

  async function filtersOf(query: z.output<typeof Search>): Promise<ActivityFilters> {
    const { connectionIds } = query;
    const external = externalFilter(context, query.externalCustomerId);
    const known = external && (await findCustomer(db, external.home, external.id));
    const connections = connectionIds && (await Promise.all(connectionIds.map((id) => getConnection(db, id))));
    return {
      from: Date.parse(query.start),
      before: Date.parse(query.end),
      actions: query.actions,
      requestId: query.requestId,
      customer: external ? { home: external.home, id: known?.id ?? "" } : customerFilter(query.customerId),
      connections: connections?.flatMap((one) => one ?? []),
      accountIds: query.financialAccountIds,
      eventType: query.eventType,
    };
  }

  function rendered(row: ListedActivity, detail: unknown): z.output<typeof ActivityBody> {
    return {
      id: row.id,
      action: row.action,
      actor: row.actor,
      entity: entityOf(row),
      attributes: {
        ...(maskOwn(row.summary) as Record<string, unknown>),
        ...(typeof row.summary["url"] === "string" && { url: maskText(row.summary["url"]) }),
        serviceProvider: row.provider,
        customerId: row.customerId,
        connectionId: row.connectionId,
        financialAccountId: row.accountId,
        requestId: row.requestId,
      },
      details: detail as Record<string, unknown> | null,
      occurredAt: iso(row.at),
      key: cursorOf(gateway.salt, "activities by turn", activityKey(row)),
    };
  }
}

function entityOf({ accountId, connectionId, customerId }: ListedActivity) {
  if (accountId !== null) return { type: "FINANCIAL_ACCOUNT" as const, id: accountId };
  if (connectionId !== null) return { type: "CONNECTION" as const, id: connectionId };
  return customerId === null ? null : { type: "CUSTOMER" as const, id: customerId };
}
