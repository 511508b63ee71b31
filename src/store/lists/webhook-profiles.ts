/** Webhook profiles, newest first. */
import { type Sql, stamp } from "../database.ts";
import { PROFILE_COLUMNS, type WebhookProfile } from "../webhook-profiles.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export function listProfiles(sql: Sql, at: Place | null, limit: number): Promise<Page<WebhookProfile>> {
  const list: List<WebhookProfile> = {
    select: PROFILE_COLUMNS,
    from: "webhook_profile w",
    where: [],
    values: [],
    order: [{ columns: ["w.created_at", "w.id"], down: true }],
    keyOf: profileKey,
  };
  return page(sql, list, at, limit);
}

export const profileKey = (p: Pick<WebhookProfile, "createdAt" | "id">) => [stamp(p.createdAt), p.id];
