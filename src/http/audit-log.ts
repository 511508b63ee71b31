/** The audit log, to be read: who did what, to what, and when. */
import { z } from "zod";
import { auditKey, listAudit } from "../store/audit.ts";
import { cursorOf, placeOf } from "../store/lists/cursor.ts";
import type { Api, Context } from "./context.ts";
import { idOf, instant, iso, moment, named, text } from "./fields.ts";
import { counts, countsOf, paging } from "./listing.ts";
import { operation } from "./operation.ts";

const EntryBody = z
  .object({
    id: z.string(),
    at: instant,
    via: z.enum(["api", "dashboard", "command"]),
    apiKeyId: z
      .string()
      .nullable()
      .meta({ description: "Null: a command, or the pages on the gateway's own machine." }),
    systemUser: z.string().nullable().meta({ description: "Who ran the command, by the machine's own name." }),
    action: z.string().meta({
      description:
        "The operation's name in this document, `readAccountNumbers`, `signIn`, `signOut`, or a command's name.",
    }),
    objects: z.array(z.string()).meta({ description: "Every id that it touched; `*`: everything there was." }),
    outcome: z.enum(["done", "refused", "failed"]),
    status: z.int().nullable(),
    requestId: z.string().nullable(),
    key: z.string(),
  })
  .meta({ id: "AuditEntry" });

const Search = z.object({
  start: moment.optional().meta({ description: "At this instant or later." }),
  end: moment.optional().meta({ description: "Before this instant." }),
  objectId: named(64).optional().meta({ description: "Any id: what touched it, or everything." }),
  apiKeyId: idOf("apiKey").optional(),
  action: named(100).optional(),
  requestId: text(64).optional(),
  ...paging(),
});

export function auditLog(app: Api, { gateway }: Context): void {
  app.get(
    "/audit-log",
    {
      schema: operation({
        id: "searchAuditLog",
        tag: "operation",
        summary: "What persons did, newest first",
        description:
          "Each act with a key, from the operator's pages or by a command, and each read of a full account number. " +
          "Nothing on it is changed or taken away by the gateway, which may not: its database role can add and read.",
        querystring: Search,
        answers: { 200: z.object({ entries: z.array(EntryBody), ...counts }) },
      }),
    },
    async ({ query }) => {
      const place = placeOf(gateway.salt, "audit entries", query);
      const found = await listAudit(
        gateway.db,
        {
          from: query.start === undefined ? undefined : Date.parse(query.start),
          before: query.end === undefined ? undefined : Date.parse(query.end),
          object: query.objectId,
          keyId: query.apiKeyId,
          action: query.action,
          requestId: query.requestId,
        },
        place,
        query.limit,
      );
      return {
        entries: found.rows.map(({ keyId, at, objects, ...row }) => ({
          ...row,
          at: iso(at),
          apiKeyId: keyId,
          objects: [...objects],
          key: cursorOf(gateway.salt, "audit entries", auditKey({ at, id: row.id })),
        })),
        ...countsOf(found),
      };
    },
  );
}
