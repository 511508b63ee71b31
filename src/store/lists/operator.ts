/** What the operator has to know, page by page: alarms that stand, oldest first, and unmapped codes, latest first. */
import { type Sql, stamp } from "../database.ts";
import type { Incident, UnmappedCode } from "../incidents.ts";
import { type Page, page, type Place } from "./page.ts";

export const listIncidents = (sql: Sql, at: Place | null, limit: number): Promise<Page<Incident>> =>
  page<Incident>(
    sql,
    {
      select:
        'n.id, n.kind, n.provider, n.subject, n.opened_at as "openedAt", n.last_at as "lastAt", n.count, n.detail',
      from: "incident n",
      where: ["n.closed_at is null"],
      values: [],
      order: [{ columns: ["n.opened_at", "n.id"] }],
      keyOf: incidentKey,
    },
    at,
    limit,
  );

export const incidentKey = (n: Pick<Incident, "openedAt" | "id">) => [stamp(n.openedAt), n.id];

export const listUnmappedCodes = (sql: Sql, at: Place | null, limit: number): Promise<Page<UnmappedCode>> =>
  page<UnmappedCode>(
    sql,
    {
      select: 'u.provider, u.code, u.first_at as "firstAt", u.last_at as "lastAt", u.count, u.sample',
      from: "unmapped_code u",
      where: [],
      values: [],
      order: [{ columns: ["u.last_at", "u.provider", "u.code"], down: true }],
      keyOf: unmappedKey,
    },
    at,
    limit,
  );

export const unmappedKey = (u: Pick<UnmappedCode, "lastAt" | "provider" | "code">) => [
  stamp(u.lastAt),
  u.provider,
  u.code,
];
