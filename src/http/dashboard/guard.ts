/**
 * Who may use the operator's pages: whoever holds a key, or has typed one into this browser. Where only this machine
 * can reach the port nobody is asked, as long as the request shows that it was meant for this machine: a page on the
 * internet can point a name of its own here, and a proxy lets others in; both show in the headers.
 */
import type { FastifyRequest } from "fastify";
import { Refusal } from "../../core/refusal.ts";
import { keyOfSession, type Typed } from "../../store/operator-sessions.ts";
import { grant } from "../actor.ts";
import type { Context } from "../context.ts";
import { requireKey } from "../keys.ts";

export const COOKIE = "bowline_operator";
/** Sent by our own pages with whatever changes something. Other origins can't: it takes a permission nobody gives. */
const MARK = "x-bowline-operator";
const FORWARDED = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
const HERE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;
const MOST = 200;

export function operatorToken({ headers }: FastifyRequest): string | null {
  for (const part of (headers.cookie ?? "").slice(0, 8192).split(";")) {
    const [name, value = ""] = part.trim().split("=");
    if (name === COOKIE && value.length > 0 && value.length <= MOST) return value;
  }
  return null;
}

export const asksNobody = ({ settings }: Pick<Context, "settings">, { headers }: FastifyRequest): boolean =>
  settings.alone && HERE.test(headers.host ?? "") && FORWARDED.every((name) => headers[name] === undefined);

export async function signedIn({ gateway }: Context, request: FastifyRequest): Promise<Typed | null> {
  const token = operatorToken(request);
  return token === null ? null : keyOfSession(gateway.db, token, gateway.door.wall());
}

/** An `onRequest` hook: before the body is read. */
export const requireOperator = (context: Context) => async (request: FastifyRequest) => {
  refuseForeign(request);
  if (request.headers.authorization !== undefined) return requireKey(context.gateway, "dashboard")(request);
  if (asksNobody(context, request)) return grant(request, { scope: "admin", keyId: null, via: "dashboard" });
  const key = await signedIn(context, request);
  if (!key)
    throw new Refusal("UNAUTHORIZED", "The operator's pages ask for an API key here; open /dashboard and sign in.");
  grant(request, { scope: key.scope, keyId: key.id, via: "dashboard" });
};

/** What another site makes a browser send is refused, whoever is signed in. */
export function refuseForeign({ method, headers }: FastifyRequest): void {
  const from = headers["sec-fetch-site"];
  const isForeign = from !== undefined && from !== "same-origin" && from !== "none";
  const origin = headers.origin;
  const isOther = origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === headers.host);
  const changes = method !== "GET" && method !== "HEAD";
  if (isForeign || (changes && (isOther || headers[MARK] !== "1")))
    throw new Refusal("FORBIDDEN", `This comes from another page; use the operator's own, or send \`${MARK}: 1\`.`);
}
