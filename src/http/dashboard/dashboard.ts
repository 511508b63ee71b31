/**
 * The operator's pages: who may see them, what they ask beyond the API, and how they hear of news. What the API has,
 * they use under a door of their own, so that a browser needs no key in its hands.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Refusal } from "../../core/refusal.ts";
import { standings } from "../../store/lists/endpoints.ts";
import { auditActs } from "../audit.ts";
import type { Api, Context } from "../context.ts";
import { isoOrNull } from "../fields.ts";
import { operation } from "../operation.ts";
import { requireScopes } from "../scopes.ts";
import { pageHeaders, sendPage } from "../pages.ts";
import { demo } from "./demo.ts";
import { requireOperator } from "./guard.ts";
import { live } from "./live.ts";
import { search } from "./search.ts";
import { operatorSession } from "./session.ts";

type Resource = (app: Api, context: Context) => void;

/** As in src/dashboard/route.ts. */
const ADDRESSES = ["connections", "connections/:id", "deliveries", "deliveries/:id", "codes", "alarms", "search"];
const PREFIX = "/dashboard/data";

export async function dashboard(app: Api, context: Context, resources: readonly Resource[]): Promise<void> {
  pages(app, context);
  operatorSession(app, context);
  await app.register(
    async (data) => {
      data.addHook("onRequest", requireOperator(context));
      data.addHook("onRequest", async (_request, reply) => {
        reply.header("cache-control", "no-store");
      });
      requireScopes(data, PREFIX);
      auditActs(data, context);
      for (const resource of resources) resource(data, context);
      search(data, context);
      live(data, context);
      endpoints(data, context);
      demo(data, context);
    },
    { prefix: PREFIX },
  );
}

/** The pages hold no data: whoever may see none is asked for a key there. Each address answers the same file. */
function pages(app: Api, context: Context): void {
  const headers = pageHeaders("'none'");
  const show = async (request: FastifyRequest, reply: FastifyReply) =>
    sendPage(context.pages, "dashboard/index.html", request, reply, headers) as never;
  const schema = operation({
    id: "showDashboard",
    tag: "operation",
    summary: "The operator's pages",
    description: "They ask for an API key unless nobody but this machine asks here.",
    asks: "nobody",
    answers: { 200: { description: "A page.", content: { "text/html": { schema: z.string() } } } },
    refusals: ["NOT_BUILT"],
  });
  app.get("/dashboard", { schema }, show);
  for (const name of ADDRESSES) app.get(`/dashboard/${name}`, show);
  // A page says so too where there is none; what the pages load does not.
  for (const path of ["/dashboard/:name", "/dashboard/:name/:id"])
    app.get<{ Params: { name: string } }>(path, async (request, reply) => {
      if (request.params.name === "data") throw new Refusal("NOT_FOUND", "There is nothing under this path.");
      return show(request, reply.code(404));
    });
  app.get("/dashboard/assets/:name", async (request, reply) =>
    sendPage(context.pages, `dashboard/assets/${(request.params as { name: string }).name}`, request, reply),
  );
}

function endpoints(app: Api, { gateway }: Context): void {
  app.get("/endpoints", async () => ({
    endpoints: (await standings(gateway.db)).map(({ oldestPendingAt, ...rest }) => ({
      ...rest,
      oldestPendingAt: isoOrNull(oldestPendingAt),
    })),
  }));
}
