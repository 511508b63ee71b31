/** A connection's forced refreshes, newest first. */
import type { Home } from "../../core/ids.ts";
import { type Sql, stamp } from "../database.ts";
import type { Refresh } from "../refreshes.ts";
import { type List, type Page, page, type Place } from "./page.ts";

const SELECT = `home, id, connection_id as "connectionId", provider_connection_id as "providerConnectionId", run,
  products, requested_at as "requestedAt", finished_at as "finishedAt", outcome, not_before as "notBefore",
  from_cache as "fromCache", parts, request_id as "requestId"`;

export function listRefreshes(
  sql: Sql,
  home: Home,
  connectionId: string,
  at: Place | null,
  limit: number,
): Promise<Page<Refresh>> {
  const list: List<Refresh> = {
    select: SELECT,
    from: "refresh",
    where: ["home = $1", "connection_id = $2"],
    values: [home, connectionId],
    order: [{ columns: ["requested_at", "id"], down: true }],
    keyOf: refreshKey,
  };
  return page(sql, list, at, limit);
}

export const refreshKey = (r: Pick<Refresh, "requestedAt" | "id">) => [stamp(r.requestedAt), r.id];
