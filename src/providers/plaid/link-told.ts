/** What Plaid still has of a session of Link's, for six hours: the way to a result that no page handed on. */
import { z } from "zod";
import { type Answer, bad, type Brought, type Call, type FinishLink, good, type Verb } from "../provider.ts";
import type { Plaid } from "./client.ts";
import { subtypeOf } from "./read-accounts.ts";

const added = z.object({
  public_token: z.string().min(1),
  accounts: z
    .array(z.object({ name: z.string().nullish(), mask: z.string().nullish(), subtype: z.string().nullish() }))
    .nullish(),
  institution: z.object({ institution_id: z.string().nullish() }).nullish(),
});

/** https://plaid.com/docs/api/link/#linktokenget */
const told = z.object({
  link_sessions: z
    .array(
      z.object({
        finished_at: z.string().nullish(),
        exit: z.object({}).nullish(),
        results: z.object({ item_add_results: z.array(added) }).nullish(),
      }),
    )
    .nullish(),
});

type Added = z.infer<typeof added>;
type Sessions = NonNullable<z.infer<typeof told>["link_sessions"]>;

const notFinished = bad({
  scope: "session",
  state: null,
  raw: { code: "LINK_NOT_FINISHED", message: "Link has not been finished; open it again with the same token." },
});

async function sessionsOf(plaid: Plaid, call: Call, state: string): Promise<Answer<Sessions>> {
  const answer = await plaid(call, (api) => api.linkTokenGet({ link_token: state }), told, { session: true });
  return answer.ok ? good(answer.facts.link_sessions ?? []) : answer;
}

/** The last Item that was added with the token. */
export async function addedWith(plaid: Plaid, call: Call, state: string): Promise<Answer<Added>> {
  const sessions = await sessionsOf(plaid, call, state);
  if (!sessions.ok) return sessions;
  const last = sessions.facts.flatMap((one) => one.results?.item_add_results ?? []).at(-1);
  return last ? good(last) : notFinished;
}

/** A session in update mode adds nothing; it is finished, and was not left. */
export async function finishedWith(plaid: Plaid, call: Call, state: string): Promise<Answer<null>> {
  const sessions = await sessionsOf(plaid, call, state);
  if (!sessions.ok) return sessions;
  const isFinished = sessions.facts.some(
    ({ finished_at: at, exit, results }) => (at && !exit) || (results?.item_add_results.length ?? 0) > 0,
  );
  return isFinished ? good(null) : notFinished;
}

export const lookAtProof = (plaid: Plaid): Verb<FinishLink, Brought> => ({
  cost: "free",
  source: "cache",
  run: async (call, { state }) => {
    const last = await addedWith(plaid, call, state);
    if (!last.ok) return last;
    const { accounts, institution } = last.facts;
    return good({
      institutionRef: institution?.institution_id ?? "",
      ref: null,
      accounts: (accounts ?? []).map(({ name, mask, subtype }) => ({
        name: name ?? "",
        mask: mask ?? null,
        subtype: subtypeOf(subtype),
      })),
    });
  },
});
