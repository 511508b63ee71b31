import type { z } from "zod";
import type { IdentifierFact, Identifiers } from "../../core/account.ts";
import { bad, good } from "../provider.ts";
import type { Held, Verb } from "../provider.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { Numbers } from "./wire.ts";

type Row = z.infer<typeof Numbers>["rows"][number];

const NONE: Identifiers = { ach: null, eft: null, international: null, bacs: null };

/** An account has a row for each scheme that it can be reached by; cards and loans have none. */
export const readIdentifiers = (settings: Settings): Verb<Held, readonly IdentifierFact[]> => ({
  cost: "free",
  source: "bank",
  async run(call, { credential }) {
    const told = await ask(call, settings, {
      to: "GET /line/numbers",
      grant: credential,
      shape: Numbers,
      whose: { product: "IDENTIFIERS" },
    });
    if (!told.ok) return bad(told.trouble);
    const found = new Map<string, Identifiers>();
    for (const row of told.facts.rows) found.set(row.acct, { ...(found.get(row.acct) ?? NONE), ...identifiers(row) });
    return good([...found].map(([accountRef, one]) => ({ accountRef, identifiers: one })));
  },
});

function identifiers(row: Row): Partial<Identifiers> {
  switch (row.scheme) {
    case "us":
      return { ach: { accountNumber: row.number, routingNumber: row.route } };
    case "gb":
      return { bacs: { accountNumber: row.number, sortCode: row.sort } };
    case "iban":
      return { international: { iban: row.iban, bic: row.bic, accountNumber: null } };
  }
}
