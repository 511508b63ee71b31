// src/dashboard/moves.ts: which rows can follow which, found by the walk behind docs/transitions.md.

import { STATES } from "../../src/core/status/table.ts";
import { exitsOf, WAYS } from "./walk.ts";

export function print(): string {
  const rows = STATES.map((from) => {
    const exits = WAYS.filter(({ state }) => state === from).flatMap((way) => exitsOf(way).map(({ to }) => to));
    const places = STATES.map((to) => (exits.includes(to) ? "x" : ".")).join("");
    return `  ${/\W/.test(from) ? `"${from}"` : from}: "${places}",`;
  });
  return `/**
 * Which rows of the table can follow which: an x at the other's place in the table. Printed by \`npm run print\` from
 * scripts/print/walk.ts: change that, or the projection, not this.
 */
import type { State } from "../core/status/table.ts";

export const CAN_FOLLOW: Record<State, string> = {
${rows.join("\n")}
};
`;
}
