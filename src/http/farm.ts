/** The fake banks' own address. Nothing of the API applies here: no key of ours, no shapes, no document. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Api, Context, FarmRequest } from "./context.ts";

const MOUNT = "/farm";

export async function farm(app: Api, { farm: banks, gateway }: Context): Promise<void> {
  if (!banks) return;
  const held = new Set<FastifyReply>();
  app.addHook("onRequest", async (_request, reply) => {
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));

  app.all(`${MOUNT}/*`, { schema: { hide: true } }, async (request, reply) => {
    const answer = await banks.handle(farmRequest(request));
    if (answer === "never") {
      // The bank does not answer: whoever asked waits until it gives up, or until the gateway stops.
      held.add(reply);
      request.raw.socket.once("close", () => held.delete(reply));
      reply.hijack();
      return reply;
    }
    if (answer.after !== undefined) await gateway.door.wait(answer.after);
    return reply.code(answer.status).headers(answer.headers).serializer(String).send(answer.body);
  });

  app.addHook("preClose", (done) => {
    for (const reply of held) reply.raw.destroy();
    done();
  });
}

function farmRequest(request: FastifyRequest): FarmRequest {
  const { pathname, searchParams } = new URL(request.url, "http://farm.invalid");
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return {
    method: request.method,
    path: pathname.slice(MOUNT.length),
    query: Object.fromEntries(searchParams),
    headers: Object.fromEntries(headers),
    body: typeof request.body === "string" ? request.body : "",
  };
}
