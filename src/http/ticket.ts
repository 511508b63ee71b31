/**
 * A ticket for a provider's support: what it has to know to find the connection on its side, ready to paste. No name of
 * a customer, no account and no secret is in it.
 */
import { z } from "zod";
import { getListedConnection, type ListedConnection } from "../store/lists/connections.ts";
import { listTimeline } from "../store/lists/timeline.ts";
import type { Entry } from "../store/timeline.ts";
import { connectionPath } from "./connections.ts";
import type { Api, Context } from "./context.ts";
import { instant, iso, isoOrNull } from "./fields.ts";
import { notFound, refuseDeleted } from "./listing.ts";
import { maskedText } from "./log.ts";
import { operation } from "./operation.ts";

const Met = z.object({
  at: instant,
  code: z.string(),
  message: z.string().nullable(),
  httpStatus: z.int().nullable(),
  requestId: z.string().nullable().meta({ description: "The provider's own, where it told one." }),
  run: z.string().nullable().meta({ description: "Our id of the run that met it." }),
});

const TicketBody = z
  .object({
    connectionId: z.string(),
    serviceProvider: z.string(),
    serviceProviderConnectionId: z.string().nullable(),
    institutionName: z.string().nullable(),
    state: z.string(),
    stateSince: instant,
    lastSuccessAt: instant.nullable(),
    lastAttemptAt: instant.nullable(),
    troubles: z.array(Met).meta({ description: "What the latest runs met, newest first." }),
    text: z.string().meta({ description: "All of it as one text, ready to paste." }),
  })
  .meta({ id: "Ticket" });

/** How far back it looks: enough to show a pattern, and short enough to be read. */
const ENTRIES = 100;
const TROUBLES = 20;

export function ticket(app: Api, context: Context): void {
  const { gateway } = context;
  app.get(
    "/bank-linking/connections/:connectionId/ticket",
    {
      schema: operation({
        id: "getTicket",
        tag: "connections",
        summary: "A ticket for the provider's support: request ids, times and codes",
        params: connectionPath,
        answers: { 200: TicketBody },
        refusals: ["NOT_FOUND", "GONE"],
      }),
    },
    async ({ params }) => {
      const c = await getListedConnection(gateway.db, params.connectionId);
      if (!c) throw notFound("connection", params.connectionId);
      refuseDeleted(c);
      const subjects = c.providerConnectionId === null ? [c.id] : [c.id, c.providerConnectionId];
      const { rows } = await listTimeline(gateway.db, c.home, subjects, null, ENTRIES);
      const troubles = rows.flatMap(troublesOf).slice(0, TROUBLES);
      const ticketed = {
        connectionId: c.id,
        serviceProvider: c.provider ?? "none yet",
        serviceProviderConnectionId: c.ref,
        institutionName: c.institutionName,
        state: c.state,
        stateSince: iso(c.stateSince),
        lastSuccessAt: isoOrNull(c.lastSuccessAt),
        lastAttemptAt: isoOrNull(c.lastSentAt),
        troubles,
      };
      return { ...ticketed, text: textOf(c, troubles) };
    },
  );
}

interface Told {
  raw: { code: string; message?: string; httpStatus?: number; requestId?: string };
}

function troublesOf({ at, kind, detail }: Entry): z.output<typeof Met>[] {
  if (kind !== "observation") return [];
  const { run, troubles } = detail as { run?: string; troubles?: readonly Told[] };
  return (troubles ?? []).map(({ raw }) => ({
    at: iso(at),
    code: raw.code,
    message: raw.message === undefined ? null : maskedText(raw.message),
    httpStatus: raw.httpStatus ?? null,
    requestId: raw.requestId ?? null,
    run: run ?? null,
  }));
}

function textOf(c: ListedConnection, troubles: readonly z.output<typeof Met>[]): string {
  const lines = [
    `Provider:           ${c.provider ?? "none yet"}`,
    `Your connection id: ${c.ref ?? "none yet"}`,
    `Institution:        ${c.institutionName ?? "not known"}`,
    `Our connection id:  ${c.id}`,
    `Our status:         ${c.state}, since ${iso(c.stateSince)}`,
    `Last good read:     ${isoOrNull(c.lastSuccessAt) ?? "never"}`,
    `Last attempt:       ${isoOrNull(c.lastSentAt) ?? "never"}`,
    "",
    troubles.length === 0 ? "No error was answered lately." : "What you answered, newest first (times in UTC):",
    ...troubles.map(({ at, code, message, httpStatus, requestId, run }) =>
      [
        `- ${at}  ${code}`,
        httpStatus !== null && `HTTP ${httpStatus}`,
        message !== null && `"${message}"`,
        requestId === null ? run !== null && `our run ${run}` : `request id ${requestId}`,
      ]
        .filter((part) => typeof part === "string")
        .join("  "),
    ),
  ];
  return lines.join("\n");
}
