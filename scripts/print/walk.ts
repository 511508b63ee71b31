// The walk behind docs/transitions.md: from a story that leads to each row, every fact and act is tried and the
// projection is asked what becomes of it. Stories and facts are lines in the grammar of test/histories.

import { allows } from "../../src/core/status/allowed.ts";
import { rowOf, STATES, type State } from "../../src/core/status/table.ts";
import { parse, play } from "../../test/histories/history.ts";

export type Leavable = Exclude<State, "EXPIRED" | "DELETED">;

/** A way to come to a row: some rows have two, which are not left in the same ways. */
export interface Way {
  state: Leavable;
  /** What tells this way from the row's other one. */
  by?: string;
  story: string;
  /** When the row is left; every story is told before. */
  at: string;
}

const LINKED = "0 start; 1h finish; 2h run ok";
/** More than two weeks after the last success, and well before the access of any story ends that has not ended. */
const LATER = "21d";
const way = (state: Leavable, story: string, by?: string, at = LATER): Way => ({ state, story, at, ...(by && { by }) });
const met = (state: Leavable, by?: string): Way => way(state, `${LINKED}; 1d run *!${state}`, by);

export const WAYS: readonly Way[] = [
  way("IN_PROGRESS", "0 start", undefined, "1h"),
  way("ACTIVE", LINKED),
  way("ACTIVE/ACCESS_EXPIRING_SOON", `${LINKED} consent:30d1h`),
  way("ACTIVE/NEW_ACCOUNTS_AVAILABLE", `${LINKED} new-accounts`),
  way("PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", `${LINKED}; 1d run TRANSACTIONS!PARTIAL`, "a trouble"),
  way("PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS", `${LINKED}; 20d run blocked:ours:TRANSACTIONS`, "stale data"),
  way("PARTIALLY_ACTIVE/INACTIVE_DUPLICATE", `${LINKED}; 1d rival`),
  met("DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE"),
  met("DEGRADED/INSTITUTION_ACTION_REQUIRED"),
  met("DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE", "a trouble"),
  way("DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE", `${LINKED}; 20d run blocked:provider`, "stale data"),
  way("DEGRADED/INTERACTIVE_REFRESH", `${LINKED} interactive`),
  met("RECONNECT_REQUIRED/LOGIN_REQUIRED"),
  met("RECONNECT_REQUIRED/REPAIRING_INSTITUTION"),
  met("RECONNECT_REQUIRED/TOKEN_EXPIRED", "a trouble"),
  way("RECONNECT_REQUIRED/TOKEN_EXPIRED", `${LINKED} consent:10d1h`, "the end of the access"),
  met("RECONNECT_REQUIRED/OTHER", "a trouble"),
  way("RECONNECT_REQUIRED/OTHER", "0 start; 1h finish; 2h run list:", "an empty first list"),
  way(
    "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES",
    `${LINKED}; 1d run *!INTERNAL_ERROR; 2d run *!INTERNAL_ERROR; 20d run *!INTERNAL_ERROR`,
  ),
  met("UNRECOVERABLE/INSTITUTION_DISABLED"),
  met("UNRECOVERABLE/OTHER"),
  met("UNDETERMINED/AGGREGATION_TIMEOUT"),
  met("UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET"),
  met("UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE", "a trouble"),
  way("UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE", `${LINKED}; 1d run list:`, "an empty list"),
  met("UNDETERMINED/INTERNAL_ERROR", "a trouble"),
  way("UNDETERMINED/INTERNAL_ERROR", `${LINKED}; 20d run blocked:ours`, "stale data"),
];

export const nameOf = ({ state, by }: Way) => (by ? `${state} by ${by}` : state);

interface Fact {
  /** What happens, as the page says it. */
  says: string;
  /** Steps of a history; `@` is the moment at which the row is left. */
  steps: string;
  /** When it is looked at; at once unless given. */
  seen?: string;
  by: "read" | "act" | "clock";
}

const read = (says: string, items: string): Fact => ({ says, steps: `@ run ${items}`, by: "read" });
const act = (says: string, name: string): Fact => ({ says, steps: `@ ${name}`, by: "act" });

/** Apart from these, a trouble of the whole connection, of every kind that a run may report. */
export const FACTS = {
  "good run": read("a run that reads everything", "ok"),
  "one account failing": read(
    "a run that fails for one account",
    "list:a1,a2 ok:BALANCES ok:TRANSACTIONS ok:a1/BALANCES ok:a1/TRANSACTIONS a2!LOGIN_REQUIRED",
  ),
  "one product failing": read(
    "a run that fails for one product",
    "list:a1,a2 ok:BALANCES ok:a1/BALANCES ok:a2/BALANCES TRANSACTIONS!PARTIAL",
  ),
  "every account failing": read("every account asks for a new login", "a1!LOGIN_REQUIRED a2!LOGIN_REQUIRED"),
  "three failures": {
    says: "three failures, the last of them two weeks after the last success",
    steps: "@ run *!INTERNAL_ERROR; @+1h run *!INTERNAL_ERROR; @+2h run *!INTERNAL_ERROR",
    seen: "@+2h",
    by: "read",
  },
  "empty list": read("an empty list of accounts", "list:"),
  "supported again": read("the institution is supported again", "enabled"),
  "must attend": read("every refresh needs the customer from now on", "interactive"),
  "need not attend": read("no refresh needs the customer any more", "not-interactive"),
  "access ending": read("access will end soon", "consent:@+1d"),
  "access ended": { says: "access has ended", steps: "@ run consent:@+1d", seen: "@+1d", by: "clock" },
  "access unending": read("access will not end", "consent:none"),
  "more accounts": read("more accounts can be shared", "new-accounts"),
  "no more accounts": read("no more accounts can be shared", "no-new-accounts"),
  "not offered": read("a product turns out not to be offered", "unavailable:TRANSACTIONS"),
  "we hold off": read("data go stale because our own side stops the reads", "blocked:ours"),
  "nothing new": read("data go stale because the provider brings nothing new", "blocked:provider"),
  "nothing new of one": read("one product's data go stale", "blocked:provider:TRANSACTIONS"),
  "good probe": { says: "a probe that finds nothing wrong", steps: "@ probe ok:* ok:a1 ok:a2", by: "read" },
  quota: read("a run that a quota, our keys or a bad request of ours stops", "ours"),
  "needs customer": read("a run that only the customer could go on with", "needs-customer"),
  hold: act("a finish begins", "hold"),
  finish: act("the first link is finished", "finish"),
  reconnect: act("a reconnect is finished", "reconnect"),
  refresh: act("a forced refresh is accepted", "refresh"),
  rival: act("another connection claims the same provider connection", "rival"),
  "rival gone": act("the connection with the greater claim is deleted", "rival gone"),
  deletion: act("deletion", "delete"),
  // Whatever its story has set going.
  clock: { says: "its time runs out", steps: "", by: "clock" },
} as const satisfies Record<string, Fact>;

export type FactName = keyof typeof FACTS;
/** A trouble of the whole connection, by its own state. */
export type Cause = FactName | `trouble ${State}`;

/** The rows that a run may report of the whole connection: all but our own, the soft ones and the partial one. */
const TROUBLES = STATES.filter(
  (state) =>
    /^(DEGRADED|RECONNECT_REQUIRED|UNRECOVERABLE|UNDETERMINED)/.test(state) &&
    !/INTERACTIVE_REFRESH|CONTINUED_AGGREGATION_FAILURES/.test(state),
);

const CAUSES: readonly [Cause, Fact][] = [
  ...(Object.entries(FACTS) as [FactName, Fact][]),
  ...TROUBLES.map((state): [Cause, Fact] => [`trouble ${state}`, read("that, of the whole connection", `*!${state}`)]),
];

export interface Exit {
  cause: Cause;
  to: State;
  says: string;
  by: Fact["by"];
}

/** Every fact and act that moves a connection on from where this way has led it. */
export function exitsOf(start: Way): Exit[] {
  return CAUSES.flatMap(([cause, fact]) => {
    const to = after(start, fact);
    return to === null || to === start.state ? [] : [{ cause, to, says: fact.says, by: fact.by }];
  });
}

/** Where the story itself leads. */
export const startOf = ({ story, at }: Way): State => play(parse(`${story} => ACTIVE at ${at}`, story)).state;

function after(start: Way, fact: Fact): State | null {
  const { story, at, state } = start;
  if (fact.steps === "") return afterClock(start);
  // Before the first link there is nothing to read.
  if (state === "IN_PROGRESS" && fact.by !== "act") return null;
  if (fact.by === "act" && !mayBeDone(state, fact.steps)) return null;
  const line = `${story}; ${fact.steps} => ACTIVE at ${fact.seen ?? "@"}`.replaceAll("@", at);
  return play(parse(line, line)).state;
}

function afterClock({ story, at }: Way): State | null {
  const history = parse(`${story} => ACTIVE at ${at}`, story);
  const { until } = play(history);
  return until === null ? null : play({ ...history, at: until }).state;
}

/** A reconnect that may not begin is not finished either; what others do to their connections, nobody here refuses. */
function mayBeDone(state: Leavable, steps: string): boolean {
  const name = steps.replace("@ ", "");
  if (name === "reconnect") return rowOf(state).canReconnect && allows(state, "finish reconnect");
  return name === "rival" || name === "rival gone" || allows(state, name as "refresh");
}
