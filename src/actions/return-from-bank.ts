/**
 * The customer comes back from a page of the bank's or the provider's. The finish happens here, on the server, so that
 * nothing is lost with the tab in which it all began.
 */
import { beginning } from "../core/label.ts";
import { Refusal } from "../core/refusal.ts";
import { getConnection } from "../store/connections.ts";
import { lockCustomer } from "../store/customers.ts";
import { saveSession } from "../store/sessions.ts";
import { connectToken, sessionOfReturn } from "./connect-token.ts";
import { finishSession } from "./finish-link.ts";
import type { Gateway } from "./gateway.ts";
import { noteSession, openSession } from "./session.ts";

/** `brought` is all that stood in the address. What comes of it, the session tells to whoever shows it. */
export async function returnFromBank(gateway: Gateway, state: string, brought: Record<string, string>): Promise<void> {
  const sessionId = sessionOfReturn(gateway.ring, state);
  const token = connectToken(gateway.ring, sessionId);
  try {
    if (brought["error"] === undefined) await finishSession(gateway, token, brought, "ask");
    else await declined(gateway, token, brought["error"]);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** The customer said no at the bank, or the bank did. */
async function declined(gateway: Gateway, token: string, code: string): Promise<void> {
  const { session, connection } = await openSession(gateway, token);
  if (session.finishedAt !== null) return;
  const failure = { code: beginning(code, 64).toUpperCase(), message: "The bank's page ended without a yes." };
  await gateway.db.tx("declined", async (sql) => {
    const fresh = await getConnection(sql, connection.id);
    await lockCustomer(sql, session.home, connection.customerId);
    await saveSession(sql, { ...session, failure });
    if (fresh) await noteSession(sql, gateway, fresh, { step: "return", raw: { code: failure.code } });
  });
}
