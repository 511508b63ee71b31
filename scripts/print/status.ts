// docs/status.md: the table as it stands in table.ts, and the numbers behind it.

import * as policy from "../../src/core/status/policy.ts";
import type { Status } from "../../src/core/status/table.ts";
import { STATES, TABLE, terminal } from "../../src/core/status/table.ts";

const { words } = policy;
const flag = (may: boolean) => (may ? "yes" : "no");

// What the row's sentence cannot say: how the states of one status are alike, and who moves a connection on.
const LEGEND: Record<Status, string> = {
  IN_PROGRESS: "A link has begun. It ends in a connection, in EXPIRED, or in a deletion.",
  EXPIRED: "A link that came to nothing. Never left; closing the widget alone does not bring it about.",
  ACTIVE: "Data flow. A reason, if there is one, is an invitation, not a fault.",
  PARTIALLY_ACTIVE: "Part of what was asked for flows, or flows through another connection. Read on the usual cadence.",
  DEGRADED: "Trouble that should pass, or that the customer can settle without a new link. Retried ever more slowly.",
  RECONNECT_REQUIRED: "The customer should reconnect. One free look a day, so that it also heals by itself.",
  UNRECOVERABLE: "Refreshing is pointless. A reconnect may help, and so may the daily free look.",
  UNDETERMINED: "What happened is not known well enough to say more. Retried ever more slowly; the raw answer is kept.",
  DELETED: "Never left. The tombstone answers for it.",
};

const NUMBERS: readonly (readonly [what: string, value: string])[] = [
  ["time to finish the widget", words(policy.widgetLifetime)],
  ["a finish begun in time keeps expiry off for", words(policy.holdExtension)],
  ["failures before a connection counts as lost", `${policy.continuedFailures.count} or more`],
  ["… the latest of them this long after the last success", words(policy.continuedFailures.span)],
  [
    "access counts as ending soon before its end",
    `${words(policy.consentLead.most)}, or 1/${Math.round(1 / policy.consentLead.share)} of its length if that is less`,
  ],
  [
    "data count as stale, if attempts to renew them came to nothing, after",
    `${policy.staleness.cadences} cadences, at least ${words(policy.staleness.atLeast)}`,
  ],
  ["retries of a troubled connection are never further apart than", words(policy.backoffCap)],
];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"-|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

export function print(): string {
  const statuses = [...new Set(TABLE.map((row) => row.status))];
  return `<!-- Printed by \`npm run print\` from src/core/status/table.ts and policy.ts: change those, not this. -->

# How a connection can be

${TABLE.length} states: a status, and with some a reason. A reason alone names nothing, so both name the state together,
as in \`${STATES.find((state) => state.includes("/"))}\`. *Refresh* and *reconnect* say what the API accepts in that
state; where it says no, the answer is 409 and names the state. ${STATES.filter(terminal).join(" and ")} are never left.

${table(
  ["status", "reason", "refresh", "reconnect", "meaning"],
  TABLE.map((r) => [r.status, r.reason ?? "–", flag(r.canRefresh), flag(r.canReconnect), r.meaning]),
)}

## The statuses

${table(
  ["status", "in common"],
  statuses.map((status) => [status, LEGEND[status]]),
)}

## The numbers

${table(["what", "how much"], NUMBERS)}
`;
}
