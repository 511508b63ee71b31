import { good, type Answer, type Call, type Held, type LinkSession, type StartLink, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { BEYOND_REPAIR } from "./codes.ts";
import { linkSession } from "./link-token.ts";
import { linkAnew } from "./start-link.ts";
import { itemAnswer } from "./statements.ts";

/** A state that begins so is of a repair that makes a new Item; the link token stands behind it. */
export const ANEW = "anew ";

/**
 * Link in update mode: the Item and all its ids stay. https://plaid.com/docs/link/update-mode/ . Where that can't cure
 * it, the customer links the bank anew in the same session, and a new Item takes the old one's place.
 */
export const startRepair = (plaid: Plaid, clientName: string): Verb<Held & StartLink, LinkSession> => ({
  cost: "free",
  source: "cache",
  run: async (call, input) => {
    if (await isBeyondRepair(plaid, call, input)) return anew(await linkAnew(plaid, call, input, clientName));
    const begun = await linkSession(plaid, call, input, clientName, {
      access_token: input.credential,
      // Also what brings accounts that were opened, or withheld, since the last time.
      update: { account_selection_enabled: true },
    });
    // What was withdrawn just now, or is told to Link alone.
    const isRefused = !begun.ok && BEYOND_REPAIR.has(begun.trouble.raw.code);
    return isRefused ? anew(await linkAnew(plaid, call, input, clientName)) : begun;
  },
});

/** By what stands on the Item now. An outage says nothing of it: then update mode is tried. */
async function isBeyondRepair(plaid: Plaid, call: Call, { credential }: Held): Promise<boolean> {
  const told = await plaid(call, (api) => api.itemGet({ access_token: credential }), itemAnswer, { session: true });
  const code = told.ok ? told.facts.item.error?.error_code : told.trouble.raw.code;
  return code !== undefined && BEYOND_REPAIR.has(code);
}

const anew = (begun: Answer<LinkSession>): Answer<LinkSession> =>
  begun.ok ? good({ ...begun.facts, state: `${ANEW}${begun.facts.state}`, relinks: true }) : begun;
