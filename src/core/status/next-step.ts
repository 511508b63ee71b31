// Who has to act now, and what to do: one sentence a state, for whoever builds the customer's screen or is on duty.
// `Record` makes it complete: a new row of the table does not compile until it says what comes next.

import { widgetLifetime, words } from "./policy.ts";
import { rowOf, type State, type Status, terminal } from "./table.ts";

export const ACTORS = ["customer", "institution", "provider", "operator", "nobody"] as const;
export type Actor = (typeof ACTORS)[number];

export interface Step {
  actor: Actor;
  what: string;
}

const step = (actor: Actor, what: string): Step => ({ actor, what });

export const STEPS: Record<State, Step> = {
  IN_PROGRESS: step("customer", `Finish the widget within ${words(widgetLifetime)} of its start.`),
  EXPIRED: step("customer", "Start a new connection when the customer comes back; this one stays as it is."),

  ACTIVE: step("nobody", "Nothing; data keeps arriving by itself."),
  "ACTIVE/ACCESS_EXPIRING_SOON": step("customer", "Reconnect before the access ends; until then data keeps arriving."),
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": step("customer", "Reconnect to add the new accounts; the others go on without it."),

  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": step(
    "nobody",
    "Wait for the next read or refresh; if parts stay missing, let the customer reconnect.",
  ),
  "PARTIALLY_ACTIVE/INACTIVE_DUPLICATE": step(
    "nobody",
    "Use the connection in activeDuplicateConnectionId, or refresh this one to make it the active one.",
  ),

  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": step("institution", "Wait until the bank answers again."),
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": step(
    "customer",
    "Settle what the bank asks for on its own site or app, then refresh.",
  ),
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": step("provider", "Wait until the provider answers again."),
  "DEGRADED/INTERACTIVE_REFRESH": step("customer", "Open a repair session and stay present while the bank is read."),

  "RECONNECT_REQUIRED/LOGIN_REQUIRED": step("customer", "Reconnect with the bank's present login or second factor."),
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": step("institution", "Try to reconnect now and then, until it works."),
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": step("customer", "Reconnect to grant the access anew."),
  "RECONNECT_REQUIRED/OTHER": step("customer", "Reconnect."),

  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": step("customer", "Reconnect; if that fails too, link the bank anew."),
  "UNRECOVERABLE/INSTITUTION_DISABLED": step("customer", "Link another bank; this one is no longer supported."),
  "UNRECOVERABLE/OTHER": step("customer", "Try to reconnect; if that fails, link the bank anew."),

  "UNDETERMINED/AGGREGATION_TIMEOUT": step("nobody", "Refresh later; the provider may only have been slow."),
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": step("operator", "Open a ticket with the provider's support."),
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": step(
    "operator",
    "See the cause: no map has this code yet. Refresh later, and report the code to the gateway's maintainers.",
  ),
  "UNDETERMINED/INTERNAL_ERROR": step("operator", "Look into the gateway's log, then refresh."),

  DELETED: step("nobody", "Nothing; it is deleted."),
};

/** Where nobody else has to act, added products may still wait for the customer's consent. */
export const mayAwaitConsent = (state: State): boolean => STEPS[state].actor === "nobody" && !terminal(state);

/** `awaited`: added products that the customer has not consented to yet. */
export function stepOf(state: State, awaited: readonly string[]): Step {
  if (awaited.length === 0 || !mayAwaitConsent(state)) return STEPS[state];
  const what =
    `Consent to ${awaited.join(", ")}: add them once more (POST /bank-linking/connections/{connectionId}/update), ` +
    "and open the session that it answers.";
  return step("customer", what);
}

/** Why the gateway itself acts at the moment that goes with this; null: it does nothing more of its own accord. */
const GATEWAY_ACTS: Record<Status, string | null> = {
  IN_PROGRESS: "The connection expires unless the widget is finished by then.",
  EXPIRED: null,
  ACTIVE: "The regular read.",
  PARTIALLY_ACTIVE: "The regular read.",
  DEGRADED: "The read is tried again, less often each time.",
  RECONNECT_REQUIRED: "One look a day, so that it heals without anybody if the bank allows it again.",
  UNRECOVERABLE: "One look a day, so that it heals without anybody if the bank allows it again.",
  UNDETERMINED: "The read is tried again, less often each time.",
  DELETED: null,
};

export const whyGatewayActs = (state: State): string | null => GATEWAY_ACTS[rowOf(state).status];
