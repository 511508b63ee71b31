/**
 * Begins a run: takes its stamp, and commits that it has begun before the first request is sent. A run that begins and
 * never ends is then known to the next one, as an attempt that our own side stopped.
 */
import { type Product, PRODUCTS } from "../core/products.ts";
import { DAY } from "../core/status/policy.ts";
import { decideHealth } from "../core/status/project.ts";
import { fold } from "../core/status/health.ts";
import { lockCustomer } from "../store/customers.ts";
import type { Sql } from "../store/database.ts";
import { mint } from "../store/home.ts";
import { claimsOn, type Connection } from "../store/connections.ts";
import { actsOf, greatestClaim, projectProviderConnection } from "../store/projection.ts";
import {
  getProviderConnection,
  type ProviderConnection,
  saveProviderConnection,
} from "../store/provider-connections.ts";
import { openRefreshes, saveRefresh } from "../store/refreshes.ts";
import { endTask, holds, reschedule, takeBack, type Task } from "../store/tasks.ts";
import { announce, liveAccounts } from "./announce.ts";
import { callsTo } from "./call.ts";
import { type Gateway, projectorOf, providerOf } from "./gateway.ts";
import type { Work } from "./run.ts";

/** Null: there is nothing to run any more. */
export async function beginRun(gateway: Gateway, task: Task, kind: Work["kind"]): Promise<Work | null> {
  const known = await getProviderConnection(gateway.db, task.home, task.subject);
  if (!known || known.closedAt !== null) {
    await endTask(gateway.db, task.home, task.subject, task.kind);
    return null;
  }
  if (!gateway.providers.has(known.provider)) {
    await withhold(gateway, task, known);
    return null;
  }
  const provider = providerOf(gateway, known.provider);
  return gateway.db.tx(`begin ${kind}`, async (sql) => {
    await lockCustomer(sql, task.home, known.customerId);
    const held = await getProviderConnection(sql, task.home, task.subject);
    if (!held || held.closedAt !== null || !(await holds(sql, task))) return null;
    // One run at a time: a full run takes the turn from a probe, whose answer will then find nobody to take it.
    if (kind === "run") await takeBack(sql, task.home, task.subject, "probe");
    const claims = await claimsOn(sql, held.home, held.id);
    const asked = provider.products.filter((product) => isAskedBy(claims, product));
    // A clock of milliseconds, or one that a test holds still, must not let two moments look like one.
    const at = Math.max(gateway.door.now(), (held.lastSentAt ?? 0) + 1, held.reconnectedAt + 1);
    const run = mint(gateway.door, "run", held.home);
    const health = held.running ? fold(held.health, lostRun(held.running, asked)) : held.health;
    // A run that died has told its beginning already; the one in its place ends what that one began.
    const isTold = held.running?.told ?? false;
    const told = isTold || kind === "run" ? ({ told: true } as const) : {};
    const begun: ProviderConnection = { ...held, health, lastSentAt: at, running: { run, at, ...told } };
    await saveProviderConnection(sql, begun);
    if (kind === "run" && !isTold) {
      const accounts = await liveAccounts(sql, begun);
      await announce(sql, gateway.door, begun, "BANK_LINKING_ACCOUNTS_UPDATING", accounts, at);
    }
    const forced = kind === "run" ? await takeUpRefreshes(sql, begun, run) : [];
    return {
      gateway,
      provider,
      task,
      kind,
      held: begun,
      run,
      at,
      asked,
      forced,
      calls: callsTo(gateway, provider, { providerConnectionId: held.id, customerId: held.customerId }),
      deadline: gateway.door.wall() + provider.runTime,
    };
  });
}

/** The provider is not configured here any more: our own doing, which ages the data and leads to INTERNAL_ERROR. */
async function withhold(gateway: Gateway, task: Task, known: ProviderConnection): Promise<void> {
  const { db, door, log } = gateway;
  log.error(
    { provider: known.provider, providerConnection: known.id },
    "A provider is not configured: nothing is read",
  );
  await db.tx("withhold", async (sql) => {
    await lockCustomer(sql, task.home, known.customerId);
    const held = await getProviderConnection(sql, task.home, task.subject);
    if (!held || held.closedAt !== null || !(await holds(sql, task))) return;
    const at = Math.max(door.now(), (held.lastSentAt ?? 0) + 1);
    const health = fold(held.health, lostRun({ run: mint(door, "run", held.home), at }, PRODUCTS));
    await saveProviderConnection(sql, { ...held, health, lastSentAt: at });
    await projectProviderConnection(sql, projectorOf(gateway), held.home, held.id, at);
    await reschedule(sql, task, at + DAY, 0);
  });
}

const isAskedBy = (claims: readonly Connection[], product: Product) =>
  claims.some((c) => c.deletedAt === null && (c.products.includes(product) || c.optionalProducts.includes(product)));

const lostRun = ({ run, at }: { run: string; at: number }, asked: readonly Product[]) =>
  ({ run, at, kind: "run", successes: [], troubles: [], ours: true, blocked: { ours: asked } }) as const;

async function takeUpRefreshes(sql: Sql, held: ProviderConnection, run: string) {
  const waiting = await openRefreshes(sql, held.home, held.id);
  const taken = waiting.map((refresh) => ({ ...refresh, run }));
  for (const refresh of taken) await saveRefresh(sql, refresh);
  return taken;
}

/** The provider connection's own state: what its schedule follows, whichever of its claims is looked at. */
export async function ownState(sql: Sql, gateway: Gateway, held: ProviderConnection, now: number) {
  const claims = await claimsOn(sql, held.home, held.id);
  const kept = greatestClaim(claims) ?? claims[0];
  if (!kept) return null;
  return decideHealth(held.health, actsOf(kept, held, false, projectorOf(gateway).planOf), now).state;
}
