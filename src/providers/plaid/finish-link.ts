import { z } from "zod";
import { bad, good, type Answer, type Call, type FinishLink, type Linked, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { addedWith } from "./link-told.ts";
import { type item, itemAnswer, statementsOf } from "./statements.ts";

const exchanged = z.object({ access_token: z.string().min(1), item_id: z.string().min(1) });

export const finishLink = (plaid: Plaid): Verb<FinishLink, Linked> => ({
  cost: "once",
  source: "cache",
  run: async (call, { state, proof }) => {
    const token = proof["publicToken"] ? good(proof["publicToken"]) : await lostToken(plaid, call, state);
    if (!token.ok) return token;
    const got = await plaid(call, (api) => api.itemPublicTokenExchange({ public_token: token.facts }), exchanged, {
      session: true,
    });
    if (!got.ok) return bad(got.trouble);
    const { access_token: credential, item_id: ref } = got.facts;
    return good({ ref, credential, ...(await firstLook(plaid, call, credential, proof)) });
  },
});

/** The phone put the page away during the bank's log-in: Plaid still has the session's result for its token. */
async function lostToken(plaid: Plaid, call: Call, state: string): Promise<Answer<string>> {
  const last = await addedWith(plaid, call, state);
  return last.ok ? good(last.facts.public_token) : last;
}

/**
 * The exchange cannot be repeated, so whatever happens to this second call, the token it brought is handed back: the
 * first run reads again what is missing here.
 */
async function firstLook(plaid: Plaid, call: Call, credential: string, proof: FinishLink["proof"]) {
  const { institutionId = "", institutionName = "" } = proof;
  const told = await plaid(call, (api) => api.itemGet({ access_token: credential }), itemAnswer).catch(() => null);
  if (!told?.ok) return { institution: { ref: institutionId, name: institutionName }, statements: {} };
  return { institution: institutionOf(told.facts.item, proof), statements: statementsOf(told.facts) };
}

const institutionOf = (
  told: z.infer<typeof item>,
  { institutionId = "", institutionName = "" }: FinishLink["proof"],
) => ({
  ref: told.institution_id || institutionId,
  name: told.institution_name || institutionName,
});
