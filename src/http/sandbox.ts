/** The sandbox's handles: link without a browser, make the fake bank misbehave, move the clock. */
import { z } from "zod";
import { sandboxHeal, sandboxLink, sandboxTrouble } from "../actions/sandbox.ts";
import { mintStartIds, mintTwinIds } from "../actions/start-link.ts";
import { Refusal } from "../core/refusal.ts";
import { DAY } from "../core/status/policy.ts";
import { getListedConnection } from "../store/lists/connections.ts";
import { connectionPath } from "./connections.ts";
import type { Api, Context } from "./context.ts";
import { durationOf, durationText } from "./duration.ts";
import { idOf, instant, iso, named, products } from "./fields.ts";
import { once, onceWithoutIds } from "./idempotency.ts";
import { notFound } from "./listing.ts";
import { operation } from "./operation.ts";
import { ConnectionBody, renderConnection, state } from "./render/connection.ts";

const LinkBody = z.object({
  externalCustomerId: named(255),
  institutionId: idOf("institution").nullish().meta({ description: "Not named: a fake bank that behaves." }),
  products: products
    .refine((list) => list.length > 0, "is empty; leave it out, or name at least one")
    .nullish()
    .meta({ description: "Not named: balances, numbers, owners and transactions." }),
});

const TroubleBody = z
  .object({
    state,
    accounts: z
      .union([z.array(idOf("account")).min(1).max(100), z.int().min(1).max(100)])
      .nullish()
      .meta({ description: "Which accounts are in trouble: their ids, or how many. Not named: as that state has it." }),
  })
  .meta({ examples: [{ state: "RECONNECT_REQUIRED/LOGIN_REQUIRED" }] });

const Reached = z.object({
  connection: ConnectionBody,
  reachedBy: z.enum(["read", "refresh", "clock"]).meta({
    description: "read: by itself within seconds · refresh: ask for one · clock: advance it by `advance` besides.",
  }),
  advance: z.string().nullable().meta({ description: "An ISO 8601 duration, with `clock`." }),
  twinId: z
    .string()
    .nullable()
    .meta({ description: "With INACTIVE_DUPLICATE: the connection that was linked besides." }),
});

/** A year and a month: enough to see any deadline pass. */
export const LONGEST = 400 * DAY;

const advance = z
  .string()
  .refine(
    (text) => durationOf(text) !== null,
    "must be an ISO 8601 duration in weeks, days, hours, minutes or seconds; send PT4H",
  )
  .refine((text) => (durationOf(text) ?? 0) <= LONGEST, "is too long; send at most P400D")
  .meta({ examples: ["PT4H"] });

export function sandbox(app: Api, context: Context): void {
  const { gateway } = context;

  const shown = async (id: string) => {
    const found = await getListedConnection(gateway.db, id);
    if (!found) throw notFound("connection", id);
    return renderConnection(context, found);
  };

  app.post(
    "/sandbox/connections",
    {
      schema: operation({
        id: "linkInSandbox",
        tag: "sandbox",
        summary: "A linked connection, as if a customer had finished the widget",
        body: LinkBody,
        answers: { 200: ConnectionBody },
        refusals: ["NOT_FOUND", "IDEMPOTENCY_KEY_REUSED", "PROVIDER_REFUSED", "PROVIDER_UNAVAILABLE", "NOT_BUILT"],
      }),
    },
    async (request) => {
      const { externalCustomerId, institutionId, products: asked } = request.body;
      const { ids } = await once(context, request, () => mintStartIds(gateway, externalCustomerId));
      const wanted = { externalCustomerId, institutionId: institutionId ?? null, products: asked ?? null };
      return shown((await sandboxLink(gateway, wanted, ids)).id);
    },
  );

  app.post(
    "/sandbox/connections/:connectionId/trouble",
    {
      schema: operation({
        id: "makeTrouble",
        tag: "sandbox",
        summary: "The fake bank begins to answer as a bank does in that state",
        params: connectionPath,
        body: TroubleBody,
        answers: { 200: Reached },
        refusals: ["NOT_FOUND", "STATE_FORBIDS", "GONE", "IDEMPOTENCY_KEY_REUSED", "PROVIDER_UNAVAILABLE", "NOT_BUILT"],
      }),
    },
    async (request) => {
      const { connectionId } = request.params;
      const { ids } = await once(context, request, () => mintTwinIds(gateway, connectionId));
      const { state: wanted, accounts } = request.body;
      const which = accounts === null || accounts === undefined ? {} : { accounts };
      const reached = await sandboxTrouble(gateway, connectionId, { state: wanted, ...which }, ids);
      return { ...how(reached), connection: await shown(reached.connection.id) };
    },
  );

  app.delete(
    "/sandbox/connections/:connectionId/trouble",
    {
      schema: operation({
        id: "endTrouble",
        tag: "sandbox",
        summary: "The fake bank behaves again",
        params: connectionPath,
        answers: { 200: Reached },
        refusals: ["NOT_FOUND", "STATE_FORBIDS", "GONE", "IDEMPOTENCY_KEY_REUSED", "PROVIDER_UNAVAILABLE", "NOT_BUILT"],
      }),
    },
    async (request) => {
      await onceWithoutIds(context, request);
      const reached = await sandboxHeal(gateway, request.params.connectionId);
      return { ...how(reached), connection: await shown(reached.connection.id) };
    },
  );

  app.post(
    "/sandbox/clock",
    {
      schema: operation({
        id: "advanceClock",
        tag: "sandbox",
        summary: "Step the gateway's clock, running what falls due on the way",
        description:
          "Works for a minute at most; `remaining` is what is left then: ask again for that, until it is PT0S. " +
          "Calls that come together are stepped one after another.",
        body: z.object({ advance }),
        answers: {
          200: z.object({ now: instant, remaining: z.string().meta({ description: "An ISO 8601 duration." }) }),
        },
        refusals: ["CLOCK_IS_REAL"],
      }),
    },
    async ({ body }) => {
      const moved = await context.advanceClock(durationOf(body.advance) ?? 0);
      if (moved) return { now: iso(moved.now), remaining: durationText(moved.remaining) };
      throw new Refusal(
        "CLOCK_IS_REAL",
        "The clock moves only while the sandbox is the only provider; unset the others' keys.",
      );
    },
  );
}

const how = ({
  reachedBy,
  advance: by,
  twinId,
}: {
  reachedBy: "read" | "refresh" | "clock";
  advance?: string;
  twinId?: string;
}) => ({
  reachedBy,
  advance: by ?? null,
  twinId: twinId ?? null,
});
