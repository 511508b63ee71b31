/**
 * Walking through the books from a place to now, page by page. A place says, per account, up to which moment its book
 * has been told; while a walk is under way it also holds the moment at which it began, so that its pages stand still
 * while the clock moves on. Places never grow old.
 */
import type { Instant } from "../../../core/door.ts";
import { accountAt } from "./accounts.ts";
import type { Owner } from "./accounts.ts";
import { dayOf } from "./days.ts";
import type { Day } from "./days.ts";
import { entryAt, purchasesOn, SETTLED_AFTER_DAYS } from "./entries.ts";
import type { Entry } from "./entries.ts";

export const HISTORY_DAYS = 90;

type Step = readonly [place: number, day: Day, slot: number];

export interface Place {
  /** Account's place → told up to. Absent: nothing told yet. */
  told: Record<string, Instant>;
  /** Of a walk under way. */
  under?: { upTo: Instant; accounts: readonly number[]; after: Step };
}

export const START: Place = { told: {} };

export interface Page {
  added: Entry[];
  changed: Entry[];
  gone: string[];
  place: Place;
  /** The moment that this walk tells. */
  upTo: Instant;
  more: boolean;
}

/** `since`: when the line was opened. `accounts`: those that can be told now; the others keep their place. */
export function turnPage(
  owner: Owner,
  since: Instant,
  accounts: readonly number[],
  from: Place,
  now: Instant,
  size: number,
): Page {
  const upTo = from.under?.upTo ?? now;
  const walked = from.under?.accounts ?? accounts;
  const page: Page = { added: [], changed: [], gone: [], place: from, upTo, more: false };
  for (const step of changes(owner, since, walked, from, upTo)) {
    if (page.added.length + page.changed.length + page.gone.length >= size) {
      return { ...page, more: true };
    }
    if (step.before === null && step.after !== null) page.added.push(step.after);
    else if (step.before !== null && step.after?.no === step.before.no) page.changed.push(step.after);
    else {
      // A booking replaces the pending line under a new number: the old number goes on the page that brings the new.
      if (step.before !== null) page.gone.push(step.before.no);
      if (step.after !== null) page.added.push(step.after);
    }
    page.place = { told: from.told, under: { upTo, accounts: walked, after: step.at } };
  }
  const told = { ...from.told, ...Object.fromEntries(walked.map((place) => [String(place), upTo])) };
  return { ...page, place: { told } };
}

function* changes(owner: Owner, since: Instant, walked: readonly number[], from: Place, upTo: Instant) {
  const [afterPlace, afterDay, afterSlot] = from.under?.after ?? [-1, 0, 0];
  for (const place of walked) {
    if (walked.indexOf(place) < walked.indexOf(afterPlace)) continue;
    const resumed = place === afterPlace;
    const told = from.told[String(place)];
    const account = accountAt(owner, place);
    const first = told === undefined ? dayOf(since) - HISTORY_DAYS : dayOf(told) - SETTLED_AFTER_DAYS;
    for (let day = resumed ? afterDay : first; day <= dayOf(upTo); day += 1) {
      for (const made of purchasesOn(owner, account, day)) {
        if (resumed && day === afterDay && made.slot <= afterSlot) continue;
        const before = told === undefined ? null : entryAt(owner, account, made, told);
        const after = entryAt(owner, account, made, upTo);
        if (JSON.stringify(before) === JSON.stringify(after)) continue;
        yield { at: [place, day, made.slot] as Step, before, after };
      }
    }
  }
}

/** Places travel as text that is nobody's business but the farm's. */
export const writePlace = (place: Place): string => Buffer.from(JSON.stringify(place)).toString("base64url");

export function readPlace(text: string): Place | null {
  try {
    const place = JSON.parse(Buffer.from(text, "base64url").toString()) as Place;
    const times = [...Object.values(place.told), place.under?.upTo ?? 0];
    return times.every(Number.isFinite) ? place : null;
  } catch {
    return null;
  }
}
