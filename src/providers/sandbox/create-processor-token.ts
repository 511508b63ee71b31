import { bad, good } from "../provider.ts";
import type { Held, ProcessorTokenAsked, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { Passed } from "./wire.ts";

/** The farm's pass opens nothing anywhere: there is nobody behind it. */
export const createProcessorToken = (settings: Settings): Verb<Held & ProcessorTokenAsked, { token: string }> => ({
  cost: "free",
  source: "cache",
  async run(call, { credential, accountRef, processor }) {
    const told = await ask(call, settings, {
      to: "POST /line/pass",
      grant: credential,
      body: { acct: accountRef, bearer: processor },
      shape: Passed,
      whose: { accountRef },
    });
    return told.ok ? good({ token: told.facts.pass }) : bad(told.trouble);
  },
});
