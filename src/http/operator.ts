/** What the operator has to know: alarms that stand, and codes of providers that no map has yet. */
import { z } from "zod";
import { openIncidents, unmappedCodes } from "../store/incidents.ts";
import type { Api, Context } from "./context.ts";
import { instant, iso } from "./fields.ts";
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
  })
  .meta({ id: "UnmappedCode" });

export function operator(app: Api, { gateway }: Context): void {
  app.get(
    "/incidents",
    {
      schema: operation({
        id: "listIncidents",
        tag: "operation",
        summary: "Alarms that stand",
        answers: { 200: z.object({ incidents: z.array(IncidentBody) }) },
      }),
    },
    async () => ({
      incidents: (await openIncidents(gateway.db)).map(({ id, kind, provider, openedAt, lastAt, count, detail }) => ({
        id,
        kind,
        serviceProvider: provider,
        openedAt: iso(openedAt),
        lastAt: iso(lastAt),
        count: Number(count),
        detail,
      })),
    }),
  );

  app.get(
    "/unmapped-codes",
    {
      schema: operation({
        id: "listUnmappedCodes",
        tag: "operation",
        summary: "Codes of providers that no map has: unknown, and so never healthy",
        answers: { 200: z.object({ unmappedCodes: z.array(UnmappedBody) }) },
      }),
    },
    async () => ({
      unmappedCodes: (await unmappedCodes(gateway.db)).map(({ provider, code, firstAt, lastAt, count, sample }) => ({
        serviceProvider: provider,
        code,
        firstAt: iso(firstAt),
        lastAt: iso(lastAt),
        count: Number(count),
        sample,
      })),
    }),
  );
}
