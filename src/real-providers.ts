/** The providers that the settings switch on, besides the fake banks. */
import type { Config } from "./config.ts";
import { plaidOf } from "./plaid-of.ts";
import type { Provider } from "./providers/provider.ts";

const ALL: readonly ((config: Config) => Provider | null)[] = [plaidOf];

export const realProviders = (config: Config): Provider[] => ALL.flatMap((of) => of(config) ?? []);
