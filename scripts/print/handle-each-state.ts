// docs/guides/handle-each-state.md: what an application shows and does in each row, from the table, the next steps and
// the connect page's own texts.

import { type Actor, STEPS } from "../../src/core/status/next-step.ts";
import { type Row, type Status, TABLE, terminal } from "../../src/core/status/table.ts";
import { type Action, MESSAGES } from "../../src/widget/texts/states.ts";

/** What the application does with each button of the connect page's. */
const DOES: Record<Action, string> = {
  repair: "a button that opens a repair",
  close: "no button",
  again: "a button that starts a new link",
  "other bank": "a button that starts a new link",
};

/** Data that are there already stay usable; what an application may say of them. */
const DATA: Record<Status, string> = {
  IN_PROGRESS: "There are no data yet. A tab that was closed goes on under the same token, so keep it until EXPIRED.",
  EXPIRED: "There are no data. A late finish makes a new connection, which names this one in `replacesConnectionId`.",
  ACTIVE: "Data are current, within the cadence. A reason is an invitation: offer it, and interrupt nobody.",
  PARTIALLY_ACTIVE: "What arrives is current. `dataAsOf` and the accounts say which part is older; show its age.",
  DEGRADED: "Data are those of the last success. Show their age, and ask for a login only where a button is named.",
  RECONNECT_REQUIRED: "Data are those of the last success and will not be renewed. Ask the customer, by mail too.",
  UNRECOVERABLE: "Data are those of the last success. A refresh is refused with 409; a repair may still help.",
  UNDETERMINED: "Data are those of the last success. It is not known to be well, so do not show it as well.",
  DELETED: "There are no data any more, and `GET` goes on to answer for a year. Forget it.",
};

const WHO: Record<Actor, string> = {
  customer: "the customer",
  institution: "the bank",
  provider: "the provider",
  operator: "your operator",
  nobody: "nobody",
};

const buttonOf = ({ state, canReconnect }: Row): string => {
  const { action } = MESSAGES[state]("…");
  return action === "repair" && !canReconnect ? DOES.close : DOES[action];
};

const line = (row: Row): string => {
  const { title, text } = MESSAGES[row.state]("the bank");
  const { actor, what } = STEPS[row.state];
  const shown = `**${capital(title)}.** ${capital(text)}`;
  return `| ${row.reason ?? "–"} | ${shown} | ${buttonOf(row)} | ${WHO[actor]} | ${what} |`;
};

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function section(status: Status): string {
  const rows = TABLE.filter((row) => row.status === status);
  const flags = rows.map(({ canRefresh, canReconnect }) => `${canRefresh} ${canReconnect}`);
  const { canRefresh, canReconnect } = rows[0] as Row;
  const may = new Set(flags).size === 1 ? `Refresh: ${yes(canRefresh)}. Reconnect: ${yes(canReconnect)}.` : "";
  return `### ${status}

${DATA[status]} ${may || "`canRefresh` and `canReconnect` say what may be done."}

| reason | show | offer | whose turn | and |
|-|-|-|-|-|
${rows.map(line).join("\n")}
`;
}

const yes = (may: boolean): string => (may ? "yes" : "no");

const SNIPPET = `// screen.mjs
/** What a customer sees of a connection. \`repair\` opens POST /bank-linking/connect/repair for its id. */
export function screenOf({ status, statusReason, canReconnect, nextStep, institutionName }) {
  const state = statusReason ? \`\${status}/\${statusReason}\` : status;
  if (status === "DELETED" || status === "EXPIRED") return { state, tone: "gone", button: null };
  if (state === "ACTIVE") return { state, tone: "well", button: null };
  const asks = nextStep.actor === "customer" && canReconnect;
  const tone = status === "ACTIVE" ? "well" : asks ? "act" : "wait";
  return { state, tone, button: asks ? \`Reconnect \${institutionName}\` : null };
}`;

const ENDS = TABLE.filter(({ state }) => terminal(state))
  .map(({ state }) => state)
  .join(" and ");

export function print(): string {
  const statuses = [...new Set(TABLE.map((row) => row.status))];
  return `<!-- Printed by \`npm run print\` from the table, its steps and the connect page's texts: change those. -->

# Handle each state

What an application shows and does in each of the ${TABLE.length} states. \`$U\` is the gateway, \`$K\` an API key.

- **Listen** to \`BANK_LINKING_CONNECTION_STATUS_CHANGE\` ([how](receive-webhooks.md)), then fetch the connection and
  show what it is *now*: of two events the later may arrive first.
- **Follow the flags**, not a list of your own: \`canRefresh\`, \`canReconnect\`, and \`nextStep\`, which says whose
  turn it is, what to do, and when the gateway acts next by itself. Then a state that you do not know is handled too.
- **Do not retry** for the gateway: it does, at a pace that suits the bank. A refresh of yours is for a customer who
  asks.
- **${ENDS}** are never left. [transitions.md](../transitions.md) says what leads from one of the others to another.

The least that is right, for all of them:

\`\`\`js
${SNIPPET}
\`\`\`

\`\`\`sh
ID=$(curl -s $U/sandbox/connections -H "Authorization: Bearer $K" -H 'Content-Type: application/json' \\
  -d '{"externalCustomerId":"ada"}' | jq -r .id)
cat > show.mjs <<'END'
import { screenOf } from "./screen.mjs";
const headers = { authorization: \`Bearer \${process.env.K}\` };
const answer = await fetch(\`\${process.env.U}/bank-linking/connections/\${process.argv[2]}\`, { headers });
console.log(JSON.stringify(screenOf(await answer.json())));
END
K=$K U=$U node show.mjs $ID
\`\`\`

\`\`\`json
{ "state": "ACTIVE", "tone": "well", "button": null }
\`\`\`

\`\`\`sh
curl -s $U/sandbox/connections/$ID/trouble -H "Authorization: Bearer $K" -H 'Content-Type: application/json' \\
  -d '{"state":"RECONNECT_REQUIRED/TOKEN_EXPIRED"}' > /dev/null
until K=$K U=$U node show.mjs $ID | grep -q RECONNECT; do sleep 0.1; done
K=$K U=$U node show.mjs $ID
\`\`\`

\`\`\`json
{ "state": "RECONNECT_REQUIRED/TOKEN_EXPIRED", "tone": "act", "button": "Reconnect Copper Mesa Bank" }
\`\`\`

## State by state

*Show* is what the connect page itself says, to take as it is or to put in words of your own.
[test-on-the-farm.md](test-on-the-farm.md) reaches each of them.

${statuses.map(section).join("\n")}`;
}
