/** Webhooks of providers, newest first. Fans out over all homes. */
import type { Sql } from "../database.ts";
import { stamp } from "../database.ts";
import { type Inbound, INBOUND_COLUMNS } from "../inbound.ts";
import { type List, type Page, page, type Place } from "./page.ts";

export interface InboundFilter {
  provider?: string | undefined;
  /** With the provider: its own id of the connection. */
  ref?: string | undefined;
}

export function listInbound(
  sql: Sql,
  { provider, ref }: InboundFilter,
  at: Place | null,
  limit: number,
): Promise<Page<Inbound>> {
  const values: unknown[] = [];
  const where = Object.entries({ provider, ref }).flatMap(([column, value]) =>
    value === undefined ? [] : [`i.${column} = $${values.push(value)}`],
  );
  const list: List<Inbound> = {
    select: INBOUND_COLUMNS,
    from: "inbound i",
    where,
    values,
    order: [{ columns: ["i.received_at", "i.id"], down: true }],
    keyOf: inboundKey,
  };
  return page(sql, list, at, limit);
}

export const inboundKey = (i: Pick<Inbound, "receivedAt" | "id">) => [stamp(i.receivedAt), i.id];
