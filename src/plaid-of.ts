/** Plaid as the settings have it. */
import type { Config } from "./config.ts";
import { plaid } from "./providers/plaid/plaid.ts";
import type { Provider } from "./providers/provider.ts";

/** Null: its keys are not set. */
export function plaidOf(config: Config): Provider | null {
  const { PLAID_CLIENT_ID, PLAID_SECRET, PLAID_ENV, PLAID_BASE_URL, BOWLINE_APPLICATION } = config;
  if (PLAID_CLIENT_ID === null || PLAID_SECRET === null) return null;
  return plaid({
    clientId: PLAID_CLIENT_ID,
    secret: PLAID_SECRET,
    environment: PLAID_ENV,
    ...(BOWLINE_APPLICATION !== "" && { clientName: BOWLINE_APPLICATION }),
    ...(PLAID_BASE_URL !== null && { baseUrl: PLAID_BASE_URL }),
  });
}
