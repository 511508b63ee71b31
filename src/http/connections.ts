/** Connections: search, get, delete, and what happened to them. */
import { z } from "zod";
import { disconnect } from "../actions/disconnect.ts";
import { DAY } from "../core/status/policy.ts";
import { type Actor, ACTORS, mayAwaitConsent, STEPS } from "../core/status/next-step.ts";
import { type State, type Status, TABLE } from "../core/status/table.ts";
import { CONTRACT_PROVIDERS } from "../core/compatibility.ts";
import { type ConnectionFilters, getListedConnection, listConnections } from "../store/lists/connections.ts";
import { listTimeline } from "../store/lists/timeline.ts";
import { isRefusal } from "../core/refusal.ts";
import type { Api, Context } from "./context.ts";
import { placeOf } from "../store/lists/cursor.ts";
import { day, idOf, inOrder, list, moment, named, OUT_OF_ORDER, startOf } from "./fields.ts";
import { onceWithoutIds } from "./idempotency.ts";
import {
  counts,
  countsOf,
  customerFilter,
  externalFilter,
  knownConnection,
  notFound,
  paging,
  refuseDeleted,
} from "./listing.ts";
import { operation } from "./operation.ts";
import { ConnectionBody, renderConnection, state, status } from "./render/connection.ts";
import { EntryBody, renderEntry } from "./render/entry.ts";

export const connectionPath = z.object({ connectionId: idOf("connection") });

const Search = z
  .object({
    customerId: idOf("customer").optional(),
    externalCustomerId: named(255).optional(),
    institutionId: idOf("institution").optional(),
    institutionName: named(200).optional().meta({ description: "A part of the name; institutionId wins over it." }),
    statuses: list(status).optional(),
    states: list(state).optional().meta({ description: "Status and reason together; narrows `statuses`." }),
    actors: list(z.enum(ACTORS)).optional().meta({ description: "Who has to act now, as `nextStep` tells it." }),
    serviceProviders: list(z.enum(CONTRACT_PROVIDERS)).optional(),
    startDate: day.optional().meta({ description: "Created on this day (UTC) or later." }),
    endDate: day.optional().meta({ description: "Created on this day (UTC) or earlier." }),
    stateSince: moment.optional().meta({ description: "In its state since this instant, or since later." }),
    ...paging(),
  })
  .refine(inOrder, OUT_OF_ORDER);

interface Asked {
  statuses?: readonly Status[] | undefined;
  states?: readonly State[] | undefined;
  actors?: readonly Actor[] | undefined;
}

/** The rows of the table that all three allow; undefined: none of them was named. */
function statesOf({ statuses, states, actors }: Asked): Pick<ConnectionFilters, "states" | "consent"> {
  if (!statuses && !states && !actors) return {};
  const named = TABLE.filter(
    (row) => (!statuses || statuses.includes(row.status)) && (!states || states.includes(row.state)),
  ).map((row) => row.state);
  if (!actors) return { states: named };
  const [customer, nobody] = [actors.includes("customer"), actors.includes("nobody")];
  return {
    states: named.filter((one) => actors.includes(STEPS[one].actor)),
    // In these nobody has to act, unless a product waits for the customer.
    ...(customer !== nobody && { consent: { isAwaited: customer, states: named.filter(mayAwaitConsent) } }),
  };
}

export function connections(app: Api, context: Context): void {
  const { gateway } = context;
  const { db } = gateway;

  app.get(
    "/bank-linking/connections",
    {
      schema: operation({
        id: "searchConnections",
        tag: "connections",
        summary: "Search connections, newest first",
        querystring: Search,
        answers: { 200: z.object({ connections: z.array(ConnectionBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const { startDate, endDate, stateSince } = query;
      const found = await listConnections(
        db,
        {
          customer: customerFilter(query.customerId),
          external: externalFilter(context, query.externalCustomerId),
          institutionId: query.institutionId,
          institutionName: query.institutionId === undefined ? query.institutionName : undefined,
          ...statesOf(query),
          providers: query.serviceProviders,
          startedFrom: startDate === undefined ? undefined : startOf(startDate),
          startedBefore: endDate === undefined ? undefined : startOf(endDate) + DAY,
          movedFrom: stateSince === undefined ? undefined : Date.parse(stateSince),
        },
        placeOf(gateway.salt, "connections", query),
        query.limit,
      );
      return { connections: found.rows.map((row) => renderConnection(context, row)), ...countsOf(found) };
    },
  );

  app.get(
    "/bank-linking/connections/:connectionId",
    {
      schema: operation({
        id: "getConnection",
        tag: "connections",
        summary: "Get a connection",
        description: "A deleted connection is still shown, as DELETED.",
        params: connectionPath,
        answers: { 200: ConnectionBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const found = await getListedConnection(db, params.connectionId);
      if (!found) throw notFound("connection", params.connectionId);
      return renderConnection(context, found);
    },
  );

  app.delete(
    "/bank-linking/connections/:connectionId",
    {
      schema: operation({
        id: "deleteConnection",
        tag: "connections",
        summary: "Delete a connection",
        description: "Access at the provider is revoked and the customer's data erased; the answer is what stays.",
        params: connectionPath,
        answers: { 200: ConnectionBody.extend({ requestId: z.string() }) },
        refusals: ["NOT_FOUND", "ALREADY_DELETED", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request) => {
      const { connectionId } = request.params;
      const { replayed } = await onceWithoutIds(context, request);
      const known = await knownConnection(context, connectionId);
      if (!replayed || known.deletedAt === null) {
        // Another request that runs beside this one may have been first: the effect is the same.
        await disconnect(gateway, connectionId).catch((error: unknown) => {
          if (known.deletedAt !== null || !isRefusal(error, "ALREADY_DELETED")) throw error;
        });
      }
      const left = await getListedConnection(db, connectionId);
      if (!left) throw notFound("connection", connectionId);
      return { requestId: request.id, ...renderConnection(context, left) };
    },
  );

  app.get(
    "/bank-linking/connections/:connectionId/timeline",
    {
      schema: operation({
        id: "listTimeline",
        tag: "connections",
        summary: "What happened to a connection, newest first",
        params: connectionPath,
        querystring: z.object(paging()),
        answers: { 200: z.object({ timeline: z.array(EntryBody), ...counts }) },
        refusals: ["NOT_FOUND", "GONE"],
      }),
    },
    async ({ params, query }) => {
      const connection = await knownConnection(context, params.connectionId);
      refuseDeleted(connection);
      const { home, id, providerConnectionId } = connection;
      const subjects = providerConnectionId === null ? [id] : [id, providerConnectionId];
      const found = await listTimeline(db, home, subjects, placeOf(gateway.salt, "timeline", query), query.limit);
      return { timeline: found.rows.map((entry) => renderEntry(context, entry)), ...countsOf(found) };
    },
  );
}
