import { bad, good } from "../provider.ts";
import type { HookMeaning, Incoming, News } from "../incoming.ts";
import type { Verb } from "../provider.ts";
import { jsonOf, meaningOf, unreadable } from "../reading.ts";
import { Posted } from "./wire.ts";

/** The farm's list of what it posts. The status tells it all too: each is a reason to look now. */
export const NEWS: Readonly<Record<string, HookMeaning>> = {
  entries: "hint",
  trouble: "hint",
  mended: "hint",
  "consent-over": "hint",
  "more-accounts": "hint",
};

export const readWebhook: Verb<Incoming, News> = {
  cost: "free",
  source: "cache",
  run: async (_call, { body }) => {
    const posted = Posted.safeParse(jsonOf(body));
    if (!posted.success) return bad(unreadable("a letter in a shape that the farm never promised"));
    const { letter, line, news } = posted.data;
    return good({
      key: letter,
      kind: news,
      ref: line,
      ...meaningOf(news, NEWS),
    });
  },
};
