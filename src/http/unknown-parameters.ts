/**
 * A parameter of the address that a request does not have is refused. Passed over, a slip in a filter's name would
 * answer everything, and be believed. A field of a body that is not known is passed over: clients send some that
 * only other services read.
 */
import { z } from "zod";
import { beginning } from "../core/label.ts";
import { Refusal } from "../core/refusal.ts";
import type { Api } from "./context.ts";

export function refuseUnknownParameters(app: Api): void {
  app.addHook("preValidation", async (request) => {
    const { querystring = z.object({}) } = request.routeOptions.schema ?? {};
    // What the contract has and this gateway has not was refused before, with a reason.
    const known = Object.keys((querystring as z.ZodObject).shape);
    const name = Object.keys(request.query as object).find((one) => !known.includes(one));
    if (name === undefined) return;
    const mend = known.length > 0 ? `it takes ${known.join(", ")}` : "leave it out: it takes none";
    throw new Refusal("BAD_REQUEST", `[${beginning(name, 100)}] is no parameter of this request; ${mend}.`);
  });
}
