import { bad, good } from "../provider.ts";
import type { Held, Statements, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { statementsOf } from "./statements.ts";
import { Stated } from "./wire.ts";

/** Told by the farm from memory: no bank is asked, and so no customer. */
export const readConnection = (settings: Settings): Verb<Held, Statements> => ({
  cost: "free",
  source: "cache",
  async run(call, { credential }) {
    const told = await ask(call, settings, { to: "GET /line", grant: credential, shape: Stated });
    return told.ok ? good(statementsOf(told.facts.state, told.facts.requestId)) : bad(told.trouble);
  },
});

/** Some banks of the farm ask the customer something here. */
export const refresh = (settings: Settings): Verb<Held, Statements> => ({
  cost: "free",
  source: "bank",
  mayAsk: true,
  async run(call, { credential }) {
    const told = await ask(call, settings, { to: "POST /line/pull", grant: credential, body: {}, shape: Stated });
    return told.ok ? good(statementsOf(told.facts.state, told.facts.requestId)) : bad(told.trouble);
  },
});
