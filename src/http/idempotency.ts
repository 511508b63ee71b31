/** Gives a changing request its ids: fresh ones, or those that it got before under the same idempotency key. */
import type { FastifyRequest } from "fastify";
import { idempotent } from "../actions/idempotency.ts";
import { Refusal } from "../core/refusal.ts";
import { IDEMPOTENCY_HEADERS } from "../core/compatibility.ts";
import type { Context } from "./context.ts";

export const MOST = 255;

export async function once<Ids extends object>(
  { gateway }: Context,
  request: FastifyRequest,
  mint: () => Ids,
): Promise<{ ids: Ids; replayed: boolean; isKeyed: boolean }> {
  const key = keyOf(request);
  if (key === null) return { ids: mint(), replayed: false, isKeyed: false };
  const [route = ""] = request.url.split("?");
  const kept = await idempotent(gateway, { method: request.method, route, key, body: request.body }, mint);
  return { ...kept, isKeyed: true };
}

/** For what mints nothing: the key only guards against another body. */
export const onceWithoutIds = (context: Context, request: FastifyRequest) => once(context, request, () => ({}));

function keyOf({ headers }: FastifyRequest): string | null {
  for (const name of IDEMPOTENCY_HEADERS) {
    const key = headers[name];
    if (key === undefined) continue;
    if (typeof key === "string" && key.length > 0 && key.length <= MOST) return key;
    throw new Refusal(
      "BAD_REQUEST",
      `[${name}] must be 1 to ${MOST} characters; send a fresh UUID for each new request.`,
    );
  }
  return null;
}
