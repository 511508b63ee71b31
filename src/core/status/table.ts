// How a connection can be, why, and what may be done about it: 23 rows, the whole product on one page.
// Whatever names a state reads it here: types, API flags, OpenAPI, the database's reference rows, docs, legends, widget
// texts, code maps, metrics and the farm's banks. To change it, edit a row, run `npm run print`, and let the compiler
// lead you to all that is no longer complete. A change of this file is a change of the product.
// A reason alone names nothing (OTHER occurs twice); the pair does, and `State` is its name.

import { continuedFailures, widgetLifetime, words } from "./policy.ts";

type NameOf<S extends string, R extends string | null> = R extends string ? `${S}/${R}` : S;

/** One line of the table. The type parameters keep every cell literal, so flags and pairs are known to the compiler. */
function row<const S extends string, const R extends string | null, const F extends boolean, const C extends boolean>(
  status: S,
  reason: R,
  canRefresh: F,
  canReconnect: C,
  meaning: string,
) {
  const state = (reason === null ? status : `${status}/${reason}`) as NameOf<S, R>;
  return { state, status, reason, canRefresh, canReconnect, meaning } as const;
}

const yes = true;
const no = false;
const finishTime = words(widgetLifetime);
const { count } = continuedFailures;
const span = words(continuedFailures.span);

// Columns: status, reason, may be refreshed, may be reconnected, meaning. Read as a table, so the formatter leaves it.
export const TABLE = [
  row("IN_PROGRESS", null, no, no, "The customer is in the widget, or about to be; nothing is connected yet."),
  row("EXPIRED",     null, no, no, `The widget was not finished within ${finishTime} of its start; start anew.`),

  row("ACTIVE", null,                     yes, no,  "Connected and healthy; webhooks tell when data has arrived."),
  row("ACTIVE", "ACCESS_EXPIRING_SOON",   yes, yes, "Access ends soon; reconnecting before then keeps it."),
  row("ACTIVE", "NEW_ACCOUNTS_AVAILABLE", yes, yes, "More accounts can be shared; reconnecting adds them."),

  row("PARTIALLY_ACTIVE", "PARTIAL_AGGREGATION_SUCCESS", yes, yes, "Some accounts, products or data are missing."),
  row("PARTIALLY_ACTIVE", "INACTIVE_DUPLICATE",          yes, yes, "Another connection now serves this login."),

  row("DEGRADED", "INSTITUTION_CURRENTLY_UNAVAILABLE",      yes, yes, "The bank has passing trouble; refresh later."),
  row("DEGRADED", "INSTITUTION_ACTION_REQUIRED",            yes, yes, "Settle a matter with the bank, then refresh."),
  row("DEGRADED", "SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE", yes, yes, "The provider has passing trouble; try later."),
  row("DEGRADED", "INTERACTIVE_REFRESH",                    yes, yes, "Every refresh needs the customer's presence."),

  row("RECONNECT_REQUIRED", "LOGIN_REQUIRED",        yes, yes, "The bank asks for new credentials or a second factor."),
  row("RECONNECT_REQUIRED", "REPAIRING_INSTITUTION", yes, yes, "The bank is under repair; keep trying to reconnect."),
  row("RECONNECT_REQUIRED", "TOKEN_EXPIRED",         yes, yes, "The access once granted to the bank has run out."),
  row("RECONNECT_REQUIRED", "OTHER",                 yes, yes, "Access stopped for another reason; reconnect."),

  row("UNRECOVERABLE", "CONTINUED_AGGREGATION_FAILURES", no, yes, `${count} failures or more, no success for ${span}.`),
  row("UNRECOVERABLE", "INSTITUTION_DISABLED",           no, yes, "This bank is no longer supported."),
  row("UNRECOVERABLE", "OTHER",                          no, yes, "Lost for another reason; try to reconnect."),

  row("UNDETERMINED", "AGGREGATION_TIMEOUT",                 yes, yes, "The provider did not answer in time; retry."),
  row("UNDETERMINED", "SUBMIT_SERVICE_PROVIDER_TICKET",      yes, yes, "The provider's support must solve a ticket."),
  row("UNDETERMINED", "UNKNOWN_SERVICE_PROVIDER_ERROR_CODE", yes, yes, "An unknown code: tell the operator, retry."),
  row("UNDETERMINED", "INTERNAL_ERROR",                      yes, yes, "A fault of our own: tell the operator, retry."),

  row("DELETED", null, no, no, "Deleted, and all data it held with it."),
] as const;

export type Row = (typeof TABLE)[number];
export type Status = Row["status"];
export type Reason = NonNullable<Row["reason"]>;
export type State = Row["state"];

/** States that a refresh accepts, as a type: handing it another does not compile. */
export type Refreshable = Extract<Row, { canRefresh: true }>["state"];
export type Reconnectable = Extract<Row, { canReconnect: true }>["state"];

export const STATES: readonly State[] = TABLE.map((r) => r.state);

const rows: ReadonlyMap<unknown, Row> = new Map(TABLE.map((r) => [r.state, r]));

export function isState(x: unknown): x is State {
  return rows.has(x);
}

export function rowOf<S extends State>(state: S): Extract<Row, { state: S }> {
  return rows.get(state) as Extract<Row, { state: S }>;
}

/** Never left: every act on such a connection is refused, and no observation moves it. */
export function terminal(state: State): state is "EXPIRED" | "DELETED" {
  return state === "EXPIRED" || state === "DELETED";
}
