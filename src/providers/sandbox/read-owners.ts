import type { OwnerFact, Reached } from "../../core/account.ts";
import { bad, good } from "../provider.ts";
import type { Held, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { Holders } from "./wire.ts";

export const readOwners = (settings: Settings): Verb<Held, readonly OwnerFact[]> => ({
  cost: "free",
  source: "bank",
  async run(call, { credential }) {
    const told = await ask(call, settings, {
      to: "GET /line/holders",
      grant: credential,
      shape: Holders,
      whose: { product: "OWNERS" },
    });
    if (!told.ok) return bad(told.trouble);
    return good(
      told.facts.rows.map(({ acct, holder }) => ({
        accountRef: acct,
        owners: [
          {
            names: holder.called,
            addresses: [],
            emails: holder.mail.map(unknown),
            phoneNumbers: holder.call.map(unknown),
          },
        ],
      })),
    );
  },
});

/** The farm tells no order among them. */
const unknown = (data: string): Reached => ({ data, primary: "UNKNOWN" });
