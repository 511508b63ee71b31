/** The counter for standing lines: status, reads of the bank, and the end. */
import type { Instant } from "../../../core/door.ts";
import { accountAt, balancesOf, CURRENCY } from "./accounts.ts";
import type { Owner } from "./accounts.ts";
import type { Want } from "./banks.ts";
import { dayOf, seconds, startOf } from "./days.ts";
import { accountFaults, isPresent, mustBePresent, ownerOf } from "./line.ts";
import type { Line } from "./line.ts";
import type { Json } from "./memory.ts";
import { worthOfAll } from "./depot.ts";
import { holdersOf, numbersOf } from "./numbers.ts";
import { asFields, onLine, refuse, say, textOf } from "./office.ts";
import type { Fields, FarmRequest, Office, Reply } from "./office.ts";
import { consentOver, refusal, statusOf } from "./status.ts";
import { readPlace, START, turnPage, writePlace } from "./walk.ts";
import type { Place } from "./walk.ts";

const PAGE = { usual: 100, most: 500 } as const;

type Turned = { line: Line; reply: Reply };
export type Work = (owner: Owner, line: Line) => Turned;

/** What a grant says under its seal; null: it was not given here. */
export function openGrant(office: Office, request: FarmRequest): { line: string; grant: number; house: string } | null {
  const grant = asFields(office.seal.open("grant", request.headers["x-grant"]));
  if (grant === null) return null;
  return { line: textOf(grant["line"]), grant: Number(grant["grant"]), house: textOf(grant["house"]) };
}

/** Works on the line that the request's grant opens. */
export function withGrant(office: Office, request: FarmRequest, work: Work): Promise<Reply> | Reply {
  const grant = openGrant(office, request);
  if (grant === null) return refuse("BANK-4042");
  return onLine(office, grant.line, (line) => {
    const owner = line === null ? null : ownerOf(office.seed, line);
    if (line === null || owner === null || grant.grant <= line.ended) {
      return { line, reply: refuse("BANK-4040") };
    }
    return work(owner, line);
  });
}

/** Asks nobody: only what makes the farm itself fail is in the way. */
export const status =
  (office: Office): Work =>
  (owner, line) => {
    const answers = line.trouble?.answers;
    if (answers?.kind === "never") return { line, reply: "never" };
    if (answers?.kind === "code" && answers.everywhere) return { line, reply: refuse(answers.code) };
    return { line, reply: say({ state: statusOf(owner, line, office.now) }) };
  };

/** What the customer was asked for. */
export const wanted: Work = (_, line) => ({ line, reply: say({ wants: line.wants }) });

/** A paper that says who may come for which account. Only those that can be paid from have one. */
export const pass =
  (office: Office, asked: Fields): Work =>
  (owner, line) => {
    const account = line.picked.map((place) => accountAt(owner, place)).find(({ ref }) => ref === asked["acct"]);
    if (account === undefined) return { line, reply: refuse("BANK-4062") };
    if (account.kind !== "current" && account.kind !== "saver") return { line, reply: refuse("BANK-4051") };
    return {
      line,
      reply: say({ pass: office.seal.close("pass", { acct: account.ref, bearer: asked["bearer"] ?? "" }) }),
    };
  };

/** Ends all grants of the line. The customer's login at the bank goes on, and may be linked again. */
export const close = (owner: Owner, line: Line): Turned => {
  const { trouble: _, ...rest } = line;
  return { line: { ...rest, ended: line.grants }, reply: say({ closed: owner.bank.id }) };
};

export const pull =
  (office: Office): Work =>
  (owner, line) => {
    const asked = line.wants.filter((want) => refusal(owner, line, want) === null);
    return bankRead(office, owner, line, [], (read) => {
      const pulled = { ...read, asOf: Object.fromEntries(asked.map((want) => [want, office.now])) };
      return { line: pulled, reply: say({ state: statusOf(owner, pulled, office.now) }) };
    });
  };

export const accounts =
  (office: Office): Work =>
  (owner, line) =>
    bankRead(office, owner, line, ["BAL"], (read) => {
      const faults = accountFaults(owner, read);
      const listed = read.picked.map((place): Json => {
        const account = accountAt(owner, place);
        const fault = faults.get(account.ref);
        const told = { no: account.ref, kind: account.kind, title: account.title, tail: account.number.slice(-4) };
        if (fault !== undefined) return { ...told, fault };
        const { kind } = account;
        const balances =
          kind === "depot"
            ? { ledger: worthOfAll(owner, account, read.since, office.now) }
            : balancesOf(owner, { ...account, kind }, office.now);
        return { ...told, cur: CURRENCY[owner.bank.land], ...balances };
      });
      return { line: read, reply: say({ accounts: listed, state: statusOf(owner, read, office.now) }) };
    });

/** Account numbers and holders: of the accounts that answer. */
export const details =
  (office: Office, want: "NUM" | "WHO"): Work =>
  (owner, line) =>
    bankRead(office, owner, line, [want], (read) => {
      const places = answering(owner, read);
      const rows = want === "NUM" ? numbersOf(owner, places) : holdersOf(owner, places);
      return { line: read, reply: say({ rows }) };
    });

export const entries =
  (office: Office, request: FarmRequest): Work =>
  (owner, line) => {
    const { after, size = String(PAGE.usual) } = request.query;
    const from = after === undefined ? START : readPlace(after);
    if (from === null) return { line, reply: refuse("BANK-1103") };
    const most = Number(size);
    if (!Number.isInteger(most) || most < 1 || most > PAGE.most) {
      return { line, reply: refuse("BANK-1101", { words: `size: a whole number from 1 to ${PAGE.most}.` }) };
    }
    // The pages of one walk are one read of the bank.
    const counted: readonly Want[] = from.under === undefined ? ["TXN"] : [];
    return bankRead(office, owner, line, counted, (read) => turned(office, owner, read, from, most), "TXN");
  };

function turned(office: Office, owner: Owner, line: Line, from: Place, size: number): Turned {
  const today = dayOf(office.now);
  if (owner.bank.habits.shifts === true && from.under !== undefined && line.shiftedOn !== today) {
    return { line: { ...line, shiftedOn: today }, reply: refuse("BANK-1104") };
  }
  const page = turnPage(owner, line.since, answering(owner, line), from, office.now, size);
  const faults = [...accountFaults(owner, line)].map(([acct, code]) => ({ acct, code }));
  const { added, changed, gone, more } = page;
  const reply = { added, changed, gone, more, place: writePlace(page.place), faults, asof: seconds(page.upTo) };
  return { line, reply: say(reply as unknown as Json) };
}

export const answering = (owner: Owner, line: Line): number[] => {
  const faults = accountFaults(owner, line);
  return line.picked.filter((place) => !faults.has(accountAt(owner, place).ref));
};

/** A read that goes through to the bank: everything that can be in its way, and then the read itself. */
export function bankRead(
  office: Office,
  owner: Owner,
  before: Line,
  counted: readonly Want[],
  read: (line: Line) => Turned,
  want: Want | undefined = counted[0],
): Turned {
  const { now } = office;
  const { habits } = owner.bank;
  const called: Line = { ...before, calls: before.calls + 1 };
  const answers = before.trouble?.answers;
  if (answers?.kind === "never") return { line: called, reply: "never" };
  if (answers?.kind === "code") return { line: called, reply: refuse(answers.code) };
  if (consentOver(owner, before, now)) return { line: called, reply: refuse("BANK-4012") };
  const present = isPresent(before, now);
  if (mustBePresent(owner.bank, before) && !present) return { line: called, reply: refuse("BANK-4031") };
  const stumbles = habits.flaky !== undefined && called.calls % habits.flaky === 0;
  if (stumbles) return { line: called, reply: refuse("BANK-5001") };
  const refused = want === undefined || want === "BAL" ? null : refusal(owner, before, want);
  if (refused !== null) return { line: called, reply: refuse(refused) };
  const used = usedToday(called, now);
  if (habits.perDay !== undefined && !present) {
    for (const one of counted) {
      const reads = (used.reads[one] ?? 0) + 1;
      if (reads > habits.perDay) {
        return { line: called, reply: refuse("BANK-3001", { again: startOf(used.day + 1) }) };
      }
      used.reads[one] = reads;
    }
  }
  const asOf = { ...called.asOf, ...Object.fromEntries(counted.map((one) => [one, now])) };
  const { line, reply } = read({ ...called, used, asOf });
  return { line, reply: reply === "never" || habits.slow === undefined ? reply : { ...reply, after: habits.slow } };
}

function usedToday(line: Line, now: Instant): { day: number; reads: Partial<Record<Want, number>> } {
  const day = dayOf(now);
  return { day, reads: line.used.day === day ? { ...line.used.reads } : {} };
}
