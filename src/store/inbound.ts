/** Webhooks of providers as they came in: one row each, however often it came. Kept for two weeks. */
import type { Instant } from "../core/door.ts";
import { type Home, homeOf } from "../core/ids.ts";
import { type Sql, stamp } from "./database.ts";
import { homeFor, idFor } from "./home.ts";

/**
 * WAITING             kept, and not worked on yet
 * READ_MADE_DUE       the connection it speaks of is read
 * NOTHING_TO_READ     nothing that it tells is read here
 * UNKNOWN_CONNECTION  no connection here has its id, or not yet
 * UNREADABLE          genuine, and in no shape that we know
 */
export const INBOUND_OUTCOMES = [
  "WAITING",
  "READ_MADE_DUE",
  "NOTHING_TO_READ",
  "UNKNOWN_CONNECTION",
  "UNREADABLE",
] as const;
export type InboundOutcome = (typeof INBOUND_OUTCOMES)[number];

export interface Inbound {
  home: Home;
  id: string;
  provider: string;
  receivedAt: Instant;
  /** Real time at its receipt. */
  wall: Instant;
  lastAt: Instant;
  times: number;
  verified: boolean;
  kind: string | null;
  ref: string | null;
  meaning: string | null;
  outcome: InboundOutcome;
  raw: Buffer | null;
}

export const INBOUND_COLUMNS = `i.home, i.id, i.provider, i.received_at as "receivedAt", i.wall, i.last_at as "lastAt",
  i.times, i.verified, i.kind, i.ref, i.meaning, i.outcome, i.raw`;

/** The same message has the same id. */
export function inboundId(salt: Uint8Array, provider: string, key: string): string {
  return idFor("inbound", homeFor(salt, "inbound", provider, key), provider, key);
}

/** False: it was there before, and is only counted. */
export async function keepInbound(sql: Sql, row: Omit<Inbound, "home" | "lastAt" | "times">): Promise<boolean> {
  const kept = await sql.row<{ times: number }>(
    `insert into inbound as i
       (home, id, provider, received_at, wall, last_at, verified, kind, ref, meaning, outcome, raw)
     values ($1, $2, $3, $4, $5, $4, $6, $7, $8, $9, $10, $11)
     on conflict (home, id) do update set times = i.times + 1, last_at = greatest(i.last_at, excluded.last_at)
     returning times`,
    [
      homeOf("inbound", row.id),
      row.id,
      row.provider,
      stamp(row.receivedAt),
      stamp(row.wall),
      row.verified,
      row.kind,
      row.ref,
      row.meaning,
      row.outcome,
      row.raw,
    ],
  );
  return kept?.times === 1;
}

export const getInbound = (sql: Sql, id: string): Promise<Inbound | null> =>
  sql.row(`select ${INBOUND_COLUMNS} from inbound i where i.home = $1 and i.id = $2`, [homeOf("inbound", id), id]);

export const settleInbound = (sql: Sql, { home, id }: Inbound, outcome: InboundOutcome): Promise<number> =>
  sql.run("update inbound set outcome = $3 where home = $1 and id = $2", [home, id, outcome]);

export const dropInbound = (sql: Sql, { home, id }: Inbound): Promise<number> =>
  sql.run("delete from inbound where home = $1 and id = $2", [home, id]);

/** How many wait for their key, counted up to `most`. Fans out; asked only where a key is not to be had. */
export async function countUnverified(sql: Sql, provider: string, most: number): Promise<number> {
  const row = await sql.row<{ count: string }>(
    "select count(*) from (select from inbound where provider = $1 and not verified limit $2) waiting",
    [provider, most],
  );
  return Number(row?.count ?? 0);
}

/** The connection is gone, and what its provider wrote of it with it. Fans out. */
export const eraseInboundBodies = (sql: Sql, provider: string, ref: string): Promise<number> =>
  sql.run("update inbound set raw = null where provider = $1 and ref = $2 and raw is not null", [provider, ref]);

/** Whether a webhook of that kind ever came in, as long as they are kept. */
export const isReceivedKind = async (sql: Sql, kind: string): Promise<boolean> =>
  (await sql.row("select 1 from inbound where kind = $1 limit 1", [kind])) !== null;
