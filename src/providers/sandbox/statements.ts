// What the farm states of a line, in our words.
import type { Instant } from "../../core/door.ts";
import type { Product } from "../../core/products.ts";
import type { Statements, Trouble } from "../provider.ts";
import { troubleOf } from "../reading.ts";
import { CODES } from "./codes.ts";
import type { State } from "./wire.ts";

type Want = State["lacks"][number];

/** The farm's words for what can be asked. Everything that the sandbox offers stands here. */
export const WANT = {
  BALANCES: "BAL",
  IDENTIFIERS: "NUM",
  OWNERS: "WHO",
  TRANSACTIONS: "TXN",
  INVESTMENT_HOLDINGS: "POS",
  INVESTMENT_TRANSACTIONS: "TRD",
} as const satisfies Partial<Record<Product, Want>>;

const offered = Object.entries(WANT) as [keyof typeof WANT, Want][];

export const PRODUCTS: readonly Product[] = offered.map(([product]) => product);

export const productsOf = (wants: readonly Want[]): Product[] =>
  offered.flatMap(([product, want]) => (wants.includes(want) ? [product] : []));

export const wantsOf = (products: readonly Product[]): Want[] =>
  offered.flatMap(([product, want]) => (products.includes(product) ? [want] : []));

/** `requestId`: of the answer that told it. */
export function statementsOf(state: State, requestId?: string): Statements {
  const lacking = productsOf(state.lacks);
  return {
    interactive: state.present,
    consentExpiresAt: state.ends === null ? null : state.ends * 1000,
    newAccounts: state.more,
    ...(state.reached === true ? { institutionSupported: true } : {}),
    // Only what is missing: that a product is there is told by its reads.
    unavailable: Object.fromEntries(lacking.map((product) => [product, true])),
    dataAsOf: asOf(state.asof),
    troubles: troublesOf(state.standing, requestId),
  };
}

/** Standing codes; one with an account is that account's trouble. */
export const troublesOf = (
  standing: readonly { code: string; acct?: string | undefined }[],
  requestId?: string,
): Trouble[] =>
  standing.map(({ code, acct }) =>
    troubleOf(
      code,
      CODES,
      requestId === undefined ? {} : { requestId },
      acct === undefined ? {} : { accountRef: acct },
    ),
  );

function asOf(told: State["asof"]): Partial<Record<Product, Instant>> {
  const known = offered.flatMap(([product, want]) => {
    const at = told[want];
    return at === undefined ? [] : [[product, at * 1000] as const];
  });
  return Object.fromEntries(known);
}
