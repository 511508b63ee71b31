import { bad, good } from "../provider.ts";
import type { FinishLink, Held, Provider, Repaired, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { statementsOf } from "./statements.ts";
import { Stated, Traded } from "./wire.ts";

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
    const { line, grant, house, state } = traded.facts;
    return good({
      ref: line,
      credential: grant,
      institution: { ref: house.id, name: house.name },
      statements: statementsOf(state),
    });
  },
});

/** In place: the line is mended and the grant that we hold goes on. */
export const finishRepair = (settings: Settings): Verb<Held & FinishLink, Repaired> => ({
  cost: "free",
  source: "cache",
  async run(call, input) {
    const traded = await ask(call, settings, {
      to: "POST /slips/trade",
      body: body(input),
      shape: Stated,
      whose: { scope: "session" },
    });
    if (!traded.ok) return bad(traded.trouble);
    return good({ kind: "in place", statements: statementsOf(traded.facts.state) });
  },
});
