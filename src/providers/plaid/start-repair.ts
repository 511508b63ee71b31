import type { Held, LinkSession, StartLink, Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { linkSession } from "./link-token.ts";

/** Link in update mode: the Item and all its ids stay. https://plaid.com/docs/link/update-mode/ */
export const startRepair = (plaid: Plaid, clientName: string): Verb<Held & StartLink, LinkSession> => ({
  cost: "free",
  source: "cache",
  run: (call, input) =>
    linkSession(plaid, call, input, clientName, {
      access_token: input.credential,
      // Also what brings accounts that were opened, or withheld, since the last time.
      update: { account_selection_enabled: true },
    }),
});
