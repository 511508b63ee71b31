/** Paths that nobody answers: unknown, or known with another method. */
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";

export function refuseUnknown(app: Api): void {
  const known: { method: string; path: RegExp }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    const path = new RegExp(`^${url.replace(/[.]/g, "\\.").replace(/\*/g, ".*").replace(/:\w+/g, "[^/]+")}$`);
    for (const one of [method].flat()) known.push({ method: one, path });
  });
  app.setNotFoundHandler(async (request, reply) => {
    const [path = ""] = request.url.split("?");
    const methods = [...new Set(known.filter((route) => route.path.test(path)).map((route) => route.method))];
    if (methods.length === 0)
      throw new Refusal("NOT_FOUND", "There is nothing under this path; /openapi.json lists what there is.");
    reply.header("allow", methods.join(", "));
    throw new Refusal(
      "METHOD_NOT_ALLOWED",
      `This path does not answer ${request.method}; use ${methods.join(" or ")}.`,
    );
  });
}
