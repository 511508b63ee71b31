/**
 * The operator's pages: who may see them, what they ask beyond the API, and how they hear of news. What the API has,
 * they use under a door of their own, so that a browser needs no key in its hands.
 */
import { standings } from "../../store/lists/endpoints.ts";
import type { Api, Context } from "../context.ts";
import { isoOrNull } from "../fields.ts";
import { demo } from "./demo.ts";
import { requireOperator } from "./guard.ts";
import { live } from "./live.ts";
import { search } from "./search.ts";
import { operatorSession } from "./session.ts";

type Resource = (app: Api, context: Context) => void;

const PREFIX = "/dashboard/data";

export async function dashboard(app: Api, context: Context, resources: readonly Resource[]): Promise<void> {
  operatorSession(app, context);
  await app.register(
    async (data) => {
      data.addHook("onRequest", requireOperator(context));
      data.addHook("onRequest", async (_request, reply) => {
        reply.header("cache-control", "no-store");
      });
      for (const resource of resources) resource(data, context);
      search(data, context);
      live(data, context);
      endpoints(data, context);
      demo(data, context);
    },
    { prefix: PREFIX },
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
