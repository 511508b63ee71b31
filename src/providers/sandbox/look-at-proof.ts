import { bad, good } from "../provider.ts";
import type { Brought, FinishLink, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { KINDS } from "./read-accounts.ts";
import { Looked } from "./wire.ts";

export const lookAtProof = (settings: Settings): Verb<FinishLink, Brought> => ({
  cost: "free",
  source: "cache",
  async run(call, { proof }) {
    const told = await ask(call, settings, {
      to: "POST /slips/look",
      body: { slip: proof["slip"] ?? "" },
      shape: Looked,
      whose: { scope: "session" },
    });
    if (!told.ok) return bad(told.trouble);
    const { house, line, accounts } = told.facts;
    return good({
      institutionRef: house,
      ref: line,
      accounts: accounts.map(({ kind, title, tail }) => ({ name: title, mask: tail, subtype: KINDS[kind].subtype })),
    });
  },
});
