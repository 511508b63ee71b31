/**
 * Plaid's hooks have no id of their own, and a body is the same each time the same thing happens: "there are updates"
 * of today and of yesterday differ in nothing. What tells them apart is when the token was made.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { bad, good } from "../provider.ts";
import type { Incoming, News } from "../incoming.ts";
import type { Verb } from "../provider.ts";
import { jsonOf, meaningOf, unreadable } from "../reading.ts";
import { HOOKS } from "./hooks.ts";
import { tokenOf } from "./token.ts";

/** Kept and searched as texts of their own, so they have to be such. */
const word = z.string().regex(/^[\x21-\x7e]{1,100}$/);
const hook = z.object({ webhook_type: word, webhook_code: word, item_id: word.nullish() });
const disconnect = z.object({ disconnect_time: z.iso.datetime({ offset: true }), reason: word.catch("UNKNOWN") });

export const readWebhook: Verb<Incoming, News> = {
  cost: "free",
  source: "cache",
  run: async (_call, incoming) => {
    const told = hook.safeParse(jsonOf(incoming.body));
    if (!told.success) return bad(unreadable("a webhook without the fields that every one of Plaid's has"));
    const kind = `${told.data.webhook_type}: ${told.data.webhook_code}`;
    const meaning = meaningOf(kind, HOOKS);
    const ends = meaning.meaning === "disconnect" ? disconnect.safeParse(jsonOf(incoming.body)).data : undefined;
    return good({
      key: `${tokenOf(incoming)?.iat} ${createHash("sha256").update(incoming.body).digest("hex")}`,
      kind,
      ref: told.data.item_id ?? null,
      ...meaning,
      ...(ends && {
        disconnect: {
          at: Date.parse(ends.disconnect_time),
          raw: { code: "PENDING_DISCONNECT", message: `${ends.reason}, at ${ends.disconnect_time}` },
        },
      }),
    });
  },
};
