/** Plaid as the settings have it. */
import type { Config } from "./config.ts";
import { plaid } from "./providers/plaid/plaid.ts";
import type { Provider } from "./providers/provider.ts";

/** Null: its keys are not set. */
export function plaidOf({ PLAID_CLIENT_ID, PLAID_SECRET, PLAID_ENV, PLAID_BASE_URL }: Config): Provider | null {
  if (PLAID_CLIENT_ID === null || PLAID_SECRET === null) return null;
  return plaid({
    clientId: PLAID_CLIENT_ID,
    secret: PLAID_SECRET,
    environment: PLAID_ENV,
    ...(PLAID_BASE_URL !== null && { baseUrl: PLAID_BASE_URL }),
  });
}
