/** The providers that the settings switch on, besides the fake banks. */
import type { Config } from "./config.ts";
import { plaidOf } from "./plaid-of.ts";
import type { Provider } from "./providers/provider.ts";

interface Real {
  /** The settings without which it is off. */
  keys: string;
  /** Null: they are not set. */
  of(config: Config): Provider | null | Promise<Provider | null>;
}

/** By the name that an operator types. */
export const REAL: Readonly<Record<string, Real>> = {
  plaid: { keys: "PLAID_CLIENT_ID and PLAID_SECRET", of: plaidOf },
};

export async function realProviders(config: Config): Promise<Provider[]> {
  const found = await Promise.all(Object.values(REAL).map(async ({ of }) => of(config)));
  return found.flatMap((provider) => provider ?? []);
}
