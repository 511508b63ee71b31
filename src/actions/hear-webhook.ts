/**
 * What becomes of a webhook after it was answered: the read that it hints at is made due, and it is written into the
 * timeline of each login that it speaks of. The read finds out how things are; what no read tells is believed here.
 */
import type { Instant } from "../core/door.ts";
import { type Home, homeOf } from "../core/ids.ts";
import { fold, type Observation } from "../core/status/health.ts";
import { backoffCap, DAY, HOUR } from "../core/status/policy.ts";
import type { Provider } from "../providers/provider.ts";
import { lockCustomer } from "../store/customers.ts";
import type { Sql } from "../store/database.ts";
import { homeFor, idFor } from "../store/home.ts";
import { dropInbound, getInbound, type Inbound, type InboundOutcome, settleInbound } from "../store/inbound.ts";
import { projectProviderConnection } from "../store/projection.ts";
import {
  getProviderConnection,
  type ProviderConnection,
  saveProviderConnection,
} from "../store/provider-connections.ts";
import { SealBroken } from "../store/seal.ts";
import { entriesOf } from "../store/signposts.ts";
import { endTask, holds, makeDue, reschedule, type Task } from "../store/tasks.ts";
import { noteOnce } from "../store/timeline.ts";
import { checkWebhook, readNews } from "./check-webhook.ts";
import { type Gateway, projectorOf } from "./gateway.ts";
import { incomingOf, keepGenuine } from "./receive-webhook.ts";
import { LeaseLost } from "./run.ts";

/** A provider may write of a link before we have committed it; so long we look for it again. */
export const LOOK_FOR = HOUR;
/** A key that is not to be had for so long will not come. */
export const WAIT_FOR_KEY = DAY;
/** Reads that hints make due begin so far apart: a storm of hints is few reads. */
export const SPACING = 10_000;

/** Soon at first: a commit of ours takes a moment, a provider's outage minutes. */
const again = (attempt: number): number => Math.min(1_000 * 2 ** Math.min(attempt, 20), backoffCap);

export async function hearWebhook(gateway: Gateway, task: Task): Promise<void> {
  const { db } = gateway;
  const row = await getInbound(db, task.subject);
  if (row && !row.verified) return checkLater(gateway, task, row);
  if (row?.outcome !== "WAITING" && row?.outcome !== "UNKNOWN_CONNECTION") {
    await endTask(db, task.home, task.subject, task.kind);
    return;
  }
  const home = homeFor(gateway.salt, "signpost", row.provider, row.ref ?? "");
  const entries = await entriesOf(db, { home, provider: row.provider, ref: row.ref ?? "" });
  const facts = await factsOf(gateway, row);
  let heard = 0;
  for (const id of entries) if (await hint(gateway, row, facts, id)) heard += 1;
  await settle(gateway, task, row, heard > 0 ? "READ_MADE_DUE" : "UNKNOWN_CONNECTION");
  gateway.poke();
}

async function settle(gateway: Gateway, task: Task, row: Inbound, outcome: InboundOutcome): Promise<void> {
  const { door, count } = gateway;
  const isOver = outcome !== "UNKNOWN_CONNECTION" || door.now() >= row.receivedAt + LOOK_FOR;
  await gateway.db.tx("inbound heard", async (sql) => {
    if (!(await holds(sql, task))) throw new LeaseLost("inbound heard");
    await settleInbound(sql, row, outcome);
    if (isOver) await endTask(sql, task.home, task.subject, task.kind);
    else await reschedule(sql, task, door.now() + again(task.attempt), task.attempt + 1);
  });
  if (outcome === "UNKNOWN_CONNECTION" && row.outcome === "WAITING") count.inbound(row.provider, "unknown connection");
}

/** False: that login is not here, not yet or no more. Once per webhook and login, however often it is tried. */
function hint(gateway: Gateway, row: Inbound, facts: Facts | null, providerConnectionId: string): Promise<boolean> {
  const home = homeOf("providerConnection", providerConnectionId) as Home;
  const { door } = gateway;
  return gateway.db.tx("hint", async (sql) => {
    const known = await getProviderConnection(sql, home, providerConnectionId);
    if (!known) return false;
    await lockCustomer(sql, home, known.customerId);
    const held = await getProviderConnection(sql, home, providerConnectionId);
    if (!held || held.closedAt !== null) return false;
    const id = idFor("entry", home, row.id, providerConnectionId);
    const detail = { webhookId: row.id, provider: row.provider, code: row.kind };
    if (!(await noteOnce(sql, home, held.id, { id, kind: "webhook", detail }, row.receivedAt))) return true;
    const now = door.now();
    if (facts) await believe(sql, gateway, held, row, facts, now);
    const soonest = Math.max(now, held.nextRefreshAllowedAt ?? 0, (held.lastSentAt ?? 0) + SPACING);
    await makeDue(sql, home, held.id, "aggregate", soonest, now);
    return true;
  });
}

type Facts = Pick<Observation, "newAccounts" | "disconnect">;

/** What no read tells. Null: nothing of the kind; a webhook that lacks its own time is a hint like any other. */
async function factsOf(gateway: Gateway, row: Inbound): Promise<Facts | null> {
  if (row.meaning === "newAccounts") return { newAccounts: true };
  const provider = gateway.providers.get(row.provider);
  if (row.meaning !== "disconnect" || !provider) return null;
  try {
    const incoming = incomingOf(gateway, row);
    const news = incoming && (await readNews(gateway, provider, incoming));
    return news?.disconnect ? { disconnect: news.disconnect } : null;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    // The read that it hints at is made due all the same.
    gateway.log.error({ webhook: row.id, why: error.message }, "A webhook's own fact can't be opened");
    return null;
  }
}

/** Stamped at its first receipt: a repair after that has voided it already. */
async function believe(
  sql: Sql,
  gateway: Gateway,
  held: ProviderConnection,
  row: Inbound,
  facts: Facts,
  now: Instant,
): Promise<void> {
  const told = { run: row.id, at: row.receivedAt, kind: "probe", successes: [], troubles: [], ...facts } as const;
  await saveProviderConnection(sql, { ...held, health: fold(held.health, told) });
  await projectProviderConnection(sql, projectorOf(gateway), held.home, held.id, now);
}

/** It was kept unverified, since the key was not to be had. A forged one goes as if it had never come. */
async function checkLater(gateway: Gateway, task: Task, row: Inbound): Promise<void> {
  const { door, count, db } = gateway;
  const provider = gateway.providers.get(row.provider);
  const end = provider ? await checkedAgain(gateway, provider, row) : "later";
  if (end === "later" && door.now() < row.receivedAt + WAIT_FOR_KEY) {
    return reschedule(db, task, door.now() + again(task.attempt), task.attempt + 1);
  }
  await db.tx("inbound checked", async (sql) => {
    if (!(await holds(sql, task))) throw new LeaseLost("inbound checked");
    await dropInbound(sql, row);
    await endTask(sql, task.home, task.subject, task.kind);
  });
  if (end !== "genuine") count.inbound(row.provider, end === "forged" ? "forged" : "never verified");
}

/** A genuine one is kept anew, under the name that the provider gave it: so it is one with those that came after. */
async function checkedAgain(
  gateway: Gateway,
  provider: Provider,
  row: Inbound,
): Promise<"genuine" | "forged" | "later"> {
  try {
    const incoming = incomingOf(gateway, row);
    const checked = incoming ? await checkWebhook(gateway, provider, incoming) : { is: "later" as const };
    if (incoming && checked.is === "genuine") {
      await keepGenuine(gateway, provider, incoming, checked.news, row.receivedAt);
    }
    return checked.is;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    gateway.log.error({ webhook: row.id, why: error.message }, "A webhook that waits for its key can't be opened");
    return "later";
  }
}
