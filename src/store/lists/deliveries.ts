/** An endpoint's log, newest event first, and the tries of one delivery. */
import type { Instant } from "../../core/door.ts";
import type { EventType } from "../../core/events.ts";
import type { Home } from "../../core/ids.ts";
import type { Sql } from "../database.ts";
import type { DeliveryStatus } from "../deliveries.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface ListedDelivery {
  home: Home;
  eventId: string;
  eventType: EventType;
  connectionId: string;
  position: string;
  status: DeliveryStatus;
  tries: number;
  madeAt: Instant;
  lastAt: Instant | null;
  nextAt: Instant;
  reason: string | null;
  body: string | null;
}

export interface Attempt {
  at: Instant;
  url: string;
  code: number | null;
  reason: string | null;
  ms: number;
  answer: string | null;
}

const SELECT = `d.home, d.event_id as "eventId", e.type as "eventType", d.connection_id as "connectionId", d.position,
  d.status, d.tries, d.made_at as "madeAt", d.last_at as "lastAt", d.next_at as "nextAt", d.reason, d.body`;
const FROM = `delivery d
  join event e on e.home = d.home and e.connection_id = d.connection_id and e.id = d.event_id`;

export function listDeliveries(
  sql: Sql,
  profileId: string,
  status: DeliveryStatus | undefined,
  at: Place | null,
  limit: number,
): Promise<Page<ListedDelivery>> {
  const list: List<ListedDelivery> = {
    select: SELECT,
    from: FROM,
    where: ["d.profile_id = $1", ...(status === undefined ? [] : ["d.status = $2"])],
    values: [profileId, ...(status === undefined ? [] : [status])],
    order: [{ columns: ["d.position", "d.event_id"], down: true }],
    keyOf: deliveryKey,
  };
  return page(sql, list, at, limit);
}

export const deliveryKey = (d: Pick<ListedDelivery, "position" | "eventId">) => [d.position, d.eventId];

export const getDelivery = (sql: Sql, home: Home, profileId: string, eventId: string): Promise<ListedDelivery | null> =>
  sql.row(`select ${SELECT} from ${FROM} where d.home = $1 and d.profile_id = $2 and d.event_id = $3`, [
    home,
    profileId,
    eventId,
  ]);

/** The latest first. */
export const attemptsOf = (sql: Sql, home: Home, profileId: string, eventId: string): Promise<Attempt[]> =>
  sql.rows(
    `select at, url, code, reason, ms, answer from attempt where home = $1 and profile_id = $2 and event_id = $3
      order by at desc, id desc limit 100`,
    [home, profileId, eventId],
  );
