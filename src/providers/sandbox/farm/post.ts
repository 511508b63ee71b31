/**
 * What the farm posts to whoever opened a line: that something happened there, and never what. A letter is written into
 * the line's own document at the moment of what it tells; what time alone brings (a purchase, an end of consent, a new
 * account) is written when it is looked for. Then it is posted, in the way that the house has.
 */
import type { Instant } from "../../../core/door.ts";
import { HOUR, MINUTE } from "../../../core/status/policy.ts";
import { SIGNATURE_HEADER } from "../signature.ts";
import { accountAt, type Owner } from "./accounts.ts";
import type { PostHabit } from "./banks.ts";
import { dayOf, seconds } from "./days.ts";
import { mark } from "./draw.ts";
import { purchasesOn } from "./entries.ts";
import type { Letter, Tidings } from "./letter.ts";
import { consentEnd, type Line, ownerOf } from "./line.ts";
import { onLine, type Office, say } from "./office.ts";
import { signLetter } from "./post-key.ts";
import { consentOver } from "./status.ts";

export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** Purchases are told together. */
const GATHERED = HOUR;
const LATE = 3 * HOUR;
/** An older letter is held back until a newer one has gone out, or for so long. */
const HELD_BACK = HOUR;
/** After a try that was not received: half a minute, then four times as long each. */
const MOST_TRIES = 5;
const again = (tries: number): number => (MINUTE / 2) * 4 ** (tries - 1);
/** How far ahead purchases are looked for. A shopless week is a long one. */
const AHEAD_DAYS = 35;

/** From now on this address is told of the line. */
export const subscribed = (line: Line, url: string, now: Instant): Line =>
  url === "" ? line : { ...line, post: { written: 0, seen: now, gathered: now, letters: [], ...line.post, url } };

/** The line with the letter written, in the way of the house; without an address nothing is. */
export function write(owner: Owner, ref: string, line: Line, tidings: Tidings, happened: Instant): Line {
  const { post } = line;
  if (post === undefined) return line;
  const id = `lt_${mark(owner.seed, ref, line.since, post.written, "letter")}`;
  const letter: Letter = { id, tidings, happened, at: happened, tries: 0 };
  const { letters, written } = post;
  const next = placed(owner.bank.habits.post, letter, letters, written);
  return { ...line, post: { ...post, written: written + 1, letters: next } };
}

function placed(habit: PostHabit | undefined, letter: Letter, letters: readonly Letter[], written: number): Letter[] {
  switch (habit) {
    case "lost":
      return [...letters];
    case "doubled":
      return [...letters, letter, letter];
    case "late":
      return [...letters, { ...letter, at: letter.at + LATE }];
    case "disordered":
      // Every second letter overtakes the one before it.
      if (written % 2 === 0) return [...letters, { ...letter, at: letter.at + HELD_BACK }];
      return [letter, ...letters.map((older) => ({ ...older, at: Math.min(older.at, letter.at + 1000) }))];
    default:
      return [...letters, letter];
  }
}

const isOver = (line: Line): boolean => line.grants === line.ended;

/** When this line's post has to be looked at next; null: never again, as it stands. */
function nextLook(owner: Owner, line: Line): Instant | null {
  const { post } = line;
  if (post === undefined || isOver(line)) return null;
  const bought = firstPurchase(owner, line, post.gathered);
  const times = [
    ...post.letters.map(({ at }) => at),
    ...turns(owner, line).flatMap(({ at }) => (at > post.seen ? [at] : [])),
    ...(bought === null ? [] : [Math.max(bought, post.gathered + GATHERED)]),
  ];
  return times.length === 0 ? null : Math.min(...times);
}

/** What comes at a time that is known beforehand. */
function turns(owner: Owner, line: Line): { tidings: Tidings; at: Instant }[] {
  const ends = consentEnd(owner.bank, line);
  const { opens } = owner.bank.habits;
  return [
    ...(ends === null ? [] : [{ tidings: "consent-over" as const, at: ends }]),
    ...(opens === undefined ? [] : [{ tidings: "more-accounts" as const, at: line.since + opens }]),
  ];
}

function firstPurchase(owner: Owner, line: Line, after: Instant): Instant | null {
  const from = dayOf(after);
  for (let day = from; day < from + AHEAD_DAYS; day += 1) {
    const made = line.picked.flatMap((place) =>
      purchasesOn(owner, accountAt(owner, place), day).flatMap(({ madeAt }) => (madeAt > after ? [madeAt] : [])),
    );
    if (made.length > 0) return Math.min(...made);
  }
  return null;
}

/** What time alone has brought since the last look, written down. */
function lookedAt(owner: Owner, ref: string, line: Line, now: Instant): Line {
  const { post } = line;
  if (post === undefined || now <= post.seen) return line;
  const { kind } = line.trouble?.answers ?? {};
  // A bank that does not answer tells of no purchase; what was bought meanwhile is seen when it is well again.
  const isSilent = kind === "code" || kind === "never" || consentOver(owner, line, now);
  const bought = isSilent ? null : firstPurchase(owner, line, post.gathered);
  const isGathered = bought !== null && bought <= now && now >= post.gathered + GATHERED;
  const happened = [
    ...turns(owner, line).filter(({ at }) => at > post.seen && at <= now),
    ...(isGathered ? [{ tidings: "entries" as const, at: now }] : []),
  ];
  const gathered = isSilent || isGathered ? now : post.gathered;
  const looked: Line = { ...line, post: { ...post, seen: now, gathered } };
  return happened.reduce((so, { tidings, at }) => write(owner, ref, so, tidings, at), looked);
}

/** Tells whoever keeps the farm's times when the line's post is to be looked at. */
export async function ringFor(office: Office, ref: string): Promise<void> {
  if (office.ring === undefined) return;
  const next = await onLine(office, ref, (line) => {
    const owner = line === null ? null : ownerOf(office.seed, line);
    return { line, reply: say(line === null || owner === null ? null : nextLook(owner, line)) };
  });
  const at = next === "never" ? null : (next.body as { reply: Instant | null }).reply;
  if (at !== null) await office.ring(ref, at);
}

/** Posts what is due, and answers when to look again. What is taken out and not sent is lost, as post can be. */
export async function postLine(office: Office, ref: string, send: Send): Promise<Instant | null> {
  const due: Letter[] = [];
  let url = "";
  let habit: PostHabit | undefined;
  await change(office, ref, (owner, line) => {
    const looked = lookedAt(owner, ref, line, office.now);
    const { post } = looked;
    habit = owner.bank.habits.post;
    url = post?.url ?? "";
    due.length = 0;
    if (post === undefined || isOver(looked)) return looked;
    due.push(...post.letters.filter(({ at }) => at <= office.now));
    return { ...looked, post: { ...post, letters: post.letters.filter(({ at }) => at > office.now) } };
  });
  const back: Letter[] = [];
  for (const letter of due) {
    const isReceived = await sent(office, ref, letter, url, send, habit === "forged");
    const tries = letter.tries + 1;
    if (!isReceived && tries < MOST_TRIES) back.push({ ...letter, tries, at: office.now + again(tries) });
  }
  let next: Instant | null = null;
  await change(office, ref, (owner, line) => {
    const { post } = line;
    const kept = post && back.length > 0 ? { ...line, post: { ...post, letters: [...post.letters, ...back] } } : line;
    next = nextLook(owner, kept);
    return kept;
  });
  return next;
}

async function sent(office: Office, ref: string, letter: Letter, url: string, send: Send, forged: boolean) {
  const { id, tidings, happened } = letter;
  const body = JSON.stringify({ letter: id, line: ref, news: tidings, happened: seconds(happened) });
  const signature = signLetter(office, office.wall, url, body, forged);
  const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signature };
  return send(url, { method: "POST", headers, body }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}

async function change(office: Office, ref: string, turn: (owner: Owner, line: Line) => Line): Promise<void> {
  await onLine(office, ref, (line) => {
    const owner = line === null ? null : ownerOf(office.seed, line);
    return { line: line === null || owner === null ? line : turn(owner, line), reply: say(null) };
  });
}
