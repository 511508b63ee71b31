/** What happened to a connection and to the login behind it, newest first. */
import type { Home } from "../../core/ids.ts";
import { type Sql, stamp } from "../database.ts";
import type { Entry } from "../timeline.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export function listTimeline(
  sql: Sql,
  home: Home,
  subjects: readonly string[],
  at: Place | null,
  limit: number,
): Promise<Page<Entry>> {
  const list: List<Entry> = {
    select: "l.id, l.subject, l.at, l.kind, l.detail",
    from: "timeline l",
    where: ["l.home = $1", "l.subject = any($2)"],
    values: [home, subjects],
    order: [{ columns: ["l.at", "l.id"], down: true }],
    keyOf: entryKey,
  };
  return page(sql, list, at, limit);
}

export const entryKey = (e: Pick<Entry, "at" | "id">) => [stamp(e.at), e.id];
