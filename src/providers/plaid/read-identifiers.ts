import { z } from "zod";
import type { IdentifierFact, Identifiers } from "../../core/account.ts";
import { bad, good, type Held, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";

const of = { account_id: z.string().min(1) };
const number = z.string().min(1);

const answer = z.object({
  numbers: z.object({
    ach: z.array(z.object({ ...of, account: number, routing: number })).default([]),
    eft: z.array(z.object({ ...of, account: number, institution: number, branch: number })).default([]),
    international: z.array(z.object({ ...of, iban: number, bic: z.string() })).default([]),
    bacs: z.array(z.object({ ...of, account: number, sort_code: number })).default([]),
  }),
});

const NONE: Identifiers = { ach: null, eft: null, international: null, bacs: null };

/**
 * Paid once an Item, however often it is read. Accounts that money can't be sent to (cards, loans) are in no list.
 * https://plaid.com/docs/api/products/auth/#authget
 */
export const readIdentifiers = (plaid: Plaid): Verb<Held, readonly IdentifierFact[]> => ({
  cost: "free",
  source: "cache",
  run: async (call, { credential }) => {
    const request = { access_token: credential };
    const told = await plaid(call, (api) => api.authGet(request), answer, { product: "IDENTIFIERS" });
    return told.ok ? good(factsOf(told.facts.numbers)) : bad(told.trouble);
  },
});

/** An account may be reached in several ways; each kind is told at most once. */
function factsOf({ ach, eft, international, bacs }: z.infer<typeof answer>["numbers"]): IdentifierFact[] {
  const found = new Map<string, Identifiers>();
  const add = (account: string, one: Partial<Identifiers>) =>
    found.set(account, { ...(found.get(account) ?? NONE), ...one });
  for (const { account_id, account, routing } of ach)
    add(account_id, { ach: { accountNumber: account, routingNumber: routing } });
  for (const { account_id, account, institution, branch } of eft)
    add(account_id, { eft: { accountNumber: account, institutionNumber: institution, branchNumber: branch } });
  for (const { account_id, iban, bic } of international)
    add(account_id, { international: { iban, bic: bic === "" ? null : bic, accountNumber: null } });
  for (const { account_id, account, sort_code } of bacs)
    add(account_id, { bacs: { accountNumber: account, sortCode: sort_code } });
  return [...found].map(([accountRef, identifiers]) => ({ accountRef, identifiers }));
}
