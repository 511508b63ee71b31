/** The connect page, and the small script by which other sites embed it. What they ask of the API is beside them. */
import { z } from "zod";
import { returnFromBank } from "../actions/return-from-bank.ts";
import type { Api, Context } from "./context.ts";
import { text } from "./fields.ts";
import { operation } from "./operation.ts";
import { pageHeaders, sendPage } from "./pages.ts";

const html = { description: "A page.", content: { "text/html": { schema: z.string() } } };

export function connectPage(app: Api, { pages, settings, gateway }: Context): void {
  const headers = pageHeaders(settings.embedOrigins.length > 0 ? settings.embedOrigins.join(" ") : "'none'");

  // A page that isolates itself loses the window that opened it, and with it the right to close itself.
  const { "cross-origin-opener-policy": _, ...returning } = headers;

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

  app.get(
    "/connect/return",
    {
      schema: operation({
        id: "returnFromBank",
        tag: "linking",
        summary: "Where banks and providers send the customer back to",
        description: "Finishes the session with what stands in the query, and shows a page that says so.",
        asks: "nobody",
        querystring: z
          .object({ state: text(200) })
          .catchall(text(8192))
          .refine((pairs) => Object.keys(pairs).length <= 33, "has too many entries; send at most 32 besides state"),
        answers: { 303: { ...html, description: "To a page without what stood in the query." } },
      }),
    },
    async (request, reply) => {
      const { state, ...brought } = request.query;
      await returnFromBank(gateway, state, brought);
      return reply.code(303).headers(returning).header("location", "/connect/returned").send("") as never;
    },
  );

  app.get("/connect/returned", { schema: { hide: true } }, async (request, reply) =>
    sendPage(pages, "connect/returned.html", request, reply, returning),
  );

  // Other sites load it as a script, whatever their policy on resources of another origin.
  app.get("/connect/embed.js", { schema: { hide: true } }, async (request, reply) =>
    sendPage(pages, "connect/embed.js", request, reply, { "cross-origin-resource-policy": "cross-origin" }),
  );

  app.get("/connect/assets/:name", { schema: { hide: true } }, async (request, reply) =>
    sendPage(pages, `connect/assets/${(request.params as { name: string }).name}`, request, reply),
  );
}
