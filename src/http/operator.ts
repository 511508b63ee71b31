/** What the operator has to know: alarms that stand, and codes of providers that no map has yet. */
import { z } from "zod";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import { incidentKey, listIncidents, listUnmappedCodes, unmappedKey } from "../store/lists/operator.ts";
import type { Api, Context } from "./context.ts";
import { instant, iso } from "./fields.ts";
import { counts, countsOf, paging } from "./listing.ts";
import { operation } from "./operation.ts";

const IncidentBody = z
  .object({
    id: z.string(),
    kind: z.enum(["provider-refuses-us", "orphan", "revocation-stuck", "webhook-disabled", "bug"]),
    serviceProvider: z.string().nullable(),
    openedAt: instant,
    lastAt: instant,
    count: z.int(),
    detail: z.record(z.string(), z.unknown()),
    key: z.string(),
  })
  .meta({ id: "Incident" });

const UnmappedBody = z
  .object({
    serviceProvider: z.string(),
    code: z.string(),
    firstAt: instant,
    lastAt: instant,
    count: z.int(),
    sample: z.record(z.string(), z.unknown()).meta({ description: "The latest answer, in the provider's own words." }),
    key: z.string(),
  })
  .meta({ id: "UnmappedCode" });

export function operator(app: Api, { gateway }: Context): void {
  app.get(
    "/incidents",
    {
      schema: operation({
        id: "listIncidents",
        tag: "operation",
        summary: "Alarms that stand, oldest first",
        querystring: z.object(paging()),
        answers: { 200: z.object({ incidents: z.array(IncidentBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const found = await listIncidents(gateway.db, placeOf(gateway.salt, "incidents", query), query.limit);
      return {
        incidents: found.rows.map((row) => ({
          id: row.id,
          kind: row.kind,
          serviceProvider: row.provider,
          openedAt: iso(row.openedAt),
          lastAt: iso(row.lastAt),
          count: Number(row.count),
          detail: row.detail,
          key: cursorOf(gateway.salt, "incidents", incidentKey(row)),
        })),
        ...countsOf(found),
      };
    },
  );

  app.get(
    "/unmapped-codes",
    {
      schema: operation({
        id: "listUnmappedCodes",
        tag: "operation",
        summary: "Codes of providers that no map has: unknown, and so never healthy",
        description: "The latest seen first.",
        querystring: z.object(paging()),
        answers: { 200: z.object({ unmappedCodes: z.array(UnmappedBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const found = await listUnmappedCodes(gateway.db, placeOf(gateway.salt, "unmapped codes", query), query.limit);
      return {
        unmappedCodes: found.rows.map((row) => ({
          serviceProvider: row.provider,
          code: row.code,
          firstAt: iso(row.firstAt),
          lastAt: iso(row.lastAt),
          count: Number(row.count),
          sample: row.sample,
          key: cursorOf(gateway.salt, "unmapped codes", unmappedKey(row)),
        })),
        ...countsOf(found),
      };
    },
  );
}
