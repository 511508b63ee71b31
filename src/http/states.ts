/** The table with its counts: how many connections are in each of the rows, and how they moved between them. */
import { z } from "zod";
import type { Instant } from "../core/door.ts";
import { ACTORS, STEPS } from "../core/status/next-step.ts";
import { DAY } from "../core/status/policy.ts";
import { type State, TABLE } from "../core/status/table.ts";
import { countByState, type Move, movesSince, startedSince } from "../store/moves.ts";
import type { Api, Context } from "./context.ts";
import { instant, iso } from "./fields.ts";
import { operation } from "./operation.ts";
import { reason, state, status } from "./render/connection.ts";

const Span = z.object({ in: z.int(), out: z.int() });

export const StatesBody = z
  .object({
    now: instant,
    total: z.int().meta({ description: "Connections of every state, deleted and expired ones too." }),
    states: z.array(
      z.object({
        state,
        status,
        statusReason: reason.nullable(),
        meaning: z.string(),
        actor: z.enum(ACTORS).meta({ description: "Who has to act." }),
        canRefresh: z.boolean(),
        canReconnect: z.boolean(),
        count: z.int(),
        lastDay: Span.meta({ description: "How many came into this state and left it in the last 24 hours." }),
        lastWeek: Span.meta({ description: "The same in the last 7 days." }),
      }),
    ),
    moves: z.array(z.object({ from: state, to: state, lastDay: z.int(), lastWeek: z.int() })).meta({
      description: "How many moved from which state to which, the same connection each time that it did.",
    }),
  })
  .meta({ id: "ConnectionStates" });

/** What many pages ask for at once is counted once. */
const KEPT = 1000;

export function states(app: Api, { gateway }: Context): void {
  const { db, door } = gateway;
  let kept: { until: Instant; told: Promise<z.output<typeof StatesBody>> } | null = null;

  async function count(): Promise<z.output<typeof StatesBody>> {
    const now = door.now();
    const [week, day] = [now - 7 * DAY, now - DAY];
    const [counts, moves, started] = await Promise.all([
      countByState(db),
      movesSince(db, week, day),
      startedSince(db, week, day),
    ]);
    return {
      now: iso(now),
      total: [...counts.values()].reduce((sum, one) => sum + one, 0),
      states: TABLE.map((row) => ({
        state: row.state,
        status: row.status,
        statusReason: row.reason,
        meaning: row.meaning,
        actor: STEPS[row.state].actor,
        canRefresh: row.canRefresh,
        canReconnect: row.canReconnect,
        count: counts.get(row.state) ?? 0,
        lastDay: spanOf(row.state, moves, "lately", started.lately),
        lastWeek: spanOf(row.state, moves, "longer", started.longer),
      })),
      moves: moves.map(({ from, to, lately, longer }) => ({ from, to, lastDay: lately, lastWeek: longer })),
    };
  }

  app.get(
    "/bank-linking/states",
    {
      schema: operation({
        id: "countStates",
        tag: "connections",
        summary: "The table with counts, and how connections moved between its rows",
        answers: { 200: StatesBody },
      }),
    },
    async () => {
      const wall = door.wall();
      if (!kept || kept.until <= wall) kept = { until: wall + KEPT, told: count() };
      const { told } = kept;
      return told.catch((error: unknown) => {
        kept = null;
        throw error;
      });
    },
  );
}

function spanOf(of: State, moves: readonly Move[], span: "lately" | "longer", started: number) {
  const sum = (end: "from" | "to") => moves.reduce((all, move) => all + (move[end] === of ? move[span] : 0), 0);
  return { in: sum("to") + (of === "IN_PROGRESS" ? started : 0), out: sum("from") };
}
