/** The page on which the API is read. It holds nothing of its own: the document is asked for by the browser. */
import { z } from "zod";
import type { Api, Context } from "./context.ts";
import { operation } from "./operation.ts";
import { pageHeaders, sendPage } from "./pages.ts";

export function reference(app: Api, { pages }: Context): void {
  const headers = pageHeaders("'none'");
  app.get(
    "/docs",
    {
      schema: operation({
        id: "showReference",
        tag: "operation",
        summary: "The API's reference, as a page",
        asks: "nobody",
        answers: { 200: { description: "A page.", content: { "text/html": { schema: z.string() } } } },
        refusals: ["NOT_BUILT"],
      }),
    },
    async (request, reply) => sendPage(pages, "docs/index.html", request, reply, headers) as never,
  );
  app.get("/docs/assets/:name", { schema: { hide: true } }, async (request, reply) =>
    sendPage(pages, `docs/assets/${(request.params as { name: string }).name}`, request, reply),
  );
}
