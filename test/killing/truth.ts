/** Accounts, balances and entries of a connection, held against the books of its bank as they stood when last read. */
import type pg from "pg";
import { accountAt, balancesOf } from "../../src/providers/sandbox/farm/accounts.ts";
import { dayOf } from "../../src/providers/sandbox/farm/days.ts";
import { type Line, ownerOf } from "../../src/providers/sandbox/farm/line.ts";
import { HISTORY_DAYS } from "../../src/providers/sandbox/farm/walk.ts";
import { SEED } from "../fleet/outside.ts";
import { booksAt } from "../stories/books.ts";

export interface Login {
  home: string;
  id: string;
  ref: string;
  /** When the bank was last read for entries. */
  asOf: number | null;
}

export const LOGINS = `select p.home, p.id, p.ref, (p.health -> 'dataAsOf' ->> 'TRANSACTIONS')::float8 as "asOf"
  from provider_connection p where p.closed_at is null`;

interface Row {
  ref: string;
  amount: string | null;
  at: Date | null;
}

const minor = (amount: string): number => Math.round(Math.abs(Number(amount)) * 100);

/** What differs, a sentence each; and how many rows were compared. */
export async function compare(sql: pg.Pool, login: Login, line: Line | null): Promise<{ bad: string[]; rows: number }> {
  const owner = line && ownerOf(SEED, line);
  if (!line || !owner) return { bad: [`${login.ref} is no line of the banks`], rows: 0 };
  if (login.asOf === null) return { bad: [`${login.id} was never read`], rows: 0 };
  const { rows: accounts } = await sql.query<Row>(
    `select ref, current_amount::text as amount, balances_at as at from account
      where home = $1 and provider_connection_id = $2 and left_at is null`,
    [login.home, login.id],
  );
  const { rows: entries } = await sql.query<{ ref: string; amount: string; description: string }>(
    `select t.ref, t.amount::text, t.description from transaction t
       join account a on a.home = t.home and a.id = t.account_id
      where a.home = $1 and a.provider_connection_id = $2 and t.removed_at is null`,
    [login.home, login.id],
  );
  const there = new Map(line.picked.map((place) => accountAt(owner, place)).map((one) => [one.ref, one]));
  const ours = accounts.map(({ ref, amount, at }) => `${ref} ${amount === null || at === null ? "?" : minor(amount)}`);
  const theirs = [...there.values()].map((account) => {
    const at = accounts.find(({ ref }) => ref === account.ref)?.at ?? null;
    const { kind } = account;
    if (kind === "depot" || at === null) return `${account.ref} ?`;
    return `${account.ref} ${Math.abs(balancesOf(owner, { ...account, kind }, at.getTime()).ledger)}`;
  });
  const books = booksAt(owner, line.picked, dayOf(line.since) - HISTORY_DAYS, login.asOf);
  const bad = [
    ...differ(`accounts of ${login.id}`, ours, theirs),
    ...differ(
      `entries of ${login.id}`,
      entries.map(({ ref, amount, description }) => `${ref} ${minor(amount)} ${description}`),
      books.map(({ no, minor: cents, text }) => `${no} ${Math.abs(cents)} ${text}`),
    ),
  ];
  return { bad, rows: ours.length + entries.length };
}

const some = (list: readonly string[]): string =>
  list
    .slice(0, 2)
    .map((one) => `[${one}] `)
    .join("");

/** Both as often as they are there: a doubled one differs. */
function differ(what: string, ours: string[], theirs: string[]): string[] {
  const [mine, banks] = [ours.sort(), theirs.sort()];
  if (mine.length === banks.length && mine.every((one, at) => one === banks[at])) return [];
  const lost = banks.filter((one) => !mine.includes(one));
  const ghosts = mine.filter((one) => !banks.includes(one));
  return [`${what}: ${mine.length} for ${banks.length}; ${some(lost)}lost, ${some(ghosts)}strange`];
}
