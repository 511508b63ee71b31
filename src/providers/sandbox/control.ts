/**
 * What only fakes have: a customer who can be played, and banks that misbehave on demand. Used by the gateway's sandbox
 * handles, over HTTP like everything else.
 */
import type { Instant, Millis } from "../../core/door.ts";
import { consentLead, continuedFailures, DAY, HOUR } from "../../core/status/policy.ts";
import type { State } from "../../core/status/table.ts";
import { bad, good } from "../provider.ts";
import type { Answer, Call, LinkSession } from "../provider.ts";
import { ask } from "./client.ts";
import { isBankRow, troubleRow } from "./farm/troubles.ts";
import type { Settings } from "./client.ts";
import * as wire from "./wire.ts";

export interface Customer {
  username: string;
  /** Absent: the right one. */
  password?: string;
  mfa?: string;
  /** The bank's refs of the accounts to share, where the bank lets the customer choose; absent: all. */
  accounts?: readonly string[];
  /** Where the session was opened for no bank in particular. */
  institutionRef?: string;
}

export const RIGHT = { password: "good", mfa: "1234" } as const;

/** The customer's way through an opened session; the proof is for `finishLink` or `finishRepair`. */
export async function login(
  call: Call,
  settings: Settings,
  session: Pick<LinkSession, "page">,
  customer: Customer,
): Promise<Answer<Record<string, string>>> {
  const { username: user, password = RIGHT.password, mfa = RIGHT.mfa, institutionRef: house } = customer;
  const step = (to: "login" | "answer" | "accounts", body: Record<string, unknown>) =>
    ask(call, settings, { to: `POST /sittings/${to}`, body, shape: wire.Step, whose: { scope: "session" } });

  let said = await step("login", { sitting: session.page["sitting"], house, user, password });
  if (said.ok && said.facts.step === "answer" && said.facts.among) {
    said = await step("answer", { sitting: said.facts.sitting, answer: said.facts.among[0] });
  }
  if (said.ok && said.facts.step === "answer") {
    said = await step("answer", { sitting: said.facts.sitting, answer: mfa });
  }
  if (said.ok && said.facts.step === "accounts") {
    const accounts = customer.accounts ?? said.facts.accounts.map(({ no }) => no);
    said = await step("accounts", { sitting: said.facts.sitting, accounts });
  }
  if (!said.ok) return bad(said.trouble);
  if (said.facts.step !== "done") throw new Error(`The farm asked for "${said.facts.step}" twice.`);
  return good({ slip: said.facts.slip });
}

/** The bank that a newcomer starts with: an ordinary one. */
export const FIRST_BANK = "bank-copper-mesa";

/** Whose login a connection is: for linking the same login once more. */
export async function customerOf(call: Call, settings: Settings, ref: string): Promise<Answer<{ username: string }>> {
  const to = `GET /control/lines/${encodeURIComponent(ref)}` as const;
  const known = await ask(call, settings, { to, shape: wire.Known });
  return known.ok ? good({ username: known.facts.user }) : bad(known.trouble);
}

export interface Wanted {
  state: State;
  accountRefs?: readonly string[];
  /** The latest finished link or repair. */
  linkedAt: Instant;
  now: Instant;
}

/** `read`: the next read meets it. `clock`: it takes so long besides, as an ISO 8601 duration. */
export type Reached = { reachedBy: "read" } | { reachedBy: "clock"; advance: string };

/** From now on the bank answers as banks do in that state. A state that no bank can cause is refused as a request. */
export async function trouble(call: Call, settings: Settings, ref: string, wanted: Wanted): Promise<Answer<Reached>> {
  const { state, accountRefs = [] } = wanted;
  const consent = state === "ACTIVE/ACCESS_EXPIRING_SOON" ? consentEnding(wanted) : null;
  const set = await ask(call, settings, {
    to: `PUT /control/lines/${encodeURIComponent(ref)}/trouble`,
    body: { row: state, accounts: accountRefs, ...(consent && { ends: Math.floor(consent.ends / 1000) }) },
    shape: wire.Set,
  });
  if (!set.ok) return bad(set.trouble);
  if (state === "UNRECOVERABLE/CONTINUED_AGGREGATION_FAILURES" && accountRefs.length === 0) {
    // Two days more than the span: retries lie up to a day apart, and one has to fall after it.
    return good({ reachedBy: "clock", advance: duration(continuedFailures.span + 2 * DAY) });
  }
  return good(consent?.reached ?? { reachedBy: "read" });
}

/** Some states are a whole connection's: a consent, the customer's presence, an account that is not shared yet. */
export const hitsAccounts = (state: State): boolean => isBankRow(state) && troubleRow(state).forAccounts !== undefined;

/** The bank answers as if nothing had been. */
export async function heal(call: Call, settings: Settings, ref: string): Promise<Answer<null>> {
  const to = `DELETE /control/lines/${encodeURIComponent(ref)}/trouble` as const;
  const set = await ask(call, settings, { to, shape: wire.Set });
  return set.ok ? good(null) : bad(set.trouble);
}

/**
 * An end of consent that lies within the warning already, where the connection is old enough for it: with `lived`
 * behind and `left` before the end, left ≤ share × (lived + left). Else a consent of three days, whose last third
 * begins after two of them; an hour more, and the connection is safely in it.
 */
function consentEnding({ linkedAt, now }: Wanted): { ends: Instant; reached: Reached } {
  const { most, share } = consentLead;
  const lived = Math.max(0, now - linkedAt);
  const left = 0.9 * Math.min(most, (lived * share) / (1 - share));
  if (left >= HOUR) return { ends: now + left, reached: { reachedBy: "read" } };
  const length = 3 * DAY;
  return { ends: now + length, reached: { reachedBy: "clock", advance: duration(length * (1 - share) + HOUR) } };
}

/** Whole hours, rounded up. */
function duration(length: Millis): string {
  const hours = Math.ceil(length / HOUR - 1e-9);
  const [days, rest] = [Math.floor(hours / 24), hours % 24];
  return `P${days}D${rest === 0 ? "" : `T${rest}H`}`;
}
