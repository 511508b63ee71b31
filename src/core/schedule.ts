/**
 * When the gateway reads next by itself (rule 8): nothing is retried into the ground.
 *
 * Healthy connections are read on the provider's cadence; passing trouble with a backoff up to a day; what only the
 * customer or the provider can mend gets one free probe a day, so that it heals by itself when they have.
 */
import type { Instant, Millis } from "./door.ts";
import { backoffCap, DAY, MINUTE } from "./status/policy.ts";
import type { State } from "./status/table.ts";

export interface Plan {
  aggregateAt: Instant;
  probeAt: Instant;
  attempt: number;
}

/** The first wait after passing trouble; it doubles from there. */
const FIRST_WAIT = 10 * MINUTE;
/** Waits are spread by this share either way, so that connections that broke together do not come back together. */
const SPREAD = 0.1;

const isPassing = (state: State): boolean =>
  /^(DEGRADED|UNDETERMINED)/.test(state) && state !== "DEGRADED/INTERACTIVE_REFRESH";

/**
 * By what the next read is planned. Where the provider has just said that the login stands, the full run decides if
 * the customer is needed still. One that passing trouble kept from deciding is due again like any other, not in a day.
 */
export function plannedBy(state: State, isSaidToStand: boolean, met: readonly (State | null)[]): State {
  if (!isSaidToStand || !state.startsWith("RECONNECT_REQUIRED")) return state;
  const isDecided = met.some((one) => one !== null && !isPassing(one));
  return (isDecided ? null : met.find((one) => one !== null)) ?? state;
}

/** `chance` is in [0, 1); `attempt` counts the runs in a row that ended in passing trouble. */
export function planAfter(
  state: State,
  now: Instant,
  cadence: Millis,
  attempt: number,
  chance: number,
  notBefore: Instant | null,
): Plan {
  const spread = (wait: Millis) => Math.round(wait * (1 - SPREAD + 2 * SPREAD * chance));
  const later = (at: Instant) => Math.max(at, notBefore ?? -Infinity);
  const [status] = state.split("/");
  if (status === "RECONNECT_REQUIRED" || status === "UNRECOVERABLE") {
    return { aggregateAt: Infinity, probeAt: later(now + spread(DAY)), attempt: 0 };
  }
  if (!isPassing(state)) return { aggregateAt: later(now + spread(cadence)), probeAt: Infinity, attempt: 0 };
  // The cap holds for what is waited, spread included.
  const wait = Math.min(spread(FIRST_WAIT * 2 ** Math.min(attempt, 20)), backoffCap);
  return { aggregateAt: later(now + wait), probeAt: Infinity, attempt: attempt + 1 };
}
