/** Who is asking: the operator's API key, or the connect token of one session. Neither is ever in a log. */
import type { FastifyRequest } from "fastify";
import { sessionOfToken } from "../actions/connect-token.ts";
import { Refusal } from "../core/refusal.ts";
import type { Gateway } from "../actions/gateway.ts";
import { findApiKeys, noteUse } from "../store/api-keys.ts";
import { together } from "./together.ts";
import { admit, type Grant, grant } from "./actor.ts";
import type { Ring } from "../store/seal.ts";
import { KEY_SCHEMES } from "../core/compatibility.ts";

const HOW = "send the header `Authorization: Bearer <API key>`";

/** Longer than any key or token of ours; nothing longer is hashed. */
export const MOST = 4096;

function credentialsOf(request: FastifyRequest): { scheme: string; value: string } | null {
  const header = request.headers.authorization ?? "";
  const [, scheme, value] = /^ *([A-Za-z]+) +(\S+) *$/.exec(header.slice(0, MOST + 100)) ?? [];
  return scheme && value && value.length <= MOST ? { scheme: scheme.toLowerCase(), value } : null;
}

/** An `onRequest` hook: before the body is read, so that a stranger's is not. */
export function requireKey({ db, door }: Pick<Gateway, "db" | "door">, via: Grant["via"] = "api") {
  const find = together((keys: readonly string[]) => findApiKeys(db, keys));
  return async (request: FastifyRequest): Promise<void> => {
    const sent = credentialsOf(request);
    if (!sent || !(KEY_SCHEMES as readonly string[]).includes(sent.scheme)) {
      throw new Refusal("UNAUTHORIZED", `An API key is missing; ${HOW}.`);
    }
    const key = (await find(sent.value))(sent.value);
    if (!key)
      throw new Refusal("UNAUTHORIZED", `The API key is not known here; ${HOW}, as it was shown when it was made.`);
    await noteUse(db, key, door.wall());
    admit(request, { type: "API_KEY", id: key.id, name: key.label });
    grant(request, { scope: key.scope, keyId: key.id, via });
  };
}

/** As `requireKey`. Whether the session is still open, the actions decide. */
export const requireToken =
  (ring: Ring) =>
  async (request: FastifyRequest): Promise<void> => {
    const session = sessionOfToken(ring, connectTokenOf(request));
    admit(request, { type: "CUSTOMER", id: session, name: null });
  };

/** The connect token that the request carries. */
export function connectTokenOf(request: FastifyRequest): string {
  const sent = credentialsOf(request);
  if (sent?.scheme !== "bearer") {
    throw new Refusal("UNAUTHORIZED", "A connect token is missing; send `Authorization: Bearer <connectToken>`.");
  }
  return sent.value;
}
