/** How each endpoint stands: what waits for it, and what was given up. */
import type { Instant } from "../../core/door.ts";
import type { Sql } from "../database.ts";

export interface Standing {
  id: string;
  pending: number;
  failed: number;
  oldestPendingAt: Instant | null;
}

/** Reads the two partial indexes of what is not delivered, which is little where all is well. */
export const standings = (sql: Sql): Promise<Standing[]> =>
  sql.rows(
    `select w.id,
       (select count(*) from delivery d where d.profile_id = w.id and d.status = 'PENDING')::int as pending,
       (select count(*) from delivery d where d.profile_id = w.id and d.status = 'FAILED')::int as failed,
       (select min(d.made_at) from delivery d where d.profile_id = w.id and d.status = 'PENDING') as "oldestPendingAt"
     from webhook_profile w`,
  );
