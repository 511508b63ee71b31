import { bad, good } from "../provider.ts";
import type { Held, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { Closed } from "./wire.ts";

export const remove = (settings: Settings): Verb<Held, null> => ({
  cost: "free",
  source: "cache",
  async run(call, { credential }) {
    const told = await ask(call, settings, { to: "POST /line/close", grant: credential, body: {}, shape: Closed });
    return told.ok ? good(null) : bad(told.trouble);
  },
});
