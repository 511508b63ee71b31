/** How many connections are in each row of the table, and how they moved between the rows. Asks every shard. */
import type { Instant } from "../core/door.ts";
import type { State } from "../core/status/table.ts";
import { type Sql, stamp } from "./database.ts";

export interface Move {
  from: State;
  to: State;
  /** Since the later of the two times. */
  lately: number;
  /** Since the earlier one. */
  longer: number;
}

export const countByState = async (sql: Sql): Promise<Map<State, number>> => {
  const rows = await sql.rows<{ state: State; count: string }>(
    "select state, count(*) as count from connection group by state",
  );
  return new Map(rows.map(({ state, count }) => [state, Number(count)]));
};

/** Moves are told as events, and events are kept for a while: both times must lie within it. */
export async function movesSince(sql: Sql, longer: Instant, lately: Instant): Promise<Move[]> {
  const rows = await sql.rows<{ from: State; to: State; lately: string; longer: string }>(
    `select payload ->> 'oldStatus' || coalesce('/' || (payload ->> 'oldStatusReason'), '') as "from",
            payload ->> 'newStatus' || coalesce('/' || (payload ->> 'newStatusReason'), '') as "to",
            count(*) filter (where at >= $2) as lately, count(*) as longer
       from event where type = 'BANK_LINKING_CONNECTION_STATUS_CHANGE' and at >= $1 group by 1, 2`,
    [stamp(longer), stamp(lately)],
  );
  return rows.map((row) => ({ ...row, lately: Number(row.lately), longer: Number(row.longer) }));
}

/** A beginning is no move from a row, and so no event. */
export async function startedSince(sql: Sql, longer: Instant, lately: Instant) {
  const row = await sql.row<{ lately: string; longer: string }>(
    `select count(*) filter (where started_at >= $2) as lately, count(*) as longer
       from connection where started_at >= $1`,
    [stamp(longer), stamp(lately)],
  );
  return { lately: Number(row?.lately ?? 0), longer: Number(row?.longer ?? 0) };
}
