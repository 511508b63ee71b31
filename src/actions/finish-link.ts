/**
 * Finishes a widget session: what the customer brought back from the provider becomes access.
 *
 * The exchange can't be repeated, so the way has named points, each of which a crash may hit:
 *   hold      the proof and the intent are committed; a hold taken in time keeps expiry off
 *   intend    this try is counted, so that a later one knows that the exchange may have happened
 *   exchange  the one foreign call
 *   obtained  what it gave is committed, sealed
 *   named     the provider connection's id is committed
 *   signpost  the way from the provider's id to us is written, at its own home
 *   finished  the connection, its claim, its first aggregation and its events, in one transaction
 * A repair that makes a new provider connection goes the same way, and reads the new accounts before it is named.
 * A worker that finds the task resumes at the point reached. Only what a crash between exchange and obtained lost is an
 * orphan: recorded, counted, and told.
 */
import { Refusal } from "../core/refusal.ts";
import { allows } from "../core/status/allowed.ts";
import { holdExtension, MINUTE } from "../core/status/policy.ts";
import { terminal } from "../core/status/table.ts";
import type { Linked, Trouble } from "../providers/provider.ts";
import type { Raw } from "../core/status/health.ts";
import { type Connection, getConnection, writeActs } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import type { Sql } from "../store/database.ts";
import { homeFor } from "../store/home.ts";
import { raise } from "../store/incidents.ts";
import { projectConnection } from "../store/projection.ts";
import { getProviderConnection } from "../store/provider-connections.ts";
import { open } from "../store/seal.ts";
import { getSession, saveSession, type Session } from "../store/sessions.ts";
import { pointTo, removeSignpost, takeOut } from "../store/signposts.ts";
import { claimTask, endTask, getTask, holds, isInHand, LEASE, makeDue, reschedule, type Task } from "../store/tasks.ts";
import { askAboutTwin } from "./ask-about-twin.ts";
import { keepingLease } from "../queue/lease.ts";
import { callsTo } from "./call.ts";
import { type Gateway, projectorOf, providerOf } from "./gateway.ts";
import { completeLink, completeRepair } from "./complete.ts";
import { again, counted, type Intent, intentOf, keep, LATEST, sealed } from "./intent.ts";
import { completeRelink, listAnew } from "./relink.ts";
import { LeaseLost } from "./run.ts";
import { noteSession, openSession, type Opened, stateOf } from "./session.ts";

/** Link and repair alike. After success it may be repeated, and answers what it answered. */
export async function finishSession(
  gateway: Gateway,
  token: string,
  proof: Record<string, string>,
  /** What to do where the login seems to be linked already: ask the customer before the exchange, or link anyway. */
  ifTwin: "ask" | "add" = "add",
): Promise<Opened> {
  const opened = await openSession(gateway, token);
  const { session, connection } = opened;
  if (session.finishedAt !== null) return opened;
  if (gateway.door.now() >= session.expiresAt + (session.kind === "link" ? LATEST : 0))
    throw new Refusal("SESSION_OVER", "This session has expired; start or repair again.");
  if (session.provider === null)
    throw new Refusal(
      "BAD_REQUEST",
      "[institutionId] no institution was chosen in this session yet; choose one first.",
    );

  const asking = ifTwin === "ask" && session.kind === "link" ? await askAboutTwin(gateway, opened, proof) : null;
  if (asking) return asking;

  const task = await gateway.db.tx("hold", async (sql) => {
    await lockCustomer(sql, session.home, connection.customerId);
    // The question about a twin took its time, and so did the lock: what was in time then may be late now.
    const now = gateway.door.now();
    await projectConnection(sql, projectorOf(gateway), session.home, session.connectionId, now);
    const fresh = await getConnection(sql, session.connectionId);
    if (session.kind === "repair" && fresh && terminal(fresh.state))
      throw new Refusal("SESSION_OVER", `The connection is ${fresh.state}; start anew.`);
    if (fresh && allows(fresh.state, "hold")) {
      await writeActs(sql, session.home, fresh.id, { heldAt: now });
      await projectConnection(sql, projectorOf(gateway), session.home, fresh.id, now);
    }
    return takeUp(sql, gateway, session, proof, now);
  });
  if (!task)
    throw new Refusal(
      "TOO_EARLY",
      "A finish of this connection is under way; ask again in a moment.",
      gateway.door.now() + 2000,
    );
  await keepingLease(gateway.db, gateway.door, task, () => finish(gateway, task));
  return openSession(gateway, token);
}

/** The task, ours from the commit on; null while somebody else has it in hand. What it had obtained is not given up. */
async function takeUp(
  sql: Sql,
  gateway: Gateway,
  session: Session,
  proof: Record<string, string>,
  now: number,
): Promise<Task | null> {
  const { home, connectionId } = session;
  const { wall } = gateway.door;
  if (await isInHand(sql, home, connectionId, "finish", wall())) return null;
  const old = await getTask(sql, home, connectionId, "finish");
  const kept = old && intentOf(gateway, old);
  const intent = kept?.obtained ? { ...kept, sessionId: session.id } : { sessionId: session.id, proof };
  // What was asked in the session that it is taken from is asked in this one.
  const former = kept && kept.sessionId !== session.id ? await getSession(sql, kept.sessionId) : null;
  if (former?.questions) await saveSession(sql, { ...former, questions: null });
  const payload = sealed(gateway, connectionId, intent);
  await makeDue(sql, home, connectionId, "finish", now, now, payload);
  return claimTask(sql, home, connectionId, "finish", wall(), wall() + LEASE);
}

/** Runs the task from the point that it reached. Refusals are for whoever waits; a worker lets them pass. */
export async function finish(gateway: Gateway, task: Task): Promise<void> {
  const { db } = gateway;
  const intent = intentOf(gateway, task);
  const session = intent && (await getSession(db, intent.sessionId));
  const connection = await getConnection(db, task.subject);
  if (!intent || !session || !connection || session.finishedAt !== null) {
    await endTask(db, task.home, task.subject, "finish");
    return;
  }
  const provider = providerOf(gateway, session.provider);
  if (!intent.obtained) {
    await counted(gateway, task);
    const answer = await exchange(gateway, session, intent);
    if (!answer.ok) return refuse(gateway, task, session, answer.trouble);
    intent.obtained = answer.obtained;
    await keep("obtained", gateway, task, connection.customerId, intent);
  }
  if (!("linked" in intent.obtained)) {
    return completeRepair(gateway, task, session, intent.obtained);
  }
  const { linked } = intent.obtained;
  const isRelink = session.kind === "repair";
  const spoilt =
    isRelink && connection.deletedAt === null ? await list(gateway, task, connection, intent, linked) : null;
  const key = {
    home: homeFor(gateway.salt, "signpost", provider.name, linked.ref),
    provider: provider.name,
    ref: linked.ref,
  };
  const id =
    intent.providerConnectionId ?? (await completeLink.nameFor(gateway, connection, provider.name, linked.ref));
  if (!intent.providerConnectionId)
    await keep("named", gateway, task, connection.customerId, { ...intent, providerConnectionId: id });
  await gateway.reach?.("before commit: signpost");
  const isOpen = await pointTo(db, key, id);
  await gateway.reach?.("after commit: signpost");
  if (!isOpen) {
    // The provider is ending an earlier link of the same login; this one comes after it.
    if (!intent.waited)
      await keep("waits", gateway, task, connection.customerId, { ...intent, providerConnectionId: id, waited: true });
    await reschedule(db, task, gateway.door.now() + again(task.attempt, 10 * MINUTE), task.attempt + 1);
    throw new Refusal(
      "PROVIDER_UNAVAILABLE",
      "An earlier link of this login is still being removed; it is finished after that.",
    );
  }
  const end = intent.waited ? await endOf(gateway, session, linked) : null;
  if (end) {
    if (await takeOut(db, key, id, gateway.door.now())) await removeSignpost(db, key);
    return refuse(gateway, task, session, { ...end, scope: "session", state: null }, false);
  }
  if (!isRelink) return completeLink(gateway, task, session, linked, id);
  const { listed = [], answered = null } = intent;
  await completeRelink(gateway, task, session, { id, linked, listed, answered, spoilt });
}

/** The new link's accounts; waited for as long as the link may live. Else the reason why it is given up. */
async function list(
  gateway: Gateway,
  task: Task,
  connection: Connection,
  intent: Intent,
  linked: Linked,
): Promise<Raw | null> {
  if (intent.listed) return null;
  const answer = await listAnew(gateway, connection, linked);
  if (answer.ok) {
    intent.listed = answer.facts;
    await keep("listed", gateway, task, connection.customerId, intent);
    return null;
  }
  const { raw, gone } = answer.trouble;
  const now = gateway.door.now();
  if (gone || now >= task.since + LATEST) return raw;
  await reschedule(gateway.db, task, now + again(task.attempt, 10 * MINUTE), task.attempt + 1);
  throw new Refusal(
    "PROVIDER_UNAVAILABLE",
    `The bank is linked anew, and its accounts can't be read yet (${raw.code}); the gateway goes on trying.`,
  );
}

/** The end of the earlier link may have ended this one with it. Then there is nothing to keep, and nothing lost. */
async function endOf(gateway: Gateway, session: Session, { ref, credential }: Linked): Promise<Trouble | null> {
  const provider = providerOf(gateway, session.provider);
  const calls = callsTo(gateway, provider, { connectionId: session.connectionId });
  const held = { ref, credential, products: [] };
  const answer = provider.readConnection
    ? await calls.ask("readConnection", provider.readConnection, held)
    : await calls.ask("readAccounts", provider.readAccounts, held);
  return !answer.ok && answer.trouble.gone ? answer.trouble : null;
}

type Exchanged = { ok: true; obtained: NonNullable<Intent["obtained"]> } | { ok: false; trouble: Trouble };

async function exchange(gateway: Gateway, session: Session, intent: Intent): Promise<Exchanged> {
  const provider = providerOf(gateway, session.provider);
  const calls = callsTo(gateway, provider, { connectionId: session.connectionId });
  const input = { state: stateOf(gateway, session), proof: intent.proof };
  if (session.kind === "link") {
    const answer = await calls.ask("finishLink", provider.finishLink, input);
    return answer.ok ? { ok: true, obtained: { linked: answer.facts } } : answer;
  }
  const connection = await getConnection(gateway.db, session.connectionId);
  const id = connection?.providerConnectionId;
  const held = id ? await getProviderConnection(gateway.db, session.home, id) : null;
  if (!held?.credential || !provider.finishRepair)
    return { ok: false, trouble: { scope: "session", state: null, raw: { code: "NOTHING_TO_REPAIR" } } };
  const credential = open(gateway.ring, held.credential, held.id);
  const answer = await calls.ask("finishRepair", provider.finishRepair, {
    ...input,
    ref: held.ref,
    credential,
    products: connection?.products ?? [],
  });
  if (!answer.ok) return answer;
  const { facts } = answer;
  if (facts.kind === "relinked" && facts.linked.ref !== held.ref)
    return { ok: true, obtained: { linked: facts.linked } };
  // "Relinked" to what it was linked to before is mended in place.
  const { statements, credential: renewed } = facts.kind === "relinked" ? facts.linked : facts;
  return { ok: true, obtained: { said: statements, ...(renewed !== undefined && { credential: renewed }) } };
}

/** Not answered: tried again while the hold lasts. Refused: told to the customer, and nothing changes. */
async function refuse(
  gateway: Gateway,
  task: Task,
  session: Session,
  trouble: Trouble,
  // An earlier try may have had its effect and lost its answer; what a link obtained is then out of reach.
  isOrphan = task.attempt > 0 && (session.kind === "link" || session.relinks),
): Promise<void> {
  const { db, door } = gateway;
  const now = door.now();
  const mayRetry = trouble.scope !== "session" && trouble.scope !== "request" && now < task.since + holdExtension;
  if (mayRetry) {
    await reschedule(db, task, now + again(task.attempt, MINUTE), task.attempt + 1);
    throw new Refusal(
      "PROVIDER_UNAVAILABLE",
      `${session.provider} did not finish the link (${trouble.raw.code}); the gateway goes on trying.`,
    );
  }
  await db.tx("refused", async (sql) => {
    const connection = await getConnection(sql, session.connectionId);
    if (connection) await lockCustomer(sql, session.home, connection.customerId);
    if (!(await holds(sql, task))) throw new LeaseLost("refused");
    await saveSession(sql, {
      ...session,
      failure: { code: trouble.raw.code, message: "The provider refused the link." },
    });
    if (connection) await noteSession(sql, gateway, connection, { step: "finish", raw: trouble.raw, orphan: isOrphan });
    await endTask(sql, task.home, task.subject, "finish");
  });
  if (isOrphan) {
    await raise(
      db,
      door,
      "orphan",
      session.provider,
      session.id,
      { connectionId: session.connectionId, raw: trouble.raw },
      now,
    );
  }
  throw new Refusal(
    "PROVIDER_REFUSED",
    `${session.provider} refused what the session brought: ${trouble.raw.code}; begin the session again.`,
  );
}
