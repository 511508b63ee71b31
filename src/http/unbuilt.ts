/** What the contract has and this gateway does not do yet: each answers 501 and says what to do instead. */
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";
import { operation } from "./operation.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Asked for by browsers, who have no API key. */
const UNBUILT: readonly [method: Method, url: string, id: string, what: string, instead: string][] = [
  ["GET", "/docs", "showReference", "The API's reference page", "read /openapi.json"],
];

export function unbuilt(app: Api): void {
  for (const [method, url, id, what, instead] of UNBUILT) {
    const names = [...url.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
    app.route({
      method,
      url,
      schema: operation({
        id,
        tag: "later",
        summary: what,
        answers: {},
        refusals: ["NOT_BUILT"],
        ...(names.length > 0 && { params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
        asks: "nobody",
      }),
      handler: async () => {
        throw new Refusal("NOT_BUILT", `${what}: not built yet; ${instead}.`);
      },
    });
  }
}
