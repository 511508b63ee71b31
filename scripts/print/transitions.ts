// docs/transitions.md: what leads from each row to which other, found by walking there.

import { rowOf, STATES, type Status, TABLE, terminal } from "../../src/core/status/table.ts";
import { type Exit, exitsOf, FACTS, type FactName, nameOf, WAYS } from "./walk.ts";

const walked = WAYS.map((way) => ({ way, exits: exitsOf(way) }));
const used = new Set(walked.flatMap(({ exits }) => exits.map(({ cause }) => cause)));
const unused = (Object.keys(FACTS) as FactName[]).filter((name) => !used.has(name));

/** One edge for each pair of statuses, with who brings it about. */
function picture(): string {
  const statuses = [...new Set(TABLE.map(({ status }) => status))];
  const edges = new Map<string, Set<Exit["by"]>>();
  for (const { way, exits } of walked) {
    const from: Status = rowOf(way.state).status;
    for (const { to, by } of exits) {
      const { status } = rowOf(to);
      if (status === from) continue;
      const edge = `${from} --> ${status}`;
      edges.set(edge, (edges.get(edge) ?? new Set()).add(by));
    }
  }
  const order = (edge: string) => edge.split(" --> ").map((name) => statuses.indexOf(name as Status));
  const sorted = [...edges].sort(([a], [b]) => {
    const [from = 0, to = 0] = order(a);
    const [otherFrom = 0, otherTo = 0] = order(b);
    return from - otherFrom || to - otherTo;
  });
  return [
    "stateDiagram-v2",
    "  [*] --> IN_PROGRESS",
    ...sorted.map(([edge, by]) => `  ${edge}: ${[...by].sort().join(", ")}`),
    ...STATES.filter(terminal).map((state) => `  ${state} --> [*]`),
  ].join("\n");
}

function table(exits: readonly Exit[]): string {
  const told = exits.filter((exit) => !isItself(exit));
  const targets = STATES.filter((state) => told.some(({ to }) => to === state));
  const rows = targets.map((state) => {
    const said = told.filter(({ to }) => to === state).map(({ says }) => says);
    return `| ${state} | ${said.join(" · ")} |`;
  });
  return ["| to | by |", "|-|-|", ...rows, ...troubles(exits)].join("\n");
}

const isItself = ({ cause, to }: Exit) => cause === `trouble ${to}`;

/** The troubles that show as themselves, a line for each status. */
function troubles(exits: readonly Exit[]): string[] {
  const reasons = new Map<Status, string[]>();
  for (const { to } of exits.filter(isItself)) {
    const { status, reason } = rowOf(to);
    reasons.set(status, [...(reasons.get(status) ?? []), reason ?? ""]);
  }
  return [...reasons].map(([status, all]) => `| ${status}/… | a trouble of the whole connection: ${all.join(" · ")} |`);
}

export function print(): string {
  const sections = walked.map(({ way, exits }) => `## ${nameOf(way)}\n\n${table(exits)}`);
  return `<!-- Printed by \`npm run print\` from scripts/print/walk.ts: change that, or the projection, not this. -->

# How a connection's state changes

Nobody sets a state. It follows from what runs have told and from what was done, so this page is no plan of moves: it is
what the projection answers when, after a story that leads to each row, one thing more happens. A row that two ways lead
to is shown for each of them, because it is not left in the same ways. What is known besides still stands: a connection
that carries other facts may go on to the row that those lead to. ${STATES.filter(terminal).join(" and ")} are never
left.

No row is left by any of these:

${unused.map((name) => `- ${FACTS[name].says}`).join("\n")}

\`\`\`mermaid
${picture()}
\`\`\`

*read*: a run told it · *act*: somebody did it through the API or the widget · *clock*: time alone.

${sections.join("\n\n")}
`;
}
