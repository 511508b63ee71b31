// The houses of the farm. First ordinary ones, then one per row of the table that a bank can cause, then one per habit.
// Everywhere any name logs in with the password and, where asked, the answer below.
import { DAY } from "../../../core/status/policy.ts";
import type { Millis } from "../../../core/door.ts";
import { BANK_ROWS } from "./troubles.ts";
import type { BankRow } from "./troubles.ts";

export const PASSWORD = "good";
export const ANSWER = "1234";

/** What the farm can be asked for, in its own words: balances, numbers, owners, transactions, positions, trades. */
export const WANTS = ["BAL", "NUM", "WHO", "TXN", "POS", "TRD"] as const;
export type Want = (typeof WANTS)[number];

/** Only of houses that keep a custody account. */
const OF_A_DEPOT: ReadonlySet<Want> = new Set(["POS", "TRD"]);

export const offers = ({ habits }: Pick<Bank, "habits">, want: Want): boolean =>
  habits.lacks?.includes(want) !== true && (habits.invests === true || !OF_A_DEPOT.has(want));

/** What becomes of what a house posts. `forged`: a stranger writes in its name, and it itself never does. */
export type PostHabit = "lost" | "doubled" | "late" | "disordered" | "forged";

export interface Habits {
  /** The row that this house brings every new line into. */
  row?: BankRow;
  /** The second factor is asked for at every login. */
  mfa?: true;
  /** The customer first chooses where the code is sent. */
  ways?: readonly string[];
  /** The login happens on the house's own page, and nowhere else in a browser. */
  page?: true;
  /** Every link of the same login is a line of its own, under a new reference. */
  renews?: true;
  /** The customer chooses which accounts to share. */
  choose?: true;
  /** The customer must be present for every read. */
  present?: true;
  /** How long a login's consent lasts. */
  consent?: Millis;
  /** One more account is opened so long after the link. */
  opens?: Millis;
  /** Every so-manieth read fails. */
  flaky?: number;
  /** An answer takes so long. */
  slow?: Millis;
  /** Reads a day, per line and kind of data, while the customer is away. */
  perDay?: number;
  /** Reads a minute, of all lines together. */
  perMinute?: number;
  /** Once a day the pages move while they are being turned. */
  shifts?: true;
  /** Every second day has the same purchase twice. */
  twins?: true;
  /** The second account behind a login is a custody account. */
  invests?: true;
  /** A repair opens a new line, on which every account and every entry has a new reference. */
  relinks?: true;
  /** Two of its accounts are alike in all that a person can see. */
  alike?: true;
  /** On a new line one account is gone, and another one there. */
  exchanges?: true;
  /** What it does not offer. */
  lacks?: readonly Want[];
  post?: PostHabit;
}

export interface Bank {
  id: string;
  name: string;
  land: "US" | "GB";
  habits: Habits;
}

const bank = (id: string, name: string, land: Bank["land"], habits: Habits = {}): Bank => ({ id, name, land, habits });

const ordinary: readonly Bank[] = [
  bank("bank-copper-mesa", "Copper Mesa Bank", "US"),
  bank("bank-tallgrass", "Tallgrass Community Credit Union", "US"),
  bank("bank-lantern-harbor", "Lantern Harbor Savings", "US"),
  bank("bank-thistle-moor", "Thistle Moor Bank", "GB"),
  bank("bank-wrenfield", "Wrenfield Building Society", "GB"),
];

/** What customers call a house besides its name. */
export const AKA: Readonly<Record<string, string[]>> = {
  "bank-copper-mesa": ["CMB"],
  "bank-tallgrass": ["Tallgrass CU", "Prairie Teachers Credit Union"],
};

const habitual: readonly Bank[] = [
  bank("bank-mfa", "Second Factor Bank", "US", { mfa: true }),
  bank("bank-mfa-choice", "Choose Your Factor Bank", "US", {
    mfa: true,
    ways: ["Text message to ··41", "Code in the app"],
  }),
  bank("bank-own-page", "Harborlight Bank", "US", { page: true, choose: true }),
  bank("bank-new-ids", "New Ids Bank", "US", { renews: true }),
  bank("bank-choose-accounts", "Choose Your Accounts Bank", "US", { choose: true }),
  bank("bank-consent-90-days", "Ninety Days Consent Bank", "GB", { consent: 90 * DAY }),
  bank("bank-consent-3-days", "Three Days Consent Bank", "GB", { consent: 3 * DAY }),
  bank("bank-accounts-appear", "Accounts Appear Bank", "US", { opens: 3 * DAY }),
  bank("bank-flaky", "Flaky Bank", "US", { flaky: 7 }),
  bank("bank-slow", "Slow Bank", "US", { slow: 1_200 }),
  bank("bank-four-reads-a-day", "Four Reads a Day Bank", "GB", { perDay: 4, consent: 90 * DAY }),
  bank("bank-crowded", "Crowded Bank", "US", { perMinute: 60 }),
  bank("bank-shifting-pages", "Shifting Pages Bank", "US", { shifts: true }),
  bank("bank-equal-purchases", "Equal Purchases Bank", "US", { twins: true }),
  bank("bank-investments", "Investments Bank", "US", { invests: true }),
  bank("bank-relinks", "Moving Ids Bank", "US", { relinks: true }),
  bank("bank-relinks-alike", "Twin Savings Bank", "US", { relinks: true, alike: true, lacks: ["NUM"] }),
  bank("bank-relinks-exchanges", "Changing Accounts Bank", "US", { relinks: true, exchanges: true }),
  bank("bank-no-identifiers", "No Identifiers Bank", "US", { lacks: ["NUM"] }),
  bank("bank-lost-post", "Lost Post Bank", "US", { post: "lost" }),
  bank("bank-doubled-post", "Doubled Post Bank", "US", { post: "doubled" }),
  bank("bank-late-post", "Late Post Bank", "US", { post: "late" }),
  bank("bank-disordered-post", "Disordered Post Bank", "US", { post: "disordered" }),
  bank("bank-forged-post", "Forged Post Bank", "US", { post: "forged" }),
];

/** The reason names the house; where a reason is not unique, the status stands before it. */
function ofRow(row: BankRow): Bank {
  const [status = "", reason = ""] = row.split("/");
  const words = (reason === "OTHER" ? `${status}_OTHER` : reason).toLowerCase().split("_");
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
  return bank(`bank-${words.join("-")}`, `${name} Bank`, "US", { row });
}

export const BANKS: readonly Bank[] = [...ordinary, ...BANK_ROWS.map(ofRow), ...habitual];

const byId: ReadonlyMap<string, Bank> = new Map(BANKS.map((one) => [one.id, one]));

export const bankOf = (id: string): Bank | undefined => byId.get(id);
