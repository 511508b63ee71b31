/**
 * The end of a run: one observation, folded and projected once, in one transaction with the outcome of the refreshes
 * that asked for it, the timeline and the next time. What the operator has to know is written after it.
 */
import type { Instant } from "../core/door.ts";
import { observe, type Run } from "../core/observe.ts";
import type { Product } from "../core/products.ts";
import { type Plan, planAfter, plannedBy } from "../core/schedule.ts";
import { MINUTE } from "../core/status/policy.ts";
import { fold, type Observation } from "../core/status/health.ts";
import type { State } from "../core/status/table.ts";
import { countCalls } from "../store/calls.ts";
import type { Sql } from "../store/database.ts";
import { projectProviderConnection } from "../store/projection.ts";
import { type ProviderConnection, saveProviderConnection } from "../store/provider-connections.ts";
import { openRefreshes, saveRefresh } from "../store/refreshes.ts";
import { makeDue, reschedule, setRunAt } from "../store/tasks.ts";
import { note } from "../store/timeline.ts";
import { announceRun } from "./announce.ts";
import { ownState } from "./begin-run.ts";
import { projectorOf } from "./gateway.ts";
import { raiseAlarms } from "./raise-alarms.ts";
import { refreshEnded } from "./refresh-outcome.ts";
import { type Found, step, type Work } from "./run.ts";

export async function takeObservation(work: Work, found: Found): Promise<void> {
  const { gateway, kind } = work;
  const seen = await step(work, `observe ${kind}`, async (sql, fresh) => {
    const now = Math.max(gateway.door.now(), work.at);
    const observation = observe(runOf(work, found), fresh.health);
    const held: ProviderConnection = {
      ...fresh,
      health: fold(fresh.health, observation),
      running: null,
      nextRefreshAllowedAt: allowedAt(fresh, found, now),
      historyAt: fresh.historyAt ?? (found.read.some(({ product }) => product === historyOf(work)) ? now : null),
    };
    await saveProviderConnection(sql, held);
    await projectProviderConnection(sql, projectorOf(gateway), held.home, held.id, now);
    await announceRun(sql, gateway.door, fresh, held, found, observation, now);
    await note(sql, gateway.door, held.home, held.id, "observation", told(work, observation), now);
    // Read again: one that was deleted with its connection meanwhile must not come back.
    const ending = (await openRefreshes(sql, held.home, held.id)).filter(({ run }) => run === work.run);
    for (const refresh of ending) await saveRefresh(sql, refreshEnded(refresh, work, found, observation, now));
    await countCalls(sql, held.home, held.id, held.provider, work.calls.counted, now);
    await schedule(sql, work, found, held, now);
    return observation;
  });
  await raiseAlarms(work, found, seen);
}

/** Whose first whole reading is the history that is told as one. */
const historyOf = ({ asked }: Work): Product =>
  asked.includes("TRANSACTIONS") ? "TRANSACTIONS" : "INVESTMENT_TRANSACTIONS";

const runOf = (work: Work, found: Found): Run => ({
  run: work.run,
  at: work.at,
  kind: work.kind,
  asked: work.asked,
  ...(found.listed && { listed: found.listed }),
  ...(found.listedFrom && { listedFrom: found.listedFrom }),
  read: found.read,
  // An account that no list has told is its own cell all the same, and never the connection's trouble.
  told: found.told.map(({ accountRef, ...told }) =>
    accountRef === undefined ? told : { ...told, accountId: found.accounts.get(accountRef) ?? accountRef },
  ),
  said: found.said,
});

/** A limit holds until the provider's own time; where it tells none, until the next cadence. */
function allowedAt(held: ProviderConnection, found: Found, now: Instant): Instant | null {
  if (found.notBefore !== undefined) return found.notBefore;
  if (found.told.some(({ scope }) => scope === "quota")) return now + UNTOLD_WAIT;
  return held.nextRefreshAllowedAt !== null && held.nextRefreshAllowedAt > now ? held.nextRefreshAllowedAt : null;
}

const UNTOLD_WAIT = 15 * MINUTE;
/** A provider that has not read the bank for the first time yet is looked at again soon, and less and less so. */
const NOT_READY_WAIT = MINUTE;

async function schedule(sql: Sql, work: Work, found: Found, held: ProviderConnection, now: Instant): Promise<void> {
  const { gateway, task, kind, provider } = work;
  const state = (await ownState(sql, gateway, held, now)) ?? "ACTIVE";
  const by = plannedBy(
    state,
    found.stands === true,
    found.told.map((one) => one.state),
  );
  const chance = (gateway.door.random(1)[0] ?? 0) / 256;
  const plan = early(
    planAfter(by, now, provider.cadence, task.attempt, chance, held.nextRefreshAllowedAt),
    found,
    now,
    task.attempt,
  );
  if (kind === "run") {
    await reschedule(sql, task, plan.aggregateAt, plan.attempt);
    await wakeAt(sql, held, "probe", plan.probeAt, now);
    return;
  }
  await reschedule(sql, task, plan.probeAt, 0);
  // A good probe is only a hint: the full run that it makes due decides.
  const isGood = found.told.length === 0;
  await wakeAt(sql, held, "aggregate", isGood || !isProbed(state) ? now : Infinity, now);
}

const isProbed = (state: State) => state.startsWith("RECONNECT_REQUIRED") || state.startsWith("UNRECOVERABLE");

function early(plan: Plan, found: Found, now: Instant, attempt: number): Plan {
  if (!found.notReady || plan.aggregateAt === Infinity) return plan;
  const soon = now + NOT_READY_WAIT * 2 ** Math.min(attempt, 8);
  return { ...plan, aggregateAt: Math.min(plan.aggregateAt, soon), attempt: attempt + 1 };
}

async function wakeAt(sql: Sql, held: ProviderConnection, kind: "probe" | "aggregate", at: Instant, now: Instant) {
  if (at === Infinity && kind === "aggregate") return;
  await makeDue(sql, held.home, held.id, kind, at, now);
  if (kind === "probe") await setRunAt(sql, held.home, held.id, kind, at);
}

/** The timeline's line: what was asked, what was met with the provider's own codes, how much succeeded. */
const told = (work: Work, seen: Observation) => ({
  run: work.run,
  kind: work.kind,
  sentAt: work.at,
  forced: work.forced.map(({ id }) => id),
  calls: Object.fromEntries(work.calls.counted),
  succeeded: seen.successes.filter((scope) => !scope.includes("/")),
  troubles: seen.troubles.map(({ scope, state, raw }) => ({ scope, state, raw })),
  ...(seen.ours && { ours: true }),
  ...(seen.needsCustomer && { needsCustomer: true }),
  ...(seen.listed && { accountsListed: seen.listed.length }),
});
