// What the farm tells of a line without asking the bank: its state as it stands, in the farm's words.
import type { Instant } from "../../../core/door.ts";
import type { Owner } from "./accounts.ts";
import type { Want } from "./banks.ts";
import { offers, WANTS } from "./banks.ts";
import { seconds } from "./days.ts";
import { accountFaults, consentEnd, mustBePresent, placesAt } from "./line.ts";
import type { Line } from "./line.ts";
import type { Json } from "./memory.ts";

export function statusOf(owner: Owner, line: Line, now: Instant): Json {
  const ends = consentEnd(owner.bank, line);
  const standing = standingOf(owner, line, now);
  const asOf = Object.entries(line.asOf).map(([want, at]) => [want, seconds(at)] as const);
  return {
    present: mustBePresent(owner.bank, line),
    ends: ends === null ? null : seconds(ends),
    more: placesAt(owner, line, now).length > line.offered,
    // Told only while it is so; the opposite comes as a code.
    reached: standing.some(({ code }) => code === "BANK-5061") ? undefined : true,
    standing,
    lacks: WANTS.filter((want) => refusal(owner, line, want) !== null && line.wants.includes(want)),
    asof: Object.fromEntries(asOf),
  };
}

/** The codes that reads would meet now. */
function standingOf(owner: Owner, line: Line, now: Instant): { code: string; acct?: string }[] {
  const standing: { code: string; acct?: string }[] = [];
  const { trouble } = line;
  if (trouble?.answers.kind === "code") standing.push({ code: trouble.answers.code });
  if (consentOver(owner, line, now)) standing.push({ code: "BANK-4012" });
  for (const [acct, code] of accountFaults(owner, line)) standing.push({ code, acct });
  return standing;
}

export function consentOver(owner: Owner, line: Line, now: Instant): boolean {
  const ends = consentEnd(owner.bank, line);
  return ends !== null && now >= ends;
}

/** Why this line cannot be asked for that at all; null: it can. */
export function refusal(owner: Owner, line: Line, want: Want): "BANK-4051" | "BANK-4052" | null {
  if (!offers(owner.bank, want)) return "BANK-4051";
  return line.wants.includes(want) ? null : "BANK-4052";
}
