// How a bank answers when it is to bring a connection into a row of the table, and what makes that stop: the customer's
// next login, or nothing but the bank. Only answers change; the farm knows nothing of what is made of them.
import type { State } from "../../../core/status/table.ts";

/** A code that `words.ts` does not publish, as a real provider's list is never complete. */
export const UNPUBLISHED = "BANK-7302";

export type Trouble =
  /** Every read answers this code. `everywhere`: so does the status, which otherwise tells it as standing. */
  | { kind: "code"; code: string; everywhere?: true }
  /** Only some accounts answer it. */
  | { kind: "accounts"; code: string }
  /** Nothing is ever answered. */
  | { kind: "never" }
  /** The bank states that the consent ends. */
  | { kind: "consent" }
  /** The customer has one more account that is not shared yet. */
  | { kind: "more" }
  /** The customer must be present for every read. */
  | { kind: "present" };

/** `forAccounts`: the code where only some accounts are concerned; absent: the row cannot be an account's. */
type Row = { answers: Trouble; heals: "login" | "bank"; forAccounts?: string };

const code = (word: string, heals: Row["heals"]): Row => ({
  answers: { kind: "code", code: word },
  heals,
  forAccounts: word,
});

const everywhere = (word: string, forAccounts: string): Row => ({
  answers: { kind: "code", code: word, everywhere: true },
  heals: "bank",
  forAccounts,
});

export const TROUBLES = {
  "ACTIVE/ACCESS_EXPIRING_SOON": { answers: { kind: "consent" }, heals: "login" },
  "ACTIVE/NEW_ACCOUNTS_AVAILABLE": { answers: { kind: "more" }, heals: "login" },
  "PARTIALLY_ACTIVE/PARTIAL_AGGREGATION_SUCCESS": {
    answers: { kind: "accounts", code: "BANK-4061" },
    heals: "bank",
    forAccounts: "BANK-4061",
  },
  "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE": code("BANK-5002", "bank"),
  "DEGRADED/INSTITUTION_ACTION_REQUIRED": code("BANK-4004", "bank"),
  "DEGRADED/SERVICE_PROVIDER_CURRENTLY_UNAVAILABLE": everywhere("BANK-5031", "BANK-5031"),
  "DEGRADED/INTERACTIVE_REFRESH": { answers: { kind: "present" }, heals: "bank" },
  "RECONNECT_REQUIRED/LOGIN_REQUIRED": code("BANK-4001", "login"),
  "RECONNECT_REQUIRED/REPAIRING_INSTITUTION": code("BANK-4021", "login"),
  "RECONNECT_REQUIRED/TOKEN_EXPIRED": code("BANK-4011", "login"),
  "RECONNECT_REQUIRED/OTHER": code("BANK-4013", "login"),
  "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES": code("BANK-5001", "bank"),
  "UNRECOVERABLE/INSTITUTION_DISABLED": code("BANK-5061", "bank"),
  "UNRECOVERABLE/OTHER": code("BANK-4041", "login"),
  "UNDETERMINED/AGGREGATION_TIMEOUT": { answers: { kind: "never" }, heals: "bank", forAccounts: "BANK-5041" },
  "UNDETERMINED/SUBMIT_SERVICE_PROVIDER_TICKET": code("BANK-5051", "bank"),
  "UNDETERMINED/UNKNOWN_SERVICE_PROVIDER_ERROR_CODE": code(UNPUBLISHED, "bank"),
  "UNDETERMINED/INTERNAL_ERROR": everywhere("BANK-1101", "BANK-1105"),
} as const satisfies Partial<Record<State, Row>>;

/** The rows that a bank can cause. The others are the gateway's own: its widget, its deletion, a second link. */
export type BankRow = keyof typeof TROUBLES;
export const BANK_ROWS = Object.keys(TROUBLES) as readonly BankRow[];

export const isBankRow = (row: unknown): row is BankRow => typeof row === "string" && Object.hasOwn(TROUBLES, row);
export const troubleRow = (row: BankRow): Row => TROUBLES[row];
