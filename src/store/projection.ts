/**
 * Writes how connections are. The only place in the whole program that writes `status` and `reason`.
 *
 * Whoever changes a fact or an act calls this in the same transaction, under the customer's lock: every claim on the
 * provider connection is projected anew, and a change of state is written together with its one event and its line in
 * the timeline.
 */
import type { Door, Instant } from "../core/door.ts";
import type { Home } from "../core/ids.ts";
import type { Product } from "../core/products.ts";
import { type Health, UNSEEN } from "../core/status/health.ts";
import { policyVersion } from "../core/status/policy.ts";
import { type Acts, project } from "../core/status/project.ts";
import { rowOf, type State } from "../core/status/table.ts";
import { claimsOn, type Connection, getConnection } from "./connections.ts";
import { type Sql, stamp } from "./database.ts";
import { appendEvent } from "./events.ts";
import { getProviderConnection, type ProviderConnection } from "./provider-connections.ts";
import { note } from "./timeline.ts";

/** What a provider offers, and how often it is read: the projection needs both and knows no provider. */
export type PlanOf = (provider: string | null) => { cadence: number; offers: readonly Product[] };

export interface Projector {
  door: Pick<Door, "random">;
  planOf: PlanOf;
}

/** The connection and all that share its provider connection. Returns them as they are now. */
export async function projectConnection(
  sql: Sql,
  projector: Projector,
  home: Home,
  id: string,
  now: Instant,
): Promise<Connection[]> {
  const connection = await getConnection(sql, id);
  if (!connection) return [];
  if (connection.providerConnectionId) {
    return projectProviderConnection(sql, projector, home, connection.providerConnectionId, now);
  }
  return [await write(sql, projector, connection, null, null, now)];
}

export async function projectProviderConnection(
  sql: Sql,
  projector: Projector,
  home: Home,
  id: string,
  now: Instant,
): Promise<Connection[]> {
  const held = await getProviderConnection(sql, home, id);
  const claims = await claimsOn(sql, home, id);
  const greatest = greatestClaim(claims)?.id ?? null;
  const written: Connection[] = [];
  for (const claim of claims) {
    written.push(await write(sql, projector, claim, held, greatest === claim.id ? null : greatest, now));
  }
  return written;
}

/** The claim that is kept; all others are its inactive duplicates. */
export function greatestClaim(claims: readonly Connection[]): Connection | null {
  const live = claims.filter((c) => c.finishedAt !== null && c.deletedAt === null);
  const order = (c: Connection) => c.claimedAt ?? 0;
  return live.reduce<Connection | null>(
    (a, b) => (!a || order(b) > order(a) || (order(b) === order(a) && b.id > a.id) ? b : a),
    null,
  );
}

export function actsOf(
  connection: Connection,
  held: ProviderConnection | null,
  superseded: boolean,
  planOf: PlanOf,
): Acts {
  const plan = planOf(connection.provider);
  return {
    startedAt: connection.startedAt,
    ...(connection.heldAt !== null && { heldAt: connection.heldAt }),
    ...(connection.finishedAt !== null && { finishedAt: connection.finishedAt }),
    ...(connection.deletedAt !== null && { deletedAt: connection.deletedAt }),
    ...(held && { linkedAt: held.linkedAt, reconnectedAt: held.reconnectedAt }),
    superseded,
    asked: connection.products.filter((product) => plan.offers.includes(product)),
    cadence: plan.cadence,
  };
}

async function write(
  sql: Sql,
  projector: Projector,
  old: Connection,
  held: ProviderConnection | null,
  supersededBy: string | null,
  asOf: Instant,
): Promise<Connection> {
  // Whoever waited for the lock, or has a clock that lags, does not undo what time has done by another's.
  const now = Math.max(asOf, old.stateSince);
  const health: Health = held?.health ?? UNSEEN;
  const acts = actsOf(old, held, supersededBy !== null, projector.planOf);
  const { state, until, cause } = project(health, acts, now);
  const { status, reason } = rowOf(state);
  const moved = state !== old.state;
  const stateSince = moved ? now : old.stateSince;
  const wakeAt = until ?? Infinity;
  if (!moved && wakeAt === old.wakeAt && JSON.stringify(cause) === JSON.stringify(old.cause)) return old;
  await sql.run(
    `update connection set status = $3, reason = $4, state_since = $5, cause = $6, wake_at = $7, policy_version = $8
      where home = $1 and id = $2`,
    [old.home, old.id, status, reason, stamp(stateSince), cause && JSON.stringify(cause), stamp(wakeAt), policyVersion],
  );
  if (moved) await announce(sql, projector.door, old, state, supersededBy, now, cause);
  return { ...old, state, status, reason, stateSince, cause, wakeAt };
}

async function announce(
  sql: Sql,
  door: Pick<Door, "random">,
  old: Connection,
  state: State,
  supersededBy: string | null,
  now: Instant,
  cause: Connection["cause"],
): Promise<void> {
  const to = rowOf(state);
  const payload = {
    oldStatus: old.status,
    oldStatusReason: old.reason,
    newStatus: to.status,
    newStatusReason: to.reason,
    ...(to.reason === "INACTIVE_DUPLICATE" && { activeDuplicateConnectionId: supersededBy }),
  };
  await appendEvent(sql, door, old.home, old.id, "BANK_LINKING_CONNECTION_STATUS_CHANGE", payload, now);
  await note(sql, door, old.home, old.id, "state", { from: old.state, to: state, cause: cause?.raw ?? null }, now);
}
