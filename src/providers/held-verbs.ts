/** The verbs that need a held connection and nothing else, by their names: what the suite tries one after another. */
import type { Product } from "../core/products.ts";
import { type Answer, type Call, good, type Held, type Provider, type Verb } from "./provider.ts";

export type HeldVerb = [name: string, run: (call: Call, held: Held) => Promise<Answer<unknown>>];

/** Which verb reads which product. */
export const READS: Record<Product, keyof Provider> = {
  BALANCES: "readAccounts",
  IDENTIFIERS: "readIdentifiers",
  INVESTMENT_HOLDINGS: "readHoldings",
  INVESTMENT_TRANSACTIONS: "readInvestmentTransactions",
  OWNERS: "readOwners",
  TRANSACTIONS: "readTransactions",
};

const PAGED = ["readTransactions", "readInvestmentTransactions"] as const;
const SIMPLE = [
  "readAccounts",
  "readConnection",
  "refresh",
  "readBalances",
  "readIdentifiers",
  "readOwners",
  "readHoldings",
  "remove",
] as const;

/** `remove` last. */
export function heldVerbs(provider: Provider): HeldVerb[] {
  const paged = PAGED.flatMap((name): HeldVerb[] => {
    const verb: Verb<Held & { cursor: string | null }, unknown> | undefined = provider[name];
    return verb === undefined ? [] : [[name, (call, held) => verb.run(call, { ...held, cursor: null })]];
  });
  const simple = SIMPLE.flatMap((name): HeldVerb[] => {
    const verb: Verb<Held, unknown> | undefined = provider[name];
    return verb === undefined ? [] : [[name, (call, held) => verb.run(call, held)]];
  });
  return [...adopted(provider), ...paged, ...simple];
}

/** Its answer less the credential, which is the caller's own. */
function adopted({ adopt }: Provider): HeldVerb[] {
  if (adopt === undefined) return [];
  const run: HeldVerb[1] = async (call, { credential }) => {
    const answer = await adopt.run(call, { credential });
    return answer.ok ? good(answer.facts.ref) : answer;
  };
  return [["adopt", run]];
}

/** Also of what only may be one: a provider has other things beside its verbs. */
export const isVerb = (value: unknown): value is Verb<never, unknown> =>
  typeof value === "object" && value !== null && "run" in value && "cost" in value;
