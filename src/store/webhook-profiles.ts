/** Webhook profiles: the application's endpoints, their sealed secrets, and how they have answered. */
import type { Door, Instant } from "../core/door.ts";
import type { EventType, HeardType } from "../core/events.ts";
import { type Sql, stamp, stampOrNull } from "./database.ts";
import { open, type Ring, seal } from "./seal.ts";
import { SEALED } from "./sealed.ts";

export const DISABLED_BECAUSE = ["OPERATOR", "GONE", "FAILING"] as const;
export type DisabledBecause = (typeof DISABLED_BECAUSE)[number];

export interface WebhookProfile {
  id: string;
  name: string;
  url: string;
  /** Empty: all. */
  eventTypes: HeardType[];
  eventVersion: string;
  status: "ACTIVE" | "DISABLED";
  disabledBecause: DisabledBecause | null;
  disabledAt: Instant | null;
  createdAt: Instant;
  secret: Buffer;
  /** Signs beside the new one until `oldUntil`. */
  oldSecret: Buffer | null;
  oldUntil: Instant | null;
  /** Which request rotated last: repeated, it changes nothing more. */
  rotation: string | null;
  cursor: string;
  failingSince: Instant | null;
  failures: number;
  pausedUntil: Instant | null;
}

export const PROFILE_COLUMNS = `w.id, w.name, w.url, w.event_types as "eventTypes", w.event_version as "eventVersion",
  w.status, w.disabled_because as "disabledBecause", w.disabled_at as "disabledAt", w.created_at as "createdAt",
  w.secret, w.old_secret as "oldSecret", w.old_until as "oldUntil", w.rotation, w.cursor,
  w.failing_since as "failingSince", w.failures, w.paused_until as "pausedUntil"`;

export const getProfile = (sql: Sql, id: string): Promise<WebhookProfile | null> =>
  sql.row(`select ${PROFILE_COLUMNS} from webhook_profile w where id = $1`, [id]);

export const lockProfile = (sql: Sql, id: string): Promise<WebhookProfile | null> =>
  sql.row(`select ${PROFILE_COLUMNS} from webhook_profile w where id = $1 for update`, [id]);

export type NewProfile = Pick<
  WebhookProfile,
  "id" | "name" | "url" | "eventTypes" | "eventVersion" | "createdAt" | "secret" | "cursor"
>;

/** A repeated request finds its profile as it is. */
export const insertProfile = (sql: Sql, fresh: NewProfile): Promise<number> =>
  sql.run(
    `insert into webhook_profile (id, name, url, event_types, event_version, status, created_at, secret, cursor)
     values ($1, $2, $3, $4, $5, 'ACTIVE', $6, $7, $8) on conflict (id) do nothing`,
    [
      fresh.id,
      fresh.name,
      fresh.url,
      fresh.eventTypes,
      fresh.eventVersion,
      stamp(fresh.createdAt),
      fresh.secret,
      fresh.cursor,
    ],
  );

/** Written whole, under its lock. */
export const saveProfile = (sql: Sql, p: WebhookProfile): Promise<number> =>
  sql.run(
    `update webhook_profile set name = $2, url = $3, event_types = $4, event_version = $5, status = $6,
       disabled_because = $7, disabled_at = $8, secret = $9, old_secret = $10, old_until = $11, rotation = $12,
       cursor = $13, failing_since = $14, failures = $15, paused_until = $16 where id = $1`,
    [
      p.id,
      p.name,
      p.url,
      p.eventTypes,
      p.eventVersion,
      p.status,
      p.disabledBecause,
      stampOrNull(p.disabledAt),
      p.secret,
      p.oldSecret,
      stampOrNull(p.oldUntil),
      p.rotation,
      p.cursor,
      stampOrNull(p.failingSince),
      p.failures,
      stampOrNull(p.pausedUntil),
    ],
  );

/** Those that want to hear of one of these kinds. */
export const profilesFor = (sql: Sql, types: readonly EventType[]): Promise<{ id: string }[]> =>
  sql.rows(
    "select id from webhook_profile where status = 'ACTIVE' and (event_types = '{}' or event_types && $1) order by id",
    [types],
  );

export const sealSecret = (ring: Ring, door: Pick<Door, "random">, id: string, secret: string): Buffer =>
  seal(ring, door, secret, SEALED.endpointSecret.row(id));

export const openSecret = (ring: Ring, id: string, sealed: Uint8Array): string =>
  open(ring, sealed, SEALED.endpointSecret.row(id));

/** What a delivery is signed with, newest first. */
export function secretsOf(ring: Ring, profile: WebhookProfile, now: Instant): string[] {
  const { id, secret, oldSecret, oldUntil } = profile;
  const isOverlapping = oldSecret !== null && oldUntil !== null && now < oldUntil;
  return [secret, ...(isOverlapping ? [oldSecret] : [])].map((sealed) => openSecret(ring, id, sealed));
}
