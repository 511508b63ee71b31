/** The connect page, and the small script by which other sites embed it. What they ask of the API is beside them. */
import { z } from "zod";
import type { Api, Context } from "./context.ts";
import { operation } from "./operation.ts";
import { pageHeaders, sendPage } from "./pages.ts";

const html = { description: "A page.", content: { "text/html": { schema: z.string() } } };

export function connectPage(app: Api, { pages, settings }: Context): void {
  const headers = pageHeaders(settings.embedOrigins.length > 0 ? settings.embedOrigins.join(" ") : "'none'");

  app.get(
    "/connect",
    {
      schema: operation({
        id: "showConnectPage",
        tag: "linking",
        summary: "The page on which a customer links or repairs",
        description:
          "Opened as `widgetUrl`, with the connect token in its query; the page takes it out of the address.",
        asks: "nobody",
        querystring: z.object({ connectToken: z.string().max(4096).optional() }),
        answers: { 200: html },
        refusals: ["NOT_BUILT"],
      }),
    },
    async (request, reply) => sendPage(pages, "connect/index.html", request, reply, headers) as never,
  );

  // Other sites load it as a script, whatever their policy on resources of another origin.
  app.get("/connect/embed.js", { schema: { hide: true } }, async (request, reply) =>
    sendPage(pages, "connect/embed.js", request, reply, { "cross-origin-resource-policy": "cross-origin" }),
  );

  app.get("/connect/assets/:name", { schema: { hide: true } }, async (request, reply) =>
    sendPage(pages, `connect/assets/${(request.params as { name: string }).name}`, request, reply),
  );
}
