/** API keys over the API: who holds one, a new one, and the end of one. */
import { z } from "zod";
import { Refusal } from "../core/refusal.ts";
import { SCOPE_NAMES, SCOPES } from "../core/scopes.ts";
import { addApiKey, apiKeys, freshKey, type KeptKey, mintApiKeyId, revokeUnlessLast } from "../store/api-keys.ts";
import type { Api, Context } from "./context.ts";
import { idOf, instant, iso, isoOrNull, label } from "./fields.ts";
import { once } from "./idempotency.ts";
import { notFound } from "./listing.ts";
import { operation } from "./operation.ts";

const scope = z.enum(SCOPE_NAMES).meta({
  id: "Scope",
  description: SCOPE_NAMES.map((name) => `\`${name}\`: ${SCOPES[name]}`).join("\n"),
});

const KeyBody = z
  .object({
    id: z.string(),
    label: z.string(),
    scope,
    createdAt: instant,
    lastUsedAt: instant.nullable().meta({ description: "To the minute; null: never." }),
    revokedAt: instant.nullable(),
  })
  .meta({ id: "ApiKey" });

const rendered = (key: KeptKey): z.output<typeof KeyBody> => ({
  id: key.id,
  label: key.label,
  scope: key.scope,
  createdAt: iso(key.createdAt),
  lastUsedAt: isoOrNull(key.lastUsedAt),
  revokedAt: isoOrNull(key.revokedAt),
});

export function apiKeyPages(app: Api, context: Context): void {
  const { db, door } = context.gateway;

  async function known(id: string): Promise<KeptKey> {
    const found = (await apiKeys(db)).find((key) => key.id === id);
    if (!found) throw notFound("API key", id);
    return found;
  }

  app.get(
    "/api-keys",
    {
      schema: operation({
        id: "listApiKeys",
        tag: "operation",
        summary: "API keys, oldest first",
        description: "What they may do, and when they were used; the keys themselves are kept nowhere.",
        answers: { 200: z.object({ apiKeys: z.array(KeyBody) }) },
      }),
    },
    async () => ({ apiKeys: (await apiKeys(db)).map(rendered) }),
  );

  app.post(
    "/api-keys",
    {
      schema: operation({
        id: "createApiKey",
        tag: "operation",
        summary: "Make an API key",
        description:
          "`secret` is the key, and is shown this once: repeated under its idempotency key, a request is refused.",
        body: z.object({ label: label(200), scope }).meta({ id: "NewApiKey" }),
        answers: { 200: KeyBody.extend({ secret: z.string() }).meta({ id: "MadeApiKey" }) },
        refusals: ["STATE_FORBIDS", "IDEMPOTENCY_KEY_REUSED"],
      }),
    },
    async (request, reply) => {
      const { label, scope } = request.body;
      const { ids } = await once(context, request, () => ({ id: mintApiKeyId(door) }));
      const key = freshKey(door);
      if (!(await addApiKey(db, door, key, label, scope, ids.id)))
        throw new Refusal(
          "STATE_FORBIDS",
          `This request has made ${ids.id} before, and its secret was shown then; revoke it, and make another.`,
        );
      reply.header("cache-control", "no-store");
      return { ...rendered(await known(ids.id)), secret: key };
    },
  );

  app.delete(
    "/api-keys/:apiKeyId",
    {
      schema: operation({
        id: "revokeApiKey",
        tag: "operation",
        summary: "Revoke an API key",
        description:
          "It is refused from now on, and the sign-ins that it made end. The last key of the scope `admin` stays: " +
          "only `bowline keys revoke` ends that one.",
        params: z.object({ apiKeyId: idOf("apiKey") }),
        answers: { 200: KeyBody },
        refusals: ["NOT_FOUND"],
      }),
    },
    async ({ params }) => {
      const { apiKeyId } = params;
      await known(apiKeyId);
      if ((await revokeUnlessLast(db, apiKeyId, door.wall())) === "last admin")
        throw new Refusal("FORBIDDEN", "[apiKeyId] is the last key of the scope admin; make another one first.");
      return rendered(await known(apiKeyId));
    },
  );
}
