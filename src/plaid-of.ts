/**
 * Plaid as the settings have it. Its client is loaded only where it is switched on: the official package is ten
 * megabytes of source, which a process without keys would carry for nothing.
 */
import type { Config } from "./config.ts";
import type { Provider } from "./providers/provider.ts";

/** Null: its keys are not set. */
export async function plaidOf(config: Config): Promise<Provider | null> {
  const { PLAID_CLIENT_ID, PLAID_SECRET, PLAID_ENV, PLAID_BASE_URL, BOWLINE_APPLICATION } = config;
  if (PLAID_CLIENT_ID === null || PLAID_SECRET === null) return null;
  const { plaid } = await import("./providers/plaid/plaid.ts");
  return plaid({
    clientId: PLAID_CLIENT_ID,
    secret: PLAID_SECRET,
    environment: PLAID_ENV,
    ...(BOWLINE_APPLICATION !== "" && { clientName: BOWLINE_APPLICATION }),
    ...(PLAID_BASE_URL !== null && { baseUrl: PLAID_BASE_URL }),
  });
}
