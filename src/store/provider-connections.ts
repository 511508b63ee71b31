/** Provider connections: one login at one bank as the provider knows it. Health, credential and cursor live here. */
import type { Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import { type Health, UNSEEN } from "../core/status/health.ts";
import { type Sql, stamp, stampOrNull } from "./database.ts";

export interface ProviderConnection {
  home: Home;
  id: string;
  customerId: string;
  provider: string;
  /** The provider's own connection id. */
  ref: string;
  institutionId: string | null;
  /** Sealed; null once it was destroyed. */
  credential: Buffer | null;
  health: Health;
  linkedAt: Instant;
  /** The latest widget finish of any claim, the first link included. */
  reconnectedAt: Instant;
  /** How far transactions were read; moves in the transaction that writes the page. */
  cursor: string | null;
  /** Where the update under way began: pages may turn out void, and then it starts again from here. */
  cursorBase: string | null;
  /** When the first whole history had been read. */
  historyAt: Instant | null;
  /** The latest run's stamp; the next one's is greater. */
  lastSentAt: Instant | null;
  /** The run that began and has not ended; `told`: an event said that an aggregation has begun. */
  running: { run: string; at: Instant; told?: true } | null;
  nextRefreshAllowedAt: Instant | null;
  /** The last claim on it is gone. */
  closedAt: Instant | null;
}

/** One that was linked just now, and of which nothing was seen yet. */
export const newProviderConnection = (
  made: Pick<
    ProviderConnection,
    "home" | "id" | "customerId" | "provider" | "ref" | "institutionId" | "credential" | "linkedAt"
  >,
): ProviderConnection => ({
  ...made,
  reconnectedAt: made.linkedAt,
  health: UNSEEN,
  cursor: null,
  cursorBase: null,
  historyAt: null,
  lastSentAt: null,
  running: null,
  nextRefreshAllowedAt: null,
  closedAt: null,
});

const COLUMNS = `home, id, customer_id as "customerId", provider, ref, institution_id as "institutionId", credential,
  health, linked_at as "linkedAt", reconnected_at as "reconnectedAt", cursor,
  cursor_base as "cursorBase", history_at as "historyAt",
  last_sent_at as "lastSentAt", running, next_refresh_allowed_at as "nextRefreshAllowedAt", closed_at as "closedAt"`;

export const getProviderConnection = (sql: Sql, home: Home, id: string): Promise<ProviderConnection | null> =>
  sql.row(`select ${COLUMNS} from provider_connection where home = $1 and id = $2`, [home, id]);

/** The customer's open provider connection with the provider's own id, if it is linked already. */
export const findProviderConnection = (
  sql: Sql,
  home: Home,
  customerId: string,
  provider: string,
  ref: string,
): Promise<ProviderConnection | null> =>
  sql.row(
    `select ${COLUMNS} from provider_connection
      where home = $1 and provider = $3 and ref = $4 and customer_id = $2 and closed_at is null`,
    [home, customerId, provider, ref],
  );

/** How many links of this login have ended, as text. */
export const countClosed = async (sql: Sql, home: Home, provider: string, ref: string): Promise<string> =>
  (
    await sql.row<{ closed: string }>(
      `select count(*) as closed from provider_connection
        where home = $1 and provider = $2 and ref = $3 and closed_at is not null`,
      [home, provider, ref],
    )
  )?.closed ?? "0";

export async function saveProviderConnection(sql: Sql, pc: ProviderConnection): Promise<void> {
  await sql.run(
    `insert into provider_connection (home, id, customer_id, provider, ref, institution_id, credential, health,
       linked_at, reconnected_at, cursor, cursor_base, history_at, last_sent_at, running,
       next_refresh_allowed_at, closed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $17, $12, $13, $14, $15, $16)
     on conflict (home, id) do update set
       institution_id = excluded.institution_id, credential = excluded.credential, health = excluded.health,
       reconnected_at = excluded.reconnected_at, cursor = excluded.cursor,
       cursor_base = excluded.cursor_base, history_at = excluded.history_at,
       last_sent_at = excluded.last_sent_at, running = excluded.running,
       next_refresh_allowed_at = excluded.next_refresh_allowed_at, closed_at = excluded.closed_at`,
    [
      pc.home,
      pc.id,
      pc.customerId,
      pc.provider,
      pc.ref,
      pc.institutionId,
      pc.credential,
      JSON.stringify(pc.health),
      stamp(pc.linkedAt),
      stamp(pc.reconnectedAt),
      pc.cursor,
      stampOrNull(pc.historyAt),
      stampOrNull(pc.lastSentAt),
      pc.running && JSON.stringify(pc.running),
      stampOrNull(pc.nextRefreshAllowedAt),
      stampOrNull(pc.closedAt),
      pc.cursorBase,
    ],
  );
}
