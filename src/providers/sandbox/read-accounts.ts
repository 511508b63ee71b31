import type { AccountFact, AccountType, Balances } from "../../core/account.ts";
import type { Instant } from "../../core/door.ts";
import { bad, good } from "../provider.ts";
import type { Provider } from "../provider.ts";
import { unreadable } from "../reading.ts";
import { moneyOf } from "./amounts.ts";
import { ask } from "./client.ts";
import type { Settings } from "./client.ts";
import { statementsOf } from "./statements.ts";
import { Accounts } from "./wire.ts";
import type { Account } from "./wire.ts";

/** The kind of account, and by which sign its ledger tells what is owed. */
export const KINDS: Record<Account["kind"], { type: AccountType; subtype: string; sign: 1 | -1 }> = {
  current: { type: "DEPOSITORY", subtype: "CHECKING", sign: 1 },
  saver: { type: "DEPOSITORY", subtype: "SAVINGS", sign: 1 },
  card: { type: "CREDIT", subtype: "CREDIT_CARD", sign: -1 },
  loan: { type: "LOAN", subtype: "LOAN", sign: 1 },
  depot: { type: "INVESTMENT", subtype: "BROKERAGE", sign: 1 },
};

export const readAccounts = (settings: Settings): Provider["readAccounts"] => ({
  cost: "free",
  source: "bank",
  async run(call, { credential }) {
    const told = await ask(call, settings, { to: "GET /line/accounts", grant: credential, shape: Accounts });
    if (!told.ok) return bad(told.trouble);
    // The accounts that do not answer are among the farm's standing codes too, and are told from there.
    const statements = statementsOf(told.facts.state, told.facts.requestId);
    const asOf = statements.dataAsOf?.BALANCES ?? null;
    try {
      return good({ accounts: told.facts.accounts.map((account) => factOf(account, asOf)), statements });
    } catch (error) {
      if (error instanceof RangeError) return bad(unreadable(error.message));
      throw error;
    }
  },
});

function factOf(account: Account, asOf: Instant | null): AccountFact {
  const { type, subtype, sign } = KINDS[account.kind];
  const fact = { ref: account.no, name: account.title, type, subtype, mask: account.tail, active: true };
  return "fault" in account ? fact : { ...fact, balances: balancesOf(account, sign, asOf) };
}

function balancesOf(account: Exclude<Account, { fault: string }>, sign: 1 | -1, asOf: Instant | null): Balances {
  const { amount, currency } = moneyOf(sign * account.ledger, account.cur);
  const available = account.free === undefined ? null : moneyOf(account.free, account.cur).amount;
  return { currency, current: amount, available, asOf };
}
