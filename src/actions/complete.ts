/** The last step of a finish: one transaction that makes what was obtained the connection's. */
import { homeOf } from "../core/ids.ts";
import { fold } from "../core/status/health.ts";
import { allows } from "../core/status/allowed.ts";
import type { Linked, Statements } from "../providers/provider.ts";
import {
  claimsOn,
  type Connection,
  endConsent,
  getConnection,
  insertConnection,
  writeActs,
} from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import type { Sql } from "../store/database.ts";
import { appendEvent } from "../store/events.ts";
import { mint } from "../store/home.ts";
import { rememberInstitution } from "../store/institutions.ts";
import { projectConnection } from "../store/projection.ts";
import {
  findProviderConnection,
  getProviderConnection,
  newProviderConnection,
  type ProviderConnection,
  saveProviderConnection,
} from "../store/provider-connections.ts";
import { seal } from "../store/seal.ts";
import { eraseSessions, saveSession, type Session } from "../store/sessions.ts";
import { endTask, holds, makeDue, type Task } from "../store/tasks.ts";
import { note } from "../store/timeline.ts";
import { announceNewAccounts } from "./announce.ts";
import { type Gateway, projectorOf } from "./gateway.ts";
import { handToRevocation } from "./revoke.ts";
import { LeaseLost } from "./run.ts";

export async function completeLink(
  gateway: Gateway,
  task: Task,
  session: Session,
  linked: Linked,
  id: string,
): Promise<void> {
  const { provider } = session;
  if (provider === null) throw new Error(`session ${session.id} is finished without a provider`);
  const institutionId = await rememberInstitution(
    gateway.db,
    provider,
    linked.institution.ref,
    linked.institution.name,
  );
  await finished(gateway, task, session, async (sql, old, now) => {
    const known = await findProviderConnection(sql, session.home, old.customerId, provider, linked.ref);
    const at = Math.max(now, known?.lastSentAt ?? 0);
    const credential = seal(gateway.ring, gateway.door, linked.credential, known?.id ?? id);
    const base =
      known ??
      newProviderConnection({
        home: session.home,
        id,
        customerId: old.customerId,
        provider,
        ref: linked.ref,
        institutionId,
        credential,
        linkedAt: at,
      });
    const held = reconnected(gateway, { ...base, credential }, linked.statements, at);
    await saveProviderConnection(sql, held);
    if (old.deletedAt !== null) {
      // Deleted while the customer was at the bank: what came back is handed on to be ended, and nothing else is kept.
      if (!known) await handToRevocation(sql, held, now);
      return null;
    }
    const connection = allows(old.state, "finish") ? old : await replacement(sql, gateway, old, now);
    const claimedAt = await claim(sql, held, now);
    await writeActs(sql, old.home, connection.id, {
      finishedAt: now,
      claimedAt,
      provider,
      providerConnectionId: held.id,
      institutionId,
    });
    await makeDue(sql, held.home, held.id, "aggregate", now, now);
    return connection;
  });
}

/** The id that a link's provider connection has or will have; minted before the signpost that names it. */
completeLink.nameFor = async (
  gateway: Gateway,
  connection: Connection,
  provider: string,
  ref: string,
): Promise<string> => {
  const known = await findProviderConnection(gateway.db, connection.home, connection.customerId, provider, ref);
  return known?.id ?? mint(gateway.door, "providerConnection", connection.home);
};

export async function completeRepair(
  gateway: Gateway,
  task: Task,
  session: Session,
  obtained: { credential?: string; said: Statements },
): Promise<void> {
  await finished(gateway, task, session, async (sql, old, now) => {
    const held = old.providerConnectionId && (await getProviderConnection(sql, old.home, old.providerConnectionId));
    if (!held || !allows(old.state, "finish reconnect")) return null;
    const at = Math.max(now, held.lastSentAt ?? 0);
    const sealed =
      obtained.credential === undefined
        ? held.credential
        : seal(gateway.ring, gateway.door, obtained.credential, held.id);
    await saveProviderConnection(sql, reconnected(gateway, { ...held, credential: sealed }, obtained.said, at));
    await writeActs(sql, old.home, old.id, { claimedAt: await claim(sql, held, now) });
    await makeDue(sql, held.home, held.id, "aggregate", now, now);
    return old;
  });
}

/**
 * Completion and its status change are announced in tandem; the session remembers where it ended. `change` says whose
 * it is now: null where the connection is gone, "not yet" where it has written itself how it goes on.
 */
export async function finished(
  gateway: Gateway,
  task: Task,
  session: Session,
  change: (sql: Sql, old: Connection, now: number) => Promise<Connection | null | "not yet">,
): Promise<void> {
  const projector = projectorOf(gateway);
  const known = await getConnection(gateway.db, session.connectionId);
  if (!known) throw new LeaseLost("finished");
  await gateway.db.tx("finished", async (sql) => {
    await lockCustomer(sql, session.home, known.customerId);
    if (!(await holds(sql, task))) throw new LeaseLost("finished");
    const now = gateway.door.now();
    await projectConnection(sql, projector, session.home, known.id, now);
    const old = (await getConnection(sql, known.id)) ?? known;
    const before = await heldBy(sql, old);
    const connection = await change(sql, old, now);
    if (connection === "not yet") return;
    await endTask(sql, session.home, session.connectionId, "finish");
    if (!connection) {
      await eraseSessions(sql, session.home, session.connectionId);
      return;
    }
    const replaces = connection.id === session.connectionId ? {} : { replacesConnectionId: session.connectionId };
    await appendEvent(
      sql,
      gateway.door,
      session.home,
      connection.id,
      "BANK_LINKING_CONNECTION_COMPLETED",
      replaces,
      now,
    );
    await note(
      sql,
      gateway.door,
      session.home,
      connection.id,
      "act",
      { act: `${session.kind} finished`, session: session.id },
      now,
    );
    await projectConnection(sql, projector, session.home, connection.id, now);
    const held = await heldBy(sql, await getConnection(sql, connection.id));
    if (held) await endConsent(sql, held.home, held.id);
    if (held) await announceNewAccounts(sql, gateway.door, before, held, now);
    await saveSession(sql, {
      ...session,
      sealedState: null,
      sealedPage: null,
      sealedProof: null,
      twinConnectionId: null,
      failure: null,
      questions: null,
      finishedAt: now,
      completedConnectionId: connection.id,
    });
  });
  gateway.poke();
}

const heldBy = async (sql: Sql, connection: Connection | null): Promise<ProviderConnection | null> =>
  connection?.providerConnectionId
    ? getProviderConnection(sql, connection.home, connection.providerConnectionId)
    : null;

/** What the provider stated in the finish itself is stamped with the finish, so that it is not older than it. */
export function reconnected(
  gateway: Gateway,
  held: ProviderConnection,
  said: Statements,
  at: number,
): ProviderConnection {
  const { interactive, consentExpiresAt, newAccounts } = said;
  const health = fold(held.health, {
    run: mint(gateway.door, "run", held.home),
    at,
    kind: "probe",
    successes: [],
    troubles: [],
    ...(interactive !== undefined && { interactive }),
    ...(consentExpiresAt !== undefined && { consentExpiresAt }),
    ...(newAccounts !== undefined && { newAccounts }),
  });
  return { ...held, health, reconnectedAt: at };
}

/** A claim is greater than every other on the same provider connection. */
export async function claim(sql: Sql, held: ProviderConnection, now: number): Promise<number> {
  const others = await claimsOn(sql, held.home, held.id);
  return Math.max(now, ...others.map(({ claimedAt }) => (claimedAt ?? 0) + 1));
}

/** The connection expired while the customer was still at the bank: the link lives on as a new one that names it. */
async function replacement(sql: Sql, gateway: Gateway, old: Connection, now: number): Promise<Connection> {
  const id = mint(gateway.door, "connection", homeOf("connection", old.id) ?? old.home);
  await insertConnection(sql, { ...old, id, replacesConnectionId: old.id, startedAt: now });
  const fresh = await getConnection(sql, id);
  if (!fresh) throw new Error(`connection ${id} vanished after its start`);
  return fresh;
}
