// A page of 500 transactions taken in as a run takes it in: read as JSON, held against its shape, matched, written with
// the cursor behind it, counted for the event at the run's end. Beside it the plainest upsert of the same rows in one
// statement, into a table with two indexes and into the gateway's own; beside a page that is new, the same page told
// once more.

import pg from "pg";
import { beginRun } from "../../src/actions/begin-run.ts";
import type { Gateway } from "../../src/actions/gateway.ts";
import { readTransactions } from "../../src/actions/read-transactions.ts";
import { nothingFound } from "../../src/actions/run.ts";
import { takeObservation } from "../../src/actions/take-observation.ts";
import type { Home } from "../../src/core/ids.ts";
import { realDoor } from "../../src/door.ts";
import { sandbox } from "../../src/providers/sandbox/sandbox.ts";
import { accountsOf } from "../../src/store/accounts.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { claimTask } from "../../src/store/tasks.ts";
import { type BenchGateway, startGateway } from "./parts/gateway.ts";
import { median, type Report } from "./parts/report.ts";

export const name = "ingest";

const ROWS = 500;
const BARE_TABLE = `create table bare (home bigint not null, id text not null, account_id text not null,
  ref text not null, amount numeric not null, currency text not null, description text not null,
  category text not null, status text not null, transaction_date date not null, posted_date date,
  changed_at timestamptz not null, primary key (home, id), unique (home, account_id, ref))`;
const BARE = (table: string) => `insert into ${table} (home, id, account_id, ref, amount, currency, description,
    category, status, transaction_date, posted_date, changed_at)
  select * from jsonb_to_recordset($1) as n (home bigint, id text, account_id text, ref text, amount numeric,
    currency text, description text, category text, status text, transaction_date date, posted_date date,
    changed_at timestamptz)
  on conflict (home, account_id, ref) do update set amount = excluded.amount, currency = excluded.currency,
    description = excluded.description, category = excluded.category, status = excluded.status,
    transaction_date = excluded.transaction_date, posted_date = excluded.posted_date, changed_at = excluded.changed_at`;

interface Line {
  home: Home;
  link: string;
  /** The bank's own name of the account, and ours. */
  account: string;
  id: string;
}

export async function run(report: Report, small: boolean): Promise<void> {
  const [pages, rounds] = small ? [2, 1] : [10, 7];
  const gateway = await startGateway();
  const db = openDatabase(gateway.sql.options, () => undefined);
  const pool = new pg.Pool({ ...gateway.sql.options, max: 1 });
  // A session that is still closing when the database goes is told so, and nobody needs to know.
  pool.on("error", () => undefined);
  try {
    await pool.query(BARE_TABLE);
    const line = await linked(gateway);
    const [fresh, same, bare, ours]: [number[], number[], number[], number[]] = [[], [], [], []];
    let written = 0;
    for (let round = 0; round <= rounds; round++) {
      // Every round begins as a customer's first read does, and ends with a history as long as people's are.
      await pool.query("truncate transaction, bare");
      const told = Array.from({ length: pages }, (_, page) => entriesOf(line.account, `${round} ${page}`));
      const [news, retold] = [answers(told, `a${round}`), answers(told, `b${round}`)];
      const first = await timed(() => takeIn(db, line, news));
      const since = await nextTransaction(gateway);
      const again = await timed(() => takeIn(db, line, retold));
      const rewritten = await writtenSince(gateway, since);
      const bareInto = async (table: string) => {
        for (const page of told) await upsert(pool, table, line, page);
      };
      const plain = await timed(() => bareInto("bare"));
      await pool.query("truncate transaction");
      const inOurs = await timed(() => bareInto("transaction"));
      const all = [first, again, plain, inOurs];
      report.progress(`round ${round} of ${rounds}: ${all.map((ms) => (ms / pages).toFixed(1)).join(", ")} ms`);
      // The first round warms both up.
      if (round === 0 && !small) continue;
      written += rewritten;
      fresh.push(first / pages);
      same.push(again / pages);
      bare.push(plain / pages);
      ours.push(inOurs / pages);
    }
    const perSecond = (all: readonly number[]) => all.map((ms) => 1000 / ms);
    for (const [name, of] of [["bare upsert", bare] as const, ["the same into our table", ours] as const]) {
      report.ratio(`new pages of ${ROWS}`, perSecond(fresh), "/s", { name, value: perSecond(of) }, { atLeast: 0.5 });
    }
    const asNew = { name: "new", value: perSecond(fresh) };
    report.ratio("unchanged pages", perSecond(same), "/s", asNew, { atLeast: 5 });
    report.figure("rows of transactions written by unchanged pages", written, "rows");
    report.figure("one new page", median(fresh), "ms");
  } finally {
    await pool.end();
    await db.close();
    await gateway.stop();
  }
}

async function linked(gateway: BenchGateway): Promise<Line> {
  const { id } = await gateway.ask("POST", "/sandbox/connections", {
    externalCustomerId: "ingest",
    products: ["TRANSACTIONS"],
  });
  for (;;) {
    const { rows } = await gateway.sql.query<Line>(
      `select c.home, c.provider_connection_id as link, a.ref as account, a.id from connection c
         join account a on a.home = c.home and a.provider_connection_id = c.provider_connection_id
         join provider_connection p on p.home = c.home and p.id = c.provider_connection_id
         join task t on t.home = p.home and t.subject = p.id and t.kind = 'aggregate'
        where c.id = $1 and p.last_sent_at is not null and p.running is null and t.lease_until < now()
        order by a.ref limit 1`,
      [id],
    );
    if (rows[0]) return rows[0];
    await realDoor().wait(50);
  }
}

/** What the bank answers with these pages; `from` tells these places from every other's. */
const answers = (told: readonly object[][], from: string): string[] =>
  told.map((added, page) => {
    const asof = Math.floor(Date.now() / 1000);
    const more = page < told.length - 1;
    return JSON.stringify({
      reply: { added, changed: [], gone: [], more, place: `${from} ${page}`, faults: [], asof },
    });
  });

/** One run that the bank answers so. */
async function takeIn(db: Database, { home, link }: Line, texts: string[]): Promise<void> {
  const door = { ...realDoor(), fetch: async () => new Response(texts.shift()) };
  const provider = sandbox({ baseUrl: "http://farm", key: "" });
  const gateway = {
    db,
    door,
    providers: new Map([["SANDBOX", provider]]),
    count: { call: () => undefined },
    poke: () => undefined,
  } as unknown as Gateway;
  const task = await claimTask(db, home, link, "aggregate", door.wall(), door.wall() + 60_000);
  const work = task && (await beginRun(gateway, task, "run"));
  if (!work) throw new Error("the benchmark's connection is in other hands");
  const accounts = new Map((await accountsOf(db, home, link)).map(({ ref, id }) => [ref, id]));
  const found = { ...nothingFound(), accounts };
  const held = { ref: work.held.ref, credential: "", products: work.asked };
  await readTransactions(work, found, held, provider.readTransactions);
  if (found.told.length > 0) throw new Error(`a page was not taken in: ${JSON.stringify(found.told)}`);
  await takeObservation(work, found);
}

const entriesOf = (acct: string, page: string): object[] =>
  Array.from({ length: ROWS }, (_, n) => ({
    no: `entry ${page} ${n}`,
    acct,
    minor: -100 - n,
    cur: 840,
    text: `Coffee and a book, number ${n}`,
    sort: "meals",
    booked: true,
    day: 20_260_101 + (n % 28),
    bookday: 20_260_201 + (n % 28),
  }));

const upsert = (pool: pg.Pool, table: string, { home, id }: Line, page: readonly object[]) =>
  pool.query({
    name: table,
    text: BARE(table),
    values: [
      JSON.stringify(
        (page as { no: string; text: string }[]).map(({ no, text }, n) => ({
          home,
          id: `id of ${no}`,
          account_id: id,
          ref: no,
          amount: "1.00",
          currency: "USD",
          description: text,
          category: "FOOD_AND_DRINK",
          status: "POSTED",
          transaction_date: `2026-01-${String((n % 28) + 1).padStart(2, "0")}`,
          posted_date: "2026-02-01",
          changed_at: "2026-02-01T00:00:00Z",
        })),
      ),
    ],
  });

const nextTransaction = async ({ sql }: BenchGateway): Promise<string> =>
  (await sql.query<{ id: string }>("select pg_current_xact_id()::text as id")).rows[0]?.id ?? "";

/** How many rows of transactions a database transaction from that one on has written. */
async function writtenSince({ sql }: BenchGateway, since: string): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(
    "select count(*) as count from transaction where xmin::text::bigint >= $1",
    [since],
  );
  return Number(rows[0]?.count);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
