/** What was told of one connection, newest first, each with what became of it at every endpoint. */
import type { Instant } from "../../core/door.ts";
import type { EventType } from "../../core/events.ts";
import type { Home } from "../../core/ids.ts";
import type { Sql } from "../database.ts";
import type { DeliveryStatus } from "../deliveries.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface ToldEvent {
  id: string;
  sequence: string;
  type: EventType;
  at: Instant;
  deliveries:
    | { profileId: string; name: string; status: DeliveryStatus; tries: number; reason: string | null }[]
    | null;
}

export function listConnectionEvents(
  sql: Sql,
  home: Home,
  connectionId: string,
  at: Place | null,
  limit: number,
): Promise<Page<ToldEvent>> {
  const list: List<ToldEvent> = {
    select: `e.id, e.sequence, e.type, e.at,
      (select jsonb_agg(jsonb_build_object('profileId', d.profile_id, 'name', w.name, 'status', d.status,
          'tries', d.tries, 'reason', d.reason) order by w.created_at, w.id)
         from delivery d join webhook_profile w on w.id = d.profile_id
        where d.home = e.home and d.connection_id = e.connection_id and d.event_id = e.id) as deliveries`,
    from: "event e",
    where: ["e.home = $1", "e.connection_id = $2"],
    values: [home, connectionId],
    order: [{ columns: ["e.sequence"], down: true }],
    keyOf: toldKey,
  };
  return page(sql, list, at, limit);
}

export const toldKey = (e: Pick<ToldEvent, "sequence">) => [e.sequence];
