import type { z } from "zod";
import { bad, good } from "../provider.ts";
import type { FinishLink, Held, Linked, Provider, Repaired, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { statementsOf } from "./statements.ts";
import { Mended, Traded } from "./wire.ts";

/** The proof's one part: what the customer brings back from the bank. */
const body = ({ state, proof }: FinishLink): unknown => ({ sitting: state, slip: proof["slip"] ?? "" });

export const finishLink = (settings: Settings): Provider["finishLink"] => ({
  cost: "once",
  source: "cache",
  async run(call, input) {
    const traded = await ask(call, settings, {
      to: "POST /slips/trade",
      body: body(input),
      shape: Traded,
      whose: { scope: "session" },
    });
    if (!traded.ok) return bad(traded.trouble);
    return good(linkedBy(traded.facts));
  },
});

const linkedBy = ({ line, grant, house, state }: z.infer<typeof Traded>): Linked => ({
  ref: line,
  credential: grant,
  institution: { ref: house.id, name: house.name },
  statements: statementsOf(state),
});

/** In place, mostly: the line is mended and the grant that we hold goes on. Some houses open a new line instead. */
export const finishRepair = (settings: Settings): Verb<Held & FinishLink, Repaired> => ({
  cost: "free",
  source: "cache",
  async run(call, input) {
    const traded = await ask(call, settings, {
      to: "POST /slips/trade",
      body: body(input),
      shape: Mended,
      whose: { scope: "session" },
    });
    if (!traded.ok) return bad(traded.trouble);
    if ("grant" in traded.facts) return good({ kind: "relinked", linked: linkedBy(traded.facts) });
    return good({ kind: "in place", statements: statementsOf(traded.facts.state) });
  },
});
