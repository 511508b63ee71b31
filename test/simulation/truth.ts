/** In the end: what the gateway has is what the banks have, and what was promised was kept. */
import { DAY, HOUR } from "../../src/core/status/policy.ts";
import { accountAt, balancesOf } from "../../src/providers/sandbox/farm/accounts.ts";
import { dayOf } from "../../src/providers/sandbox/farm/days.ts";
import { asLine, ownerOf } from "../../src/providers/sandbox/farm/line.ts";
import { HISTORY_DAYS } from "../../src/providers/sandbox/farm/walk.ts";
import { booksAt } from "../stories/books.ts";
import { AT_LAST, oneStatement } from "./invariants.ts";
import type { People } from "./people.ts";
import { Broken, type World } from "./world.ts";

export async function atLast(world: World, people: People): Promise<void> {
  const { bank, scheduler } = world;
  const now = scheduler.now();
  const fail = (sentence: string): void => world.breaks(new Broken(sentence));
  const { rows: broken } = await bank.monitor.query<{ name: string; detail: string }>(oneStatement(AT_LAST), [
    new Date(now).toISOString(),
  ]);
  for (const { name, detail } of broken) fail(`${name}: ${detail}`);

  await promisesAreKept(world, people, fail);
  await isDelivered(world, fail);
  await noSecretIsOutside(world, fail);
  const { rows: logins } = await bank.monitor.query<Login>(LOGINS);
  for (const login of logins) await isTrue(world, login, fail);
}

interface Login {
  home: string;
  id: string;
  ref: string;
  state: string;
  asked: string[];
  asOf: number | null;
  /** Not before: the bank has named a limit. */
  allowed: number | null;
}

const LOGINS = `select p.home, p.id, p.ref, c.state, c.products as asked,
    p.next_refresh_allowed_at as allowed,
    (p.health -> 'dataAsOf' ->> 'TRANSACTIONS')::float8 as "asOf"
  from provider_connection p join connection c on c.home = p.home and c.provider_connection_id = p.id
  where p.closed_at is null and c.deleted_at is null and c.reason is distinct from 'INACTIVE_DUPLICATE'
    and c.finished_at is not null`;

/** What time alone brings although nothing goes wrong. */
const WELL = new Set(["ACTIVE", "ACTIVE/NEW_ACCOUNTS_AVAILABLE", "ACTIVE/ACCESS_EXPIRING_SOON"]);
/** At a bank that stumbles at every seventh call, in peace too, this may be so at any moment. */
const STUMBLED = "DEGRADED/INSTITUTION_CURRENTLY_UNAVAILABLE";
const LATE = 8.5 * HOUR;

async function isTrue(world: World, login: Login, fail: (sentence: string) => void): Promise<void> {
  const { bank, scheduler } = world;
  const line = asLine(await world.line(login.ref));
  const owner = line && ownerOf(world.farmSeed, line);
  if (!line || !owner) return fail(`rows are the banks' truth: ${login.ref} is no line`);
  if (login.state === STUMBLED && owner.bank.habits.flaky !== undefined) return;
  if (!WELL.has(login.state)) return fail(`all is well in the end: ${login.id} is ${login.state}`);

  const { rows: accounts } = await bank.monitor.query<Row>(
    `select id, ref, current_amount::text as amount, balances_at as "balancesAt" from account
      where home = $1 and provider_connection_id = $2 and left_at is null`,
    [login.home, login.id],
  );
  const isLimited = login.allowed !== null && scheduler.now() - login.allowed < LATE;
  // Linked when the day's reads were used up already: it was never read yet.
  if (isLimited && accounts.length === 0) return;
  const there = line.picked.map((place) => accountAt(owner, place));
  const refs = new Set(there.map(({ ref }) => ref));
  if (accounts.length !== there.length || accounts.some(({ ref }) => !refs.has(ref)))
    fail(`rows are the banks' truth: the accounts of ${login.id} at ${line.house}: ${accounts.length} of ${refs.size}`);
  for (const { ref, amount, balancesAt } of accounts) {
    const account = there.find((one) => one.ref === ref);
    if (!account || account.kind === "depot" || amount === null || balancesAt === null) continue;
    const { kind } = account;
    const { ledger } = balancesOf(owner, { ...account, kind }, balancesAt);
    if (Math.round(Math.abs(Number(amount)) * 100) !== Math.abs(ledger))
      fail(`rows are the banks' truth: ${ref}'s balance`);
  }
  if (!login.asked.includes("TRANSACTIONS")) return;
  const { asOf } = login;
  if (asOf === null || (!isLimited && scheduler.now() - asOf > LATE))
    return fail(
      `refreshed within its cadence: ${login.id} at ${line.house}, ` +
        (asOf === null ? "never" : new Date(asOf).toISOString()),
    );
  const oldest = dayOf(line.since) - HISTORY_DAYS;
  const books = booksAt(owner, line.picked, oldest, asOf);
  // What an earlier link told, and is older than all that this one tells, is history that stays.
  const { rows: entries } = await bank.monitor.query<{ ref: string; amount: string; description: string }>(
    `select t.ref, t.amount::text, t.description from transaction t join account a
       on a.home = t.home and a.id = t.account_id
      where a.home = $1 and a.provider_connection_id = $2 and a.left_at is null
       and t.removed_at is null and not (t.earlier and t.transaction_date <= $3::date)`,
    [login.home, login.id, new Date(oldest * DAY).toISOString().slice(0, 10)],
  );
  const truth = new Map(books.map(({ no, minor, text }) => [no, `${(minor / 100).toFixed(2)} ${text}`]));
  const ours = new Map(entries.map(({ ref, amount, description }) => [ref, { amount: Number(amount), description }]));
  const lost = [...truth.keys()].filter((no) => !ours.has(no));
  const ghosts = [...ours.keys()].filter((no) => !truth.has(no));
  if (lost.length + ghosts.length > 0)
    return fail(
      `rows are the banks' truth: ${login.id} at ${line.house} lacks ${lost.length} entries (${lost[0]}), ` +
        `has ${ghosts.length} that are none (${ghosts[0]}), as of ${new Date(asOf).toISOString()}`,
    );
  for (const { no, minor, text } of books) {
    const row = ours.get(no);
    if (row && (Math.round(Math.abs(row.amount) * 100) !== Math.abs(minor) || row.description !== text))
      return fail(`rows are the banks' truth: ${no} reads ${row.amount} ${row.description}`);
  }
}

interface Row {
  id: string;
  ref: string;
  amount: string | null;
  balancesAt: number | null;
}

/** Where no connection is that was linked, and whose deletion nobody asked for. */
const LEFT = new Set(["EXPIRED", "IN_PROGRESS", "DELETED"]);

/** What a client was answered with a yes is so. */
async function promisesAreKept({ bank }: World, people: People, fail: (sentence: string) => void): Promise<void> {
  const { rows } = await bank.monitor.query<{ id: string; state: string }>("select id, state from connection");
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  for (const [id, { fate }] of people.promised) {
    const state = states.get(id);
    if (state === undefined) fail(`what was acknowledged is there: ${id} is not`);
    else if (fate === "gone" && state !== "DELETED") fail(`what was deleted is gone: ${id} is ${state}`);
    else if (fate === "kept" && LEFT.has(state)) fail(`what was linked stays: ${id} is ${state}`);
  }
}

/** Each event was taken with a 2xx by every endpoint that wanted it. */
async function isDelivered({ bank, receiver }: World, fail: (sentence: string) => void): Promise<void> {
  const { rows } = await bank.monitor.query<{ id: string; url: string }>(
    `select d.event_id as id, w.url from delivery d join webhook_profile w on w.id = d.profile_id
      where d.status = 'DELIVERED'`,
  );
  for (const { id, url } of rows)
    if (!receiver.taken.get(url)?.has(id)) fail(`delivered means received: ${id} never came to ${url}`);
  const { rows: made } = await bank.monitor.query<{ id: string }>(
    `select e.id from event e, webhook_profile w where e.position <= w.cursor and e.at > w.created_at
      and not exists (select from delivery d where d.profile_id = w.id and d.event_id = e.id)`,
  );
  for (const { id } of made) fail(`every event is delivered: ${id} was never on its way`);
}

/** Sealed columns aside, no table has one of them in clear. */
async function noSecretIsOutside({ bank, watch }: World, fail: (sentence: string) => void): Promise<void> {
  const { rows: tables } = await bank.monitor.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  for (const { name } of tables) {
    const { rows } = await bank.monitor.query<{ text: string }>(`select t::text as text from "${name}" t`);
    const all = rows.map(({ text }) => text).join("\n");
    const hex = (secret: string) => Buffer.from(secret).toString("hex");
    for (const secret of watch.secrets)
      if (all.includes(secret) || all.includes(hex(secret)))
        fail(`no secret outside its column: one stands in ${name}`);
  }
}
