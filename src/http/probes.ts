/** What machines ask: alive, able to serve, how it goes, and what the API is. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import type { Api, Context } from "./context.ts";
import { requireKey } from "./keys.ts";
import { operation } from "./operation.ts";
import { refuseBeyond } from "./scopes.ts";

const Alive = z.object({ status: z.literal("ok") });

export function probes(app: Api, context: Context): void {
  app.get(
    "/health",
    {
      schema: operation({
        id: "getHealth",
        tag: "operation",
        summary: "The process is alive",
        asks: "nobody",
        answers: { 200: Alive },
      }),
    },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/ready",
    {
      schema: operation({
        id: "getReadiness",
        tag: "operation",
        summary: "Able to serve, the database included",
        asks: "nobody",
        answers: { 200: Alive },
      }),
    },
    async () => {
      if (await context.ready()) return { status: "ok" as const };
      throw new Refusal(
        "DATABASE_UNAVAILABLE",
        "Not ready: the database can't be reached now; try again after Retry-After.",
      );
    },
  );

  app.get(
    "/metrics",
    {
      schema: operation({
        id: "getMetrics",
        tag: "operation",
        summary: "Counts for Prometheus",
        description: "Asks for an API key unless nobody but this machine asks here.",
        ...(context.settings.alone && { asks: "nobody" as const }),
        answers: {
          200: { description: "Prometheus' text format.", content: { "text/plain": { schema: z.string() } } },
        },
      }),
      ...(!context.settings.alone && {
        onRequest: [requireKey(context.gateway), async (request: FastifyRequest) => refuseBeyond(request)],
      }),
    },
    async (_request, reply) => {
      const text = await context.metrics();
      return reply.type("text/plain; version=0.0.4; charset=utf-8").serializer(String).send(text);
    },
  );

  app.get(
    "/openapi.json",
    {
      schema: operation({
        id: "getOpenapi",
        tag: "operation",
        summary: "This document",
        asks: "nobody",
        answers: { 200: z.record(z.string(), z.unknown()) },
      }),
    },
    async (_request, reply) =>
      reply
        .type("application/json; charset=utf-8")
        .serializer(JSON.stringify)
        .send(app.swagger() as Record<string, unknown>),
  );
}
