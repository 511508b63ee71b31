/** Signing in to the operator's pages: a key typed once becomes a cookie that scripts can't read, until it ends. */
import { z } from "zod";
import { Refusal } from "../../core/refusal.ts";
import { HOUR } from "../../core/status/policy.ts";
import { SERVICE_PROVIDERS } from "../../providers/provider.ts";
import { findApiKey } from "../../store/api-keys.ts";
import { endOperatorSession, openOperatorSession } from "../../store/operator-sessions.ts";
import { auditSession } from "../audit.ts";
import type { Api, Context } from "../context.ts";
import { reachedBy } from "../scopes.ts";
import { iso, text } from "../fields.ts";
import { asksNobody, COOKIE, signedIn, operatorToken, refuseForeign } from "./guard.ts";

export const LASTS = 12 * HOUR;

export function operatorSession(app: Api, context: Context): void {
  const { db, door } = context.gateway;
  const isSecure = (headers: Record<string, unknown>) =>
    context.settings.publicUrl.startsWith("https:") || headers["x-forwarded-proto"] === "https";
  const cookie = (value: string, seconds: number, secure: boolean) =>
    [`${COOKIE}=${value}`, "Path=/dashboard", `Max-Age=${seconds}`, "HttpOnly", "SameSite=Strict"]
      .concat(secure ? ["Secure"] : [])
      .join("; ");

  app.get("/dashboard/session", async (request, reply) => {
    reply.header("cache-control", "no-store");
    const free = asksNobody(context, request);
    const scope = free ? "admin" : ((await signedIn(context, request))?.scope ?? null);
    const { sandbox } = context.settings;
    return {
      asksForKey: !free,
      signedIn: scope !== null,
      scope,
      acts: scope === null ? [] : reachedBy(scope),
      sandbox,
      providers: SERVICE_PROVIDERS,
      now: iso(door.now()),
    };
  });

  app.post("/dashboard/session", { schema: { body: z.object({ key: text(512) }) } }, async (request, reply) => {
    refuseForeign(request);
    const key = await findApiKey(db, request.body.key.trim());
    if (!key) {
      await auditSession(context, request, "signIn", null);
      throw new Refusal("UNAUTHORIZED", "[key] is no API key of this gateway; type it as it was shown.");
    }
    // What the browser brought is never the session afterwards, whoever put it there, and holds no longer either.
    const brought = operatorToken(request);
    if (brought !== null) await endOperatorSession(db, brought);
    const token = Buffer.from(door.random(32)).toString("base64url");
    const now = door.wall();
    await openOperatorSession(db, token, key.id, now, now + LASTS);
    await auditSession(context, request, "signIn", key.id);
    reply.header("set-cookie", cookie(token, LASTS / 1000, isSecure(request.headers)));
    return { signedIn: true };
  });

  app.delete("/dashboard/session", async (request, reply) => {
    refuseForeign(request);
    const token = operatorToken(request);
    const key = await signedIn(context, request);
    if (token !== null) await endOperatorSession(db, token);
    if (key) await auditSession(context, request, "signOut", key.id);
    reply.header("set-cookie", cookie("", 0, isSecure(request.headers)));
    return { signedIn: false };
  });
}
